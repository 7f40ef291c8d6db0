using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Core.Rules;

/// <summary>What a user gave of a floating IP, to create or to update one.</summary>
public sealed record FloatingIpRequest
{
    public Optional<string> ProjectId { get; init; }

    public Optional<string> Description { get; init; }

    public Id<Network> FloatingNetworkId { get; init; }

    public Optional<IpAddress?> FloatingAddress { get; init; }

    /// <summary>The external network's subnet to take the address from.</summary>
    public Optional<Id<Subnet>?> SubnetId { get; init; }

    /// <summary>Null: associated with none.</summary>
    public Optional<Id<Port>?> PortId { get; init; }

    public Optional<IpAddress?> FixedAddress { get; init; }
}

using Tapline.Core.Primitives;

namespace Tapline.Core.Model;

/// <summary>An address of an external network that a router translates to a port's fixed address, both ways.</summary>
public sealed record FloatingIp : Resource
{
    public required Id<FloatingIp> Id { get; init; }

    public override ResourceKey Key => new(ResourceType.FloatingIp, Id.ToString());

    public required Id<Network> FloatingNetworkId { get; init; }

    public required IpAddress FloatingAddress { get; init; }

    /// <summary>The helper port (<c>network:floatingip</c>) that holds the address on the external network.</summary>
    public required Id<Port> FloatingPortId { get; init; }

    /// <summary>Port, fixed address and router are set together or not at all.</summary>
    public Id<Port>? PortId { get; init; }

    public IpAddress? FixedAddress { get; init; }

    public Id<Router>? RouterId { get; init; }
}

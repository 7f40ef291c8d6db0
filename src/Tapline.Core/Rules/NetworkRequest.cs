using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Core.Rules;

/// <summary>What a user gave of a network, to create or to update one.</summary>
public sealed record NetworkRequest
{
    public Optional<string> ProjectId { get; init; }

    public Optional<string> Name { get; init; }

    public Optional<string> Description { get; init; }

    public Optional<bool> AdminStateUp { get; init; }

    public Optional<bool> Shared { get; init; }

    public Optional<bool> External { get; init; }

    public Optional<bool> PortSecurityEnabled { get; init; }

    /// <summary>Null or 0: what fits the network's type.</summary>
    public Optional<int?> Mtu { get; init; }

    public Optional<NetworkType?> Type { get; init; }

    public Optional<string?> PhysicalNetwork { get; init; }

    public Optional<int?> SegmentationId { get; init; }
}

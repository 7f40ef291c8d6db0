using Tapline.Core.Primitives;

namespace Tapline.Core.Model;

/// <summary>A guest that Tapline itself runs on a host, with one VIF for each of its ports.</summary>
public sealed record Instance : Resource
{
    public required Id<Instance> Id { get; init; }

    public override ResourceKey Key => new(ResourceType.Instance, Id.ToString());

    public required string HostId { get; init; }

    /// <summary>In the order of eth0, eth1 …</summary>
    public ValueList<Id<Port>> PortIds { get; init; }

    /// <summary>Those of its ports that were made with it and go with it; the others are the user's.</summary>
    public ValueList<Id<Port>> OwnPortIds { get; init; }
}

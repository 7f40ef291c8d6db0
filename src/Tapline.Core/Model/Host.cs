using Tapline.Core.Primitives;

namespace Tapline.Core.Model;

/// <summary>A machine with an agent, as the agent described it at registration.</summary>
public sealed record Host : Resource
{
    public override ResourceKey Key => new(ResourceType.Host, Name);

    /// <summary>Which provider bridge carries which physical network.</summary>
    public ValueList<BridgeMapping> BridgeMappings { get; init; }
}

/// <summary>Physical network label and the Open vSwitch bridge that owns its NIC; the NIC is null where the bridge is internal.</summary>
public sealed record BridgeMapping(string PhysicalNetwork, string Bridge, string? Nic);

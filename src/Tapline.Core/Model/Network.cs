using Tapline.Core.Primitives;

namespace Tapline.Core.Model;

/// <summary>A layer-2 segment.</summary>
public sealed record Network : Resource
{
    public required Id<Network> Id { get; init; }

    public override ResourceKey Key => new(ResourceType.Network, Id.ToString());

    public bool AdminStateUp { get; init; } = true;

    public bool Shared { get; init; }

    /// <summary><c>router:external</c>: routers may have their gateway here, floating IPs come from here.</summary>
    public bool External { get; init; }

    public bool IsDefault { get; init; }

    public int Mtu { get; init; } = 1500;

    /// <summary>What new ports of this network get.</summary>
    public bool PortSecurityEnabled { get; init; } = true;

    public required NetworkType Type { get; init; }

    /// <summary>The label that hosts map to a provider bridge; set for flat and VLAN networks.</summary>
    public string? PhysicalNetwork { get; init; }

    /// <summary>VLAN id (1-4094) or VNI (1-16777215); null for flat and local.</summary>
    public int? SegmentationId { get; init; }

    public string DnsDomain { get; init; } = "";
}

/// <summary>How a network's frames travel between hosts (<c>provider:network_type</c>).</summary>
public enum NetworkType
{
    /// <summary>They do not: the network lives on one host.</summary>
    Local,

    /// <summary>Untagged on the physical network.</summary>
    Flat,

    /// <summary>Tagged on the physical network.</summary>
    Vlan,

    /// <summary>Tunnelled (RFC 7348).</summary>
    Vxlan,
}

using Tapline.Core.Primitives;

namespace Tapline.Core.Model;

/// <summary>A range of addresses on a network, with what DHCP tells its users.</summary>
public sealed record Subnet : Resource
{
    public required Id<Subnet> Id { get; init; }

    public override ResourceKey Key => new(ResourceType.Subnet, Id.ToString());

    public required Id<Network> NetworkId { get; init; }

    /// <summary>Host bits are zero.</summary>
    public required IpPrefix Cidr { get; init; }

    /// <summary>Null where the user asked for none.</summary>
    public IpAddress? GatewayIp { get; init; }

    /// <summary>Inside the CIDR, disjoint, sorted; addresses are allocated from them in order.</summary>
    public ValueList<IpRange> AllocationPools { get; init; }

    public bool EnableDhcp { get; init; } = true;

    public ValueList<IpAddress> DnsNameservers { get; init; }

    public ValueList<HostRoute> HostRoutes { get; init; }

    /// <summary><c>slaac</c>, <c>dhcpv6-stateful</c>, <c>dhcpv6-stateless</c> or null; IPv6 alone.</summary>
    public string? Ipv6RaMode { get; init; }

    public string? Ipv6AddressMode { get; init; }
}

using System.Net;
using System.Net.Sockets;

namespace Tapline.Wire.Netlink;

/// <summary>A route.</summary>
public sealed record RouteInfo
{
    /// <summary>0.0.0.0 or :: for a default route.</summary>
    public required IPAddress Destination { get; init; }

    public required int PrefixLength { get; init; }

    public required IPAddress? Gateway { get; init; }

    public required IPAddress? PreferredSource { get; init; }

    /// <summary>RTA_OIF; 0 if the route names no link (several next hops, or none).</summary>
    public required int LinkIndex { get; init; }

    /// <summary>Who made it: RTPROT_*, 2 for the kernel itself.</summary>
    public required byte Protocol { get; init; }

    public required int Table { get; init; }

    /// <summary>RTN_*; 1 is unicast.</summary>
    public required byte Type { get; init; }

    /// <summary>The type of service it is for; 0 for any.</summary>
    public byte Tos { get; init; }

    /// <summary>Lower is preferred.</summary>
    public int Metric { get; init; }

    /// <summary>Only for packets from here (IPv6 alone has that); null for any.</summary>
    public IPAddress? Source { get; init; }

    public int SourcePrefixLength { get; init; }

    /// <summary>The route's own MTU.</summary>
    public int? Mtu { get; init; }

    /// <summary>RTNH_F_* of the one next hop.</summary>
    public uint Flags { get; init; }

    /// <summary>LWTUNNEL_ENCAP_*: what leaves by it is wrapped; 0 for none.</summary>
    public int EncapsulationType { get; init; }

    /// <summary>Set on routes with several next hops.</summary>
    public IReadOnlyList<NextHopInfo>? NextHops { get; init; }

    public AddressFamily Family => Destination.AddressFamily;
}

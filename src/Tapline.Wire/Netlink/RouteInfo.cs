using System.Net;
using System.Net.Sockets;

namespace Tapline.Wire.Netlink;

/// <summary>A unicast route of the main table.</summary>
public sealed record RouteInfo
{
    /// <summary>0.0.0.0 or :: for a default route.</summary>
    public required IPAddress Destination { get; init; }

    public required int PrefixLength { get; init; }

    public required IPAddress? Gateway { get; init; }

    public required IPAddress? PreferredSource { get; init; }

    /// <summary>RTA_OIF; 0 if the route names no link (several next hops).</summary>
    public required int LinkIndex { get; init; }

    /// <summary>Who made it: RTPROT_*, 2 for the kernel itself.</summary>
    public required byte Protocol { get; init; }

    public required int Table { get; init; }

    /// <summary>RTN_*; 1 is unicast.</summary>
    public required byte Type { get; init; }

    public AddressFamily Family => Destination.AddressFamily;
}

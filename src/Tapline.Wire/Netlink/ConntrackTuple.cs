using System.Net;

namespace Tapline.Wire.Netlink;

/// <summary>One direction of a tracked connection.</summary>
public sealed record ConntrackTuple
{
    public required IPAddress Source { get; init; }

    public required IPAddress Destination { get; init; }

    public required byte Protocol { get; init; }

    /// <summary>Null for protocols without ports.</summary>
    public ushort? SourcePort { get; init; }

    public ushort? DestinationPort { get; init; }

    /// <summary>Of ICMP and ICMPv6.</summary>
    public ushort? IcmpId { get; init; }

    public byte? IcmpType { get; init; }

    public byte? IcmpCode { get; init; }
}

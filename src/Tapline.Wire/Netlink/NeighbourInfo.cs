using System.Net;

namespace Tapline.Wire.Netlink;

/// <summary>An entry of the ARP or neighbour discovery cache.</summary>
public sealed record NeighbourInfo
{
    public required int LinkIndex { get; init; }

    public required IPAddress Address { get; init; }

    /// <summary>Null while resolution is under way or has failed.</summary>
    public required byte[]? Mac { get; init; }

    public required NeighbourState State { get; init; }

    /// <summary>The kernel answers for that address on this link (<c>ip neigh add proxy</c>).</summary>
    public bool IsProxy { get; init; }
}

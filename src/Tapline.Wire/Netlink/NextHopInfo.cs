using System.Net;

namespace Tapline.Wire.Netlink;

/// <summary>One of several next hops of a route.</summary>
/// <param name="Gateway">Null where the destination is on the link.</param>
/// <param name="LinkIndex">The link to leave by.</param>
/// <param name="Flags">RTNH_F_*.</param>
/// <param name="Weight">Its share among the others, from 1.</param>
public sealed record NextHopInfo(IPAddress? Gateway, int LinkIndex, uint Flags, int Weight);

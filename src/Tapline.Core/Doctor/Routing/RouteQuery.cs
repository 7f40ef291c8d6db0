using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Routing;

/// <summary>What the kernel is asked when it has to find a packet's way.</summary>
/// <param name="Destination">Where to.</param>
/// <param name="Source">Null where the sender has not chosen one yet.</param>
/// <param name="In">The device it came by; null for what the namespace sends itself (rules with <c>iif lo</c> mean those).</param>
/// <param name="Mark">The packet's mark.</param>
public sealed record RouteQuery(IpAddress Destination, IpAddress? Source, string? In, uint Mark)
{
    /// <summary>Only by this device; null for any.</summary>
    public string? Out { get; init; }
}

/// <summary>What a route lookup found.</summary>
public sealed record RouteAnswer
{
    /// <summary>A route's type (<c>unicast</c>, <c>local</c>, <c>broadcast</c>, <c>multicast</c>, <c>unreachable</c>, <c>blackhole</c>, <c>prohibit</c>), or <c>none</c>.</summary>
    public required string Type { get; init; }

    public ObservedRoute? Route { get; init; }

    /// <summary>Of unicast routes.</summary>
    public NextHop? Hop { get; init; }

    /// <summary>The rule that led to the table, or itself refused.</summary>
    public ObservedRule? Rule { get; init; }

    /// <summary>Set where it can not be told: what was not understood.</summary>
    public string? Unknown { get; init; }

    /// <summary>The neighbour to hand the packet to.</summary>
    public IpAddress? NeighbourFor(IpAddress destination) => Hop is null ? null : Hop.Via ?? destination;
}

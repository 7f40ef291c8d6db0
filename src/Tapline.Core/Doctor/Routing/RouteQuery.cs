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

    /// <summary>Type of service.</summary>
    public int Tos { get; init; }

    /// <summary>0 where there is no IP packet: a rule that asks for a protocol is not for it.</summary>
    public int Protocol { get; init; }

    public int SourcePort { get; init; }

    public int DestinationPort { get; init; }

    /// <summary>A packet's way on.</summary>
    /// <param name="packet">The packet; one of ARP is looked up by its addresses alone.</param>
    /// <param name="device">The device it came by; null for what the namespace sends itself.</param>
    public static RouteQuery For(Packet packet, string? device)
    {
        ArgumentNullException.ThrowIfNull(packet);
        var hasPorts = packet.Protocol is Packet.Tcp or Packet.Udp;
        var query = new RouteQuery(packet.Destination, packet.Source, device, packet.IsArp ? 0 : packet.Mark);
        return packet.IsArp ? query : query with
        {
            Tos = packet.Dscp << 2,
            Protocol = packet.Protocol,
            SourcePort = hasPorts ? packet.SourcePort : 0,
            DestinationPort = hasPorts ? packet.DestinationPort : 0,
        };
    }

    /// <summary>What an answer to the packet would ask.</summary>
    public RouteQuery Reversed() =>
        this with { Destination = Source ?? Destination, Source = Destination, SourcePort = DestinationPort, DestinationPort = SourcePort };
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

using Tapline.Core.Doctor.Examining;
using Tapline.Core.Doctor.Tracing;

namespace Tapline.Core.Doctor.Living;

/// <summary>Where a probe that was not answered was seen last.</summary>
/// <param name="Direction"><c>request</c> or <c>reply</c>.</param>
/// <param name="IsArp">The packet itself was never sent: nobody answered who has its next hop.</param>
/// <param name="Last">The last sighting of most of the packets; null where none was seen at all.</param>
/// <param name="Ends">The last sighting of each packet.</param>
internal sealed record Death(string Direction, bool IsArp, Sighting? Last, IReadOnlyList<Sighting> Ends)
{
    private const long Spread = 50_000_000; // nanoseconds until it has come everywhere, before it is asked again

    public static Death Of(World world, Report traced, Recording live)
    {
        var replies = Ending(Copies.Without(world, traced.Reply, live.Replies));
        if (replies.Count > 0)
        {
            return new Death("reply", false, Common(replies), replies);
        }

        var requests = Ending(Copies.Without(world, traced.Request, live.Of(Leg.Request)));
        return requests.Count > 0 ? new Death("request", false, Common(requests), requests) : new Death("request", true, Asked(live), []);
    }

    /// <summary>ARP is flooded, and ends in many places: the one furthest along the way that it should have gone.</summary>
    public Death Along(IEnumerable<Hop> hops, Recording live) =>
        IsArp && Way(hops, isArp: true).FindLast(hop => hop.Saw is { Count: > 0 }) is { } furthest
            ? this with { Last = live.Sightings.LastOrDefault(sighting => sighting.Leg == (furthest.Packet.ArpOperation == 1 ? Leg.ArpRequest : Leg.ArpReply) && sighting.IsAt(furthest.Namespace, furthest.Device)) ?? Last }
            : this;

    /// <summary>The devices of its way, in order: of the probe's own packets, of ARP's where only ARP went.</summary>
    public static List<Hop> Way(IEnumerable<Hop> hops, bool isArp) =>
        [.. hops.Where(hop => hop.Packet.IsArp == isArp)];

    /// <summary>The last station that can be seen before the one where the way ends by what was read; what a switch floods to nobody ends at none.</summary>
    public static Hop? LastVisibleBeforeTheEnd(List<Hop> way)
    {
        var end = way.FindLastIndex(hop => hop.State == HopState.Drop);
        return end < 0
            ? way.FindLast(Seen.IsVisible)
            : way.Take(end).LastOrDefault(hop => Seen.IsVisible(hop) && (hop.Device, hop.Namespace) != (way[end].Device, way[end].Namespace));
    }

    private static List<Sighting> Ending(IEnumerable<Sighting> sightings) =>
        [.. sightings.Where(sighting => sighting is { IsCopy: false, Device: not "lo" }).GroupBy(sighting => sighting.Sequence).Select(group => group.Last())];

    private static Sighting? Common(List<Sighting> ends) =>
        ends.GroupBy(end => (end.Namespace, end.Device)).OrderByDescending(group => group.Count()).Select(group => group.Last()).FirstOrDefault();

    /// <summary>How far the first question came.</summary>
    private static Sighting? Asked(Recording live)
    {
        var first = live.Of(Leg.ArpRequest).FirstOrDefault();
        return live.Of(Leg.ArpRequest).LastOrDefault(sighting => first is not null && sighting.Destination == first.Destination && sighting.At - first.At < Spread);
    }
}

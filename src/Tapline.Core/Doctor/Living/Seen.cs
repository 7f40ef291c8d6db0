using Tapline.Core.Doctor.Tracing;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Living;

/// <summary>Puts what was seen beside each station of a way.</summary>
internal static class Seen
{
    /// <summary>No kernel devices, or none that frames are seen at.</summary>
    private static readonly string[] Blind = ["ovs-bridge", "patch", "stack", "tunnel", "missing", "guest", "outside"];

    /// <summary>A capture there can see what comes by.</summary>
    public static bool IsVisible(Hop hop) => hop.Device.Length > 0 && hop.Device != "lo" && !Blind.Contains(hop.Kind);

    /// <summary>The hops with what was seen at each; <paramref name="isReply"/> tells which way.</summary>
    public static ValueList<Hop> Fill(IEnumerable<Hop> hops, Recording live, bool isReply) =>
        [.. hops.Select(hop => IsVisible(hop) ? hop with { Saw = hop.Packet.IsArp ? Arp(hop, live) : Own(hop, live, isReply) } : hop)];

    /// <summary>The probe's way by what was seen alone, in order of time, a hop a device.</summary>
    public static IEnumerable<Hop> Way(World world, Recording live, Packet like, bool isReply) =>
        from sighting in isReply ? live.Replies : live.Of(Leg.Request)
        where sighting.Device != "lo"
        group sighting by (sighting.Namespace, sighting.Device) into device
        orderby device.Min(sighting => sighting.At)
        let first = device.First()
        let hop = new Hop
        {
            Namespace = first.Namespace,
            Device = first.Device,
            Kind = Hops.KindOf(world, first.Namespace, first.Device),
            Packet = like with { Source = first.Source, Destination = first.Destination },
        }
        select hop with { Saw = Own(hop, live, isReply) };

    private static Saw Own(Hop hop, Recording live, bool isReply)
    {
        var what = isReply ? "reply" : "request";
        var here = (isReply ? live.Replies : live.Of(Leg.Request)).Where(sighting => sighting.IsAt(hop.Namespace, hop.Device)).ToList();
        if (here.Count == 0)
        {
            return Saw.Nothing(what, live.Sent);
        }

        var first = here[0];
        var begun = live.Of(Leg.Request).Where(sighting => sighting.Sequence == first.Sequence).Select(sighting => sighting.At).DefaultIfEmpty(first.At).Min();
        return new Saw(what, Math.Min(live.Sent, here.Select(sighting => sighting.Sequence).Distinct().Count()), live.Sent, first.Source, first.Destination, (first.At - begun) / 1e6);
    }

    private static Saw Arp(Hop hop, Recording live)
    {
        var (leg, what) = hop.Packet.ArpOperation == 1 ? (Leg.ArpRequest, "ARP request") : (Leg.ArpReply, "ARP reply");
        var all = live.Of(leg).Where(sighting => sighting.Destination == hop.Packet.Destination
            || (leg == Leg.ArpReply && sighting.Source == hop.Packet.Source)).ToList();
        var here = all.Where(sighting => sighting.IsAt(hop.Namespace, hop.Device)).ToList();
        var most = all.GroupBy(sighting => (sighting.Namespace, sighting.Device, sighting.IsOutgoing)).Select(group => group.Count()).DefaultIfEmpty(0).Max();
        var count = here.GroupBy(sighting => sighting.IsOutgoing).Select(group => group.Count()).DefaultIfEmpty(0).Max();
        return here.Count == 0 ? Saw.Nothing(what, most) : new Saw(what, count, most, here[0].Source, here[0].Destination, (here[0].At - all[0].At) / 1e6);
    }
}

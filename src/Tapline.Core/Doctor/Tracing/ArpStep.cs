using System.Globalization;
using Tapline.Core.Doctor.Netfilter;
using Tapline.Core.Doctor.Routing;
using Tapline.Core.Host.Observed;

namespace Tapline.Core.Doctor.Tracing;

/// <summary>An ARP frame that has come to a namespace's stack (net/ipv4/arp.c, arp_process).</summary>
internal static class ArpStep
{
    public static Step Take(Walk walk, Hop hop, ObservedNamespace ns, ObservedLink link, Packet packet)
    {
        if (!packet.IsBroadcast && packet.EtherDestination != link.Mac)
        {
            return Step.Stop(hop, new End.Ignored(ns.Name, link.Name, packet, $"it is addressed to {packet.EtherDestination}, and {link.Name} has {link.Mac}"));
        }

        if (link.NoArp)
        {
            return Step.Stop(hop, new End.Ignored(ns.Name, link.Name, packet, $"ARP is turned off on {link.Name}"));
        }

        var context = new FilterContext { Packet = packet, Family = "arp", Hook = HookPoint.Input, In = link.Name, PacketType = packet.IsBroadcast ? "broadcast" : "host" };
        return Hooks.Refused(hop, context, Hooks.Run(walk, ns.Name, context))
            ?? (packet.ArpOperation == 1 ? Asked(walk, hop, ns, link, packet) : Told(hop, ns, link, packet));
    }

    /// <summary>The stack's own rules keep the question back; null where it goes out.</summary>
    public static Branch? Kept(Walk walk, Position.Leaving asked)
    {
        var hop = Hops.At(walk.World, asked);
        var context = new FilterContext { Packet = asked.Packet, Family = "arp", Hook = HookPoint.Output, Out = asked.Device };
        return Hooks.Refused(hop, context, Hooks.Run(walk, asked.Namespace, context)) is { } refused ? new Branch(new Trail(refused.Hops[0], null), refused.Ends[0].End) : null;
    }

    private static Step Told(Hop hop, ObservedNamespace ns, ObservedLink link, Packet packet) =>
        ns.Addresses.Any(address => address.Prefix.Address == packet.Destination)
            ? Step.Stop(hop, new End.Learned(ns.Name, link.Name, packet.ArpSender))
            : Step.Stop(hop, new End.Ignored(ns.Name, link.Name, packet, $"{packet.Destination} is no address of its own"));

    private static Step Asked(Walk walk, Hop hop, ObservedNamespace ns, ObservedLink link, Packet packet)
    {
        var way = RouteLookup.Find(ns, RouteQuery.For(packet, link.Name));
        if (way.Unknown is { } missing)
        {
            return Step.Unsure(hop, missing);
        }

        if (way.Type != "local") // a local route is enough, as lo makes one of the whole prefix of its addresses
        {
            return IsProxied(ns, link, packet, way)
                ? Answer(walk, hop with { Detail = "answers for it (proxy ARP)" }, ns, link, packet)
                : Step.Stop(hop, new End.Ignored(ns.Name, link.Name, packet, $"{packet.Destination} is no address of its own"));
        }

        if (!packet.Source.IsUnspecified && SourceCheck.Of(ns, link.Name, packet, null) is { } refusal)
        {
            return StackFaults.Refused(hop, ns, link.Name, packet, refusal);
        }

        return Quiet(ns, link, packet) is { } why
            ? Step.Stop(hop, new End.Ignored(ns.Name, link.Name, packet, why))
            : Answer(walk, hop, ns, link, packet);
    }

    private static Step Answer(Walk walk, Hop hop, ObservedNamespace ns, ObservedLink link, Packet packet)
    {
        var reply = Arp.Reply(packet, link.Mac);
        var context = new FilterContext { Packet = reply, Family = "arp", Hook = HookPoint.Output, Out = link.Name };
        return Hooks.Refused(hop, context, Hooks.Run(walk, ns.Name, context))
            ?? Step.Stop(hop, new End.Answered(ns.Name, link.Name, new Position.Leaving(ns.Name, link.Name, reply)));
    }

    private static bool IsProxied(ObservedNamespace ns, ObservedLink link, Packet packet, RouteAnswer way) =>
        way is { Type: "unicast", Hop: { } hop } && hop.Device != link.Name
        && Setting(ns, link, "forwarding") > 0
        && (Math.Max(Setting(ns, "all", "proxy_arp"), Setting(ns, link, "proxy_arp")) > 0
            || ns.Neighbours.Any(entry => entry.Proxy && entry.Device == link.Name && entry.Address == packet.Destination));

    /// <summary>arp_ignore and arp_filter.</summary>
    private static string? Quiet(ObservedNamespace ns, ObservedLink link, Packet packet)
    {
        var ignore = Math.Max(Setting(ns, "all", "arp_ignore"), Setting(ns, link, "arp_ignore"));
        var onLink = ns.Addresses.Where(address => address.Device == link.Name && address.Prefix.Address == packet.Destination).ToList();
        var answers = ignore switch
        {
            0 => true,
            1 => onLink.Count > 0,
            2 => onLink.Count > 0 && ns.Addresses.Any(address => address.Device == link.Name && address.Prefix.Contains(packet.Destination) && address.Prefix.Contains(packet.Source)),
            3 => ns.Addresses.Any(address => address.Prefix.Address == packet.Destination && address.Scope != "host"),
            8 => false,
            _ => true,
        };
        if (!answers)
        {
            return $"arp_ignore is {ignore.ToString(CultureInfo.InvariantCulture)} on {link.Name}, so it does not answer for {packet.Destination}";
        }

        var filters = Math.Max(Setting(ns, "all", "arp_filter"), Setting(ns, link, "arp_filter")) > 0;
        return filters && RouteLookup.Find(ns, new RouteQuery(packet.Source, packet.Destination, null, 0)).Hop?.Device != link.Name
            ? $"arp_filter is on, and the way to {packet.Source} is not by {link.Name}"
            : null;
    }

    private static int Setting(ObservedNamespace ns, ObservedLink link, string name) => Setting(ns, link.Name, name);

    private static int Setting(ObservedNamespace ns, string device, string name) =>
        int.TryParse(ns.Sysctl($"net/ipv4/conf/{device}/{name}"), NumberStyles.Integer, CultureInfo.InvariantCulture, out var value) ? value : 0;
}

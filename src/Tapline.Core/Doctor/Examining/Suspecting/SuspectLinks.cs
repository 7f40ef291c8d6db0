using Tapline.Core.Doctor.Tracing;
using Tapline.Core.Host.Observed;

namespace Tapline.Core.Doctor.Examining.Suspecting;

/// <summary>Devices without ARP, what a Linux bridge was told for good, and ports of one that it keeps frames from.</summary>
internal static class SuspectLinks
{
    public static IEnumerable<Suspect> Of(World world, ObservedNamespace ns) =>
        [.. ns.Links.Where(link => link is { NoArp: true, Name: not "lo" }).Select(link => WithoutArp(world, ns, link)),
            .. ns.Fdb.Where(entry => entry.Static && !IsOwn(world, ns, entry)).Select(entry => Told(world, ns, entry)),
            .. ns.Links.Where(link => link.BridgePort is not null).Select(link => KeptApart(world, ns, link)).OfType<Suspect>()];

    private static Suspect WithoutArp(World world, ObservedNamespace ns, ObservedLink link) => new(
        () => world.Otherwise(ns, link with { NoArp = false }),
        new Fault
        {
            Code = "arp.off",
            Namespace = ns.Name,
            Device = link.Name,
            Summary = $"ARP is turned off on {link.Name}{LinkFaults.In(ns.Name)}: it answers nobody's question, and sends to its own hardware address instead of asking",
            Evidence = [$"link {link.Name}: NOARP"],
            Fix = LinkFaults.Host(ns.Name, $"ip link set {link.Name} arp on", "lets it ask and answer"),
        });

    private static Suspect Told(World world, ObservedNamespace ns, ObservedFdbEntry entry) => new(
        () => world.Otherwise(ns with { Fdb = [.. ns.Fdb.Where(other => other != entry)] }),
        new Fault
        {
            Code = "bridge.fdb-wrong",
            Namespace = ns.Name,
            Device = entry.Bridge,
            Summary = $"{entry.Bridge} was told for good that {entry.Mac} is {(entry.Local || entry.Port == entry.Bridge ? "the host's own" : $"behind {entry.Port}")}, where it is not",
            Evidence = [$"fdb of {entry.Bridge}: {entry.Mac} dev {entry.Port}{(entry.Local ? " permanent" : " static")}"],
            Fix = LinkFaults.Host(ns.Name, $"bridge fdb del {entry.Mac} dev {entry.Port} {(entry.Port == entry.Bridge ? "self" : "master")}", "the bridge learns it anew, or floods"),
        });

    /// <summary>Null for a port that takes and gives all that a bridge has.</summary>
    private static Suspect? KeptApart(World world, ObservedNamespace ns, ObservedLink link)
    {
        var port = link.BridgePort!;
        (bool IsSet, string Words)[] flags = [(port.Isolated, "isolated off"), (!port.Flood, "flood on"), (!port.BroadcastFlood, "bcast_flood on"), (!port.MulticastFlood, "mcast_flood on")];
        string[] set = [.. flags.Where(flag => flag.IsSet).Select(flag => flag.Words)];
        return set.Length == 0 ? null : new Suspect(
            () => world.Otherwise(ns, link with { BridgePort = port with { Isolated = false, Flood = true, BroadcastFlood = true, MulticastFlood = true } }),
            new Fault
            {
                Code = "bridge.port-blocked",
                Namespace = ns.Name,
                Device = link.Name,
                Summary = $"{link.Name} is a port of {link.Master} that was set apart: the bridge does not send it all that it has for it",
                Evidence = [.. set.Select(item => $"bridge port {link.Name}: not '{item}'")],
                Fix = LinkFaults.Host(ns.Name, $"bridge link set dev {link.Name} {string.Join(' ', set)}", "as ports of a bridge are from the beginning"),
            });
    }

    private static bool IsOwn(World world, ObservedNamespace ns, ObservedFdbEntry entry) =>
        world.Link(ns.Name, entry.Port)?.Mac == entry.Mac || world.Link(ns.Name, entry.Bridge)?.Mac == entry.Mac;
}

using Tapline.Core.Doctor.Tracing;
using Tapline.Core.Host;
using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Examining.Suspecting;

/// <summary>What a namespace's IP stack was told: neighbours, settings, policy rules, routes, addresses.</summary>
internal static class SuspectStack
{
    private const int UsualHops = 64;
    private static readonly int[] UsualRules = [0, 32766, 32767];

    /// <param name="world">The host.</param>
    /// <param name="ns">Of which namespace.</param>
    /// <param name="asked">Whom the packet is for: a floating IP is not to be taken from its router.</param>
    public static IEnumerable<Suspect> Of(World world, ObservedNamespace ns, IpAddress asked) =>
        [.. ns.Neighbours.Where(entry => entry is { Proxy: false, State: "permanent" or "noarp", Address.IsV6: false }).Select(entry => Neighbour(world, ns, entry)),
            .. ns.Sysctls.Select(setting => Setting(world, ns, setting)).OfType<Suspect>(),
            .. ns.Rules.Where(rule => !rule.IsV6 && !UsualRules.Contains(rule.Priority)).Select(rule => Rule(world, ns, rule)),
            .. ns.Routes.Where(route => route is { Destination.Address.IsV6: false, Protocol: not "kernel", Type: not "broadcast" }).Select(route => Route(world, ns, route)),
            .. ns.Addresses.Where(address => address.Prefix.Address is { IsV6: false, IsLoopback: false } && (address.Prefix.Address != asked || Places.Of(world, ns.Name) != Place.Service)).Select(address => Address(world, ns, address))];

    private static Suspect Neighbour(World world, ObservedNamespace ns, ObservedNeighbour entry) => new(
        () => world.Otherwise(ns with { Neighbours = [.. ns.Neighbours.Where(other => other != entry)] }),
        new Fault
        {
            Code = "neighbour.wrong",
            Namespace = ns.Name,
            Device = entry.Device,
            Summary = $"{StackFaults.Place(ns.Name)} was told for good that {entry.Address} is at {entry.Mac}, which is not its hardware address: what is for it goes astray",
            Evidence = [$"neighbour {entry.Address} dev {entry.Device} lladdr {entry.Mac} {entry.State}{LinkFaults.In(ns.Name)}"],
            Fix = LinkFaults.Host(ns.Name, $"ip neigh del {entry.Address} dev {entry.Device}", "has the kernel ask"),
        });

    /// <summary>Null for what is as it is from the beginning, or of a device that has no address to answer for.</summary>
    private static Suspect? Setting(World world, ObservedNamespace ns, Setting setting)
    {
        var (isArp, isHops) = (setting.Name.EndsWith("/arp_ignore", StringComparison.Ordinal) || setting.Name.EndsWith("/arp_filter", StringComparison.Ordinal), setting.Name == "net/ipv4/ip_default_ttl");
        var usual = isArp ? "0" : isHops ? LinkStep.Number(UsualHops) : null;
        var device = isArp ? setting.Name.Split('/')[^2] : "";
        if (usual is null || setting.Value == usual || (isArp && device != "all" && !ns.Addresses.Any(address => address.Device == device && !address.Prefix.Address.IsV6)))
        {
            return null;
        }

        var name = setting.Name.Replace('.', '\u0001').Replace('/', '.').Replace('\u0001', '/'); // sysctl's own way to write a dot of a device's name
        return new Suspect(
            () => world.Otherwise(ns with { Sysctls = [.. ns.Sysctls.Select(other => other == setting ? other with { Value = usual } : other)] }),
            new Fault
            {
                Code = isArp ? "arp.ignored" : "stack.low-ttl",
                Namespace = ns.Name,
                Device = device,
                Summary = isArp
                    ? $"{StackFaults.Place(ns.Name)} does not answer the ARP questions that it should, by {name}"
                    : $"{StackFaults.Place(ns.Name)} sends with {setting.Value} hops left, which do not last for the way",
                Evidence = [$"sysctl {name} = {setting.Value}{LinkFaults.In(ns.Name)}"],
                Fix = LinkFaults.Host(ns.Name, $"sysctl -w {name}={usual}", "as it is from the beginning"),
            });
    }

    private static Suspect Rule(World world, ObservedNamespace ns, ObservedRule rule) => new(
        () => world.Otherwise(ns with { Rules = [.. ns.Rules.Where(other => other != rule)] }),
        new Fault
        {
            Code = "route.elsewhere",
            Namespace = ns.Name,
            Summary = $"a policy rule of {StackFaults.Place(ns.Name)} leads it another way, where it does not come through",
            Evidence = [$"rule {LinkStep.Number(rule.Priority)}: {rule.Action}{(rule.Action == "lookup" ? $" {LinkStep.Number(rule.Table)}" : "")}{LinkFaults.In(ns.Name)}"],
            Fix = LinkFaults.Host(ns.Name, $"ip rule del priority {LinkStep.Number(rule.Priority)}", "takes the rule away; look first whose it is"),
        });

    private static Suspect Route(World world, ObservedNamespace ns, ObservedRoute route) => new(
        () => world.Otherwise(ns with { Routes = [.. ns.Routes.Where(other => other != route)] }),
        new Fault
        {
            Code = "route.elsewhere",
            Namespace = ns.Name,
            Device = route.NextHops is [var hop, ..] ? hop.Device : "",
            Summary = $"a route of {StackFaults.Place(ns.Name)} leads {route.Destination} where it does not come through",
            Evidence = [$"route {StackFaults.Words(route)} (table {LinkStep.Number(route.Table)}){LinkFaults.In(ns.Name)}"],
            Fix = LinkFaults.Host(ns.Name, $"ip route del {StackFaults.Words(route)} table {LinkStep.Number(route.Table)}{(route.Metric > 0 ? $" metric {LinkStep.Number(route.Metric)}" : "")}", "takes the route away"),
        });

    /// <summary>With an address go the routes that came with it.</summary>
    private static Suspect Address(World world, ObservedNamespace ns, ObservedAddress address) => new(
        () => world.Otherwise(ns with
        {
            Addresses = [.. ns.Addresses.Where(other => other != address)],
            Routes = [.. ns.Routes.Where(route => route.Protocol != "kernel" || route.NextHops is not [var hop] || hop.Device != address.Device || !CameWith(route, address))],
        }),
        new Fault
        {
            Code = "address.taken",
            Namespace = ns.Name,
            Device = address.Device,
            Summary = $"{address.Device}{LinkFaults.In(ns.Name)} has the address {address.Prefix}, which is not for it: what is for that address or its network goes astray there",
            Evidence = [$"address {address.Prefix} on {address.Device}{LinkFaults.In(ns.Name)}"],
            Fix = LinkFaults.Host(ns.Name, $"ip addr del {address.Prefix} dev {address.Device}", "takes the address from the one that should not have it"),
        });

    private static bool CameWith(ObservedRoute route, ObservedAddress address) =>
        route.Destination == new IpPrefix(address.Prefix.Address, address.Prefix.Address.Width)
        || (route.PreferredSource == address.Prefix.Address && (route.Destination == address.Prefix.Network || route.Type == "broadcast" || route.Type == "local"));
}

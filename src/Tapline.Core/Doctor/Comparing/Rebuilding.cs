using Tapline.Core.Doctor.Tracing;
using Tapline.Core.Host;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Comparing;

/// <summary>A router's namespace that is gone whole, written as the commands that make it anew after Tapline's plan.</summary>
internal static class Rebuilding
{
    /// <summary>In the order in which each command finds what it needs; empty where the plan has no such namespace, or a program in it.</summary>
    public static ValueList<string> CommandsFor(HostState wanted, string ns)
    {
        var items = wanted.Items.Values.Where(item => item.Key.Namespace == ns || item is HostItem.Link { Peer.In: var peer } && peer == ns).OrderBy(item => item.Key).ToList();
        if (wanted.Find(new ItemKey(ItemKind.Namespace, "", ns)) is null || items.Exists(item => item is HostItem.Process))
        {
            return [];
        }

        var legs = items.OfType<HostItem.Link>().Where(link => link is { In: "", Peer: not null }).ToList();
        return
        [
            $"ip netns add {ns} && ip -n {ns} link set lo up",
            Commands.In(ns, $"sysctl -qw {string.Join(' ', items.OfType<HostItem.Sysctl>().Where(sysctl => sysctl.Path.Split('/') is [_, _, not "conf", ..] or [_, _, _, "all" or "default", ..]).Select(Assignment))}"),
            .. legs.Select(leg => Leg(wanted, leg)),
            .. legs.Select(leg => wanted.Find(new ItemKey(ItemKind.OvsPort, "", leg.Name))).OfType<HostItem.OvsPort>().Select(Port),
            .. items.OfType<HostItem.Address>().Select(address => $"ip -n {ns} addr add {address.Prefix} dev {address.Device}"),
            .. items.OfType<HostItem.Route>().OrderBy(route => route.Via is not null).Select(route => $"ip -n {ns} route add {route.Destination}{(route.Via is { } via ? $" via {via}" : "")} dev {route.Device} proto {LinkStep.Number(OwnMarks.RouteProtocol)}"),
            .. items.OfType<HostItem.NftSet>().Select(set => Commands.In(ns, Set(set))),
            .. items.OfType<HostItem.NftChain>().OrderBy(chain => chain.Level).Select(chain => Commands.In(ns, OwnChains.Write(chain))),
        ];
    }

    /// <summary>The mark by which the agent knows a link of its own.</summary>
    private static string Alias(HostItem.Link link) => $" alias {OwnMarks.Alias}{link.Owner}";

    private static string Leg(HostState wanted, HostItem.Link leg)
    {
        var (ns, name) = (leg.Peer!.In, leg.Peer.Name);
        var inner = wanted.Find(new ItemKey(ItemKind.Link, ns, name)) as HostItem.Link;
        var mtu = leg.Mtu is { } size ? $" mtu {LinkStep.Number(size)}" : "";
        return $"ip link add {leg.Name}{mtu} type veth peer name {name}{mtu}{(inner?.Mac is { } mac ? $" address {mac}" : "")} netns {ns}"
            + $" && ethtool -K {leg.Name} tx off > /dev/null && ip netns exec {ns} ethtool -K {name} tx off > /dev/null"
            + $" && sysctl -qw net.ipv6.conf.{leg.Name}.disable_ipv6=1 && ip link set {leg.Name}{Alias(leg)} up && ip -n {ns} link set {name}{(inner is null ? "" : Alias(inner))} up";
    }

    private static string Port(HostItem.OvsPort port) =>
        $"ovs-vsctl --if-exists del-port {port.Bridge} {port.Name} && {PortCommands.Add(port.Bridge, port.Name, port.Tag, "", port.ExternalIds, [])}";

    private static string Set(HostItem.NftSet set)
    {
        var name = $"{set.Family} tapline {set.Name}";
        var kind = set.Declaration.Split(' ')[0];
        return $"nft {Commands.Quoted(string.Join("; ", (string[])[$"add table {set.Family} tapline", $"add {kind} {name} {set.Declaration[kind.Length..].Trim()}", .. set.Elements.Count > 0 ? (string[])[$"add element {name} {{ {string.Join(", ", set.Elements)} }}"] : []]))}";
    }

    private static string Assignment(HostItem.Sysctl sysctl) => $"{sysctl.Path.Replace('/', '.')}={sysctl.Value}";
}

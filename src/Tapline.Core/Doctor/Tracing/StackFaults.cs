using System.Globalization;
using Tapline.Core.Doctor.Routing;
using Tapline.Core.Host.Observed;

namespace Tapline.Core.Doctor.Tracing;

/// <summary>What is wrong in a namespace's IP stack.</summary>
internal static class StackFaults
{
    public static Fault ForwardingOff(ObservedNamespace ns, string device, Packet packet)
    {
        var isOff = ns.Sysctl("net/ipv4/ip_forward") == "0";
        var name = isOff ? "net.ipv4.ip_forward" : $"net.ipv4.conf.{device}.forwarding";
        return new Fault
        {
            Code = "router.forwarding-off",
            Namespace = ns.Name,
            Device = device,
            Summary = $"{Place(ns.Name)} does not forward: {Packets.Words(packet)} comes in by {device} and goes no further",
            Evidence = [$"sysctl {name} = 0{LinkFaults.In(ns.Name)}"],
            Fix = LinkFaults.Host(ns.Name, isOff ? $"sysctl -w {name}=1" : $"sysctl -w net.ipv4.conf.{device.Replace('.', '/')}.forwarding=1", "lets the namespace pass on what is not for itself"),
        };
    }

    public static Fault NoRoute(World world, ObservedNamespace ns, Packet packet, RouteAnswer way)
    {
        var downed = ns.Links.FirstOrDefault(link => !link.Up && ns.Addresses.Any(address => address.Device == link.Name));
        if (way.Type == "none" && downed is not null)
        {
            return LinkFaults.Down(ns.Name, downed);
        }

        return new Fault
        {
            Code = way.Type == "none" ? "route.missing" : "route.refuses",
            Namespace = ns.Name,
            Summary = way.Type == "none"
                ? $"{Place(ns.Name)} has no route to {packet.Destination}"
                : $"{Place(ns.Name)} refuses {packet.Destination}: a {(way.Route is null ? "policy rule" : "route")} of type {way.Type} stands in the way",
            Evidence =
            [
                way.Route is { } route ? $"route {way.Type} {route.Destination} table {Number(route.Table)}" : $"no route to {packet.Destination}{LinkFaults.In(ns.Name)}",
                .. ns.Routes.Where(item => item.Table == 254 && item.Type == "unicast").Take(8).Select(Words),
            ],
            Fix = RouteFix(world, ns, way),
        };
    }

    /// <summary>The end of a packet whose source is not accepted.</summary>
    public static Step Refused(Hop hop, ObservedNamespace ns, string device, Packet packet, SourceRefusal refusal) => refusal.Back?.Unknown is { } missing
        ? Step.Unsure(hop, missing)
        : Step.Lost(hop, Source(ns, device, packet, refusal));

    private static Fault Source(ObservedNamespace ns, string device, Packet packet, SourceRefusal refusal) => new()
    {
        Code = refusal.Fault switch { SourceFault.OwnAddress => "stack.own-source", SourceFault.Martian => "stack.martian-source", _ => "router.rp-filter" },
        Namespace = ns.Name,
        Device = device,
        Summary = refusal.Fault switch
        {
            SourceFault.OwnAddress when refusal.Back?.Route is { } covering && !ns.Addresses.Any(own => own.Prefix.Address == packet.Source) =>
                $"{Packets.Words(packet)} bears a source that {Place(ns.Name)} takes for its own: its route {covering.Type} {covering.Destination} covers {packet.Source}",
            SourceFault.OwnAddress => $"{Packets.Words(packet)} bears an address of {Place(ns.Name)} itself as its source: somebody else uses it too",
            SourceFault.Martian => $"{Packets.Words(packet)} bears a source that no wire may bring, a loopback or broadcast address",
            _ => $"rp_filter of {device}{LinkFaults.In(ns.Name)} drops {Packets.Words(packet)}: the way back to {packet.Source} {Back(refusal)}",
        },
        Evidence = refusal.Fault is SourceFault.OwnAddress or SourceFault.Martian
            ? [refusal.Back?.Route is { } local ? $"route {local.Type} {local.Destination} table {Number(local.Table)}" : $"{packet.Source} is configured{LinkFaults.In(ns.Name)}"]
            : [$"rp_filter in force on {device}: {Number(refusal.Mode)} (the greater of conf/all and conf/{device})", .. refusal.Back?.Route is { } route ? (string[])[$"route to {packet.Source}: {Words(route)}"] : []],
        Fix = refusal.Fault is SourceFault.OwnAddress or SourceFault.Martian ? null
            : StrayRoutes.Unfiltered(ns, device, packet.Source) ?? new Fix(FixPlace.Host, [Commands.In(ns.Name, $"sysctl -w net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.{device.Replace('.', '/')}.rp_filter=0")],
                "turns the check off, as routers of this kind have it; where the way back is wrong, mend the route instead"),
    };

    /// <summary>The end of an echo request that the stack does not answer (icmp_echo); null for all else.</summary>
    public static Step? PingIgnored(ObservedNamespace ns, string device, Packet packet, Hop hop) =>
        packet is not { Protocol: Packet.Icmp, IcmpType: 8 } || ns.Sysctl("net/ipv4/icmp_echo_ignore_all") is null or "0" ? null : Step.Lost(hop, new Fault
        {
            Code = "stack.ping-ignored",
            Namespace = ns.Name,
            Device = device,
            Summary = $"{Place(ns.Name)} gets {Packets.Words(packet)} and answers no ping at all, by its own setting; all else may well work",
            Evidence = [$"sysctl net.ipv4.icmp_echo_ignore_all = {ns.Sysctl("net/ipv4/icmp_echo_ignore_all")}{LinkFaults.In(ns.Name)}"],
            Fix = LinkFaults.Host(ns.Name, "sysctl -w net.ipv4.icmp_echo_ignore_all=0", "lets it answer pings again"),
        });

    public static Fault Expired(string ns, string device, Packet packet) => new()
    {
        Code = "router.ttl-expired",
        Namespace = ns,
        Device = device,
        Summary = $"{Packets.Words(packet)} has used up its hops in {Place(ns)}: it goes round between routers, or was sent with a low TTL",
    };

    public static Fault NeedsFragments(string ns, ObservedLink link, Packet packet) => new()
    {
        Code = "router.mtu",
        Namespace = ns,
        Device = link.Name,
        Summary = $"{Packets.Words(packet)} ({Number(packet.Length)} bytes, not to be fragmented) is larger than the MTU of {link.Name} ({Number(link.Mtu)}): {Place(ns)} answers 'fragmentation needed'",
        Evidence = [$"link {link.Name}: mtu {Number(link.Mtu)}"],
        Fix = LinkFaults.Host(ns, $"ip link set {link.Name} mtu {Number(packet.Length)}", "makes room, if the network behind can carry it; else the sender has to use smaller packets"),
    };

    internal static string Words(ObservedRoute route) => string.Join(' ', ((string?[])
    [
        route.Type == "unicast" ? null : route.Type,
        route.Destination.Length == 0 ? "default" : route.Destination.ToString(),
        .. route.NextHops.Select(hop => $"{(hop.Via is { } via ? $"via {via} " : "")}dev {hop.Device}"),
    ]).Where(word => word is not null));

    internal static string Place(string ns) => ns.Length == 0 ? "the host" : ns;

    private static string Back(SourceRefusal refusal) =>
        refusal.Back is { Hop: { } hop } ? $"leads by {hop.Device}" : "is not known";

    private static Fix? RouteFix(World world, ObservedNamespace ns, RouteAnswer way)
    {
        if (way.Type == "none")
        {
            return DefaultRoutes.Fix(world, ns);
        }

        var command = way.Route is { } route
            ? $"ip route del {way.Type} {route.Destination} table {Number(route.Table)}"
            : $"ip rule del priority {Number(way.Rule!.Priority)}";
        return LinkFaults.Host(ns.Name, command, "takes away what refuses it");
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}

using System.Globalization;
using Tapline.Core.Doctor.Netfilter;
using Tapline.Core.Doctor.Routing;
using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Tracing;

/// <summary>A packet at a namespace's own IP stack: in, through, out.</summary>
internal static class StackStep
{
    private const int EchoRequest = 8;
    private const int Syn = 0x02;
    private const int Ack = 0x10;

    /// <summary>What is sent to all on a link is for every stack there, whatever its routes (RFC 919).</summary>
    private static readonly IpAddress Everywhere = IpAddress.Parse("255.255.255.255");

    public static Step Arrive(Walk walk, Hop hop, ObservedNamespace ns, ObservedLink link, Packet packet)
    {
        if (packet.Vlan is { } vlan and not 0)
        {
            return Step.Stop(hop, new End.Ignored(ns.Name, link.Name, packet, $"it bears VLAN {vlan.ToString(CultureInfo.InvariantCulture)}, which has no device here"));
        }

        if (Plugging.Unplugged(walk.World, ns, link) is { } unplugged)
        {
            return Step.Lost(hop, unplugged);
        }

        if (packet.IsArp)
        {
            return ArpStep.Take(walk, hop, ns, link, packet);
        }

        if (packet.EtherType != Packet.EtherIpv4)
        {
            return Step.Unsure(hop, "only IPv4 and ARP are traced through a stack");
        }

        return packet.EtherDestination != link.Mac && !packet.EtherDestination.IsMulticast && !link.NoArp
            ? Step.Stop(hop, new End.Ignored(ns.Name, link.Name, packet, $"it is addressed to {packet.EtherDestination}, and {link.Name} has {link.Mac}"))
            : Received(walk, hop, ns, link, packet);
    }

    /// <summary>What the namespace itself sends.</summary>
    public static Step Send(Walk walk, Position.Sent at)
    {
        var ns = walk.World.Namespace(at.Namespace);
        if (int.TryParse(ns.Sysctl("net/ipv4/ip_default_ttl"), NumberStyles.Integer, CultureInfo.InvariantCulture, out var ttl))
        {
            at = at with { Packet = at.Packet with { TimeToLive = ttl } };
        }

        var hop = Hops.At(walk.World, at);
        if (Unchosen(ns, at.Packet) is { } none)
        {
            return Step.Lost(hop, StackFaults.NoRoute(walk.World, ns, at.Packet, none));
        }

        if (Elsewhere(walk, hop, ns, at.Packet, null, out var next) is { } ended)
        {
            return ended;
        }

        var context = new FilterContext { Packet = at.Packet, Family = "ip", Hook = HookPoint.Output, Out = next.Device, NextHop = next.Via ?? at.Packet.Destination };
        var output = Hooks.Run(walk, ns.Name, context);
        if (Hooks.Refused(hop, context, output) is { } refused)
        {
            return refused;
        }

        if (output.Packet.Destination != at.Packet.Destination)
        {
            hop = Turned(hop, output);
            if (Elsewhere(walk, hop, ns, output.Packet, output.Tracking, out next) is { } after) // the kernel looks for the way anew (ip_route_me_harder)
            {
                return after;
            }
        }

        return Out(walk, hop with { Device = next.Device, Kind = Hops.KindOf(walk.World, ns.Name, next.Device) }, ns, null, next, output.Packet, output.Tracking);
    }

    /// <summary>
    /// Who asks looks for a way before he has an address to ask from: <c>connect</c> looks without one, then once more with the one chosen so
    /// (ip_route_connect), and ping connects a socket to learn it. Null where that finds a way, or it is an answer.
    /// </summary>
    private static RouteAnswer? Unchosen(ObservedNamespace ns, Packet packet)
    {
        var asks = packet is { Protocol: Packet.Icmp, IcmpType: EchoRequest } || (packet.Protocol == Packet.Tcp && (packet.TcpFlags & (Syn | Ack)) == Syn);
        var way = asks ? RouteLookup.Find(ns, RouteQuery.For(packet, null) with { Source = null }) : null;
        return way is { Unknown: null, Hop: null, Type: not ("local" or "broadcast" or "multicast") } ? way : null;
    }

    /// <summary>Null where a route leads out by <paramref name="next"/>: else what the namespace sends stays inside, or has no way.</summary>
    private static Step? Elsewhere(Walk walk, Hop hop, ObservedNamespace ns, Packet packet, Tracking? tracking, out NextHop next)
    {
        var way = RouteLookup.Find(ns, RouteQuery.For(packet, null));
        next = way.Hop!; // asked for only where the answer is null
        return way.Unknown is { } missing ? Step.Unsure(hop, missing)
            : way is { Type: "unicast", Hop: not null } ? null
            : way.Type == "local" ? StackFaults.PingIgnored(ns, "lo", packet, hop) ?? Step.Stop(hop, new End.Delivered(ns.Name, "lo", packet, tracking))
            : Step.Lost(hop, StackFaults.NoRoute(walk.World, ns, packet, way));
    }

    private static Hop Turned(Hop hop, FilterResult result) => hop with
    {
        State = HopState.Rewrite,
        Detail = $"destination becomes {result.Packet.Destination}",
        Diversion = result.Passed.LastOrDefault(step => step.TurnsDestination),
    };

    private static Step Received(Walk walk, Hop hop, ObservedNamespace ns, ObservedLink link, Packet packet)
    {
        var context = new FilterContext
        {
            Packet = packet,
            Family = "ip",
            Hook = HookPoint.Prerouting,
            In = link.Name,
            PacketType = packet.IsBroadcast ? "broadcast" : packet.EtherDestination.IsMulticast ? "multicast" : "host",
        };
        var before = Hooks.Run(walk, ns.Name, context);
        if (Hooks.Refused(hop, context, before) is { } refused)
        {
            return refused;
        }

        var arrived = before.Packet;
        hop = arrived.Destination == packet.Destination ? hop with { Diversion = before.Passed.LastOrDefault(step => step.TurnsDestination) } : Turned(hop, before);
        if (arrived.Destination == Everywhere)
        {
            return Local(walk, hop, ns, link, context with { Packet = arrived, Tracking = before.Tracking }, new RouteAnswer { Type = "broadcast" });
        }

        var way = RouteLookup.Find(ns, RouteQuery.For(arrived, link.Name));
        if (way.Unknown is { } missing)
        {
            return Step.Unsure(hop, missing);
        }

        var forwards = ns.Sysctl($"net/ipv4/conf/{link.Name}/forwarding") ?? ns.Sysctl("net/ipv4/ip_forward");
        return way.Type is "local" or "broadcast" ? Local(walk, hop, ns, link, context with { Packet = arrived, Tracking = before.Tracking }, way)
            : arrived.EtherDestination.IsMulticast ? ForAll(hop, ns, link, arrived)
            : forwards == "0" ? Step.Lost(hop, GuestAddressing.OfReceiver(walk.World, ns.Name, link.Name, arrived.Destination) ?? StackFaults.ForwardingOff(ns, link.Name, arrived))
            : way is not { Type: "unicast", Hop: { } next } ? Step.Lost(hop, StackFaults.NoRoute(walk.World, ns, arrived, way))
            : SourceCheck.Of(ns, link.Name, arrived, next.Device) is { } refusal ? StackFaults.Refused(hop, ns, link.Name, arrived, refusal)
            : Forward(walk, hop, ns, link, next, arrived, before.Tracking);
    }

    private static Step Local(Walk walk, Hop hop, ObservedNamespace ns, ObservedLink link, FilterContext before, RouteAnswer way)
    {
        if (!before.Packet.Source.IsUnspecified && SourceCheck.Of(ns, link.Name, before.Packet, null) is { } refusal)
        {
            return StackFaults.Refused(hop, ns, link.Name, before.Packet, refusal);
        }

        if (before.Packet is { Protocol: Packet.Tcp, EtherDestination.IsMulticast: true })
        {
            return ForAll(hop, ns, link, before.Packet);
        }

        var context = before with { Hook = HookPoint.Input, NextHop = before.Packet.Destination };
        var input = Hooks.Run(walk, ns.Name, context);
        return Hooks.Refused(hop, context, input)
            ?? StackFaults.PingIgnored(ns, link.Name, input.Packet, hop)
            ?? (way.Type == "broadcast" ? Step.Stop(hop, new End.Ignored(ns.Name, link.Name, input.Packet, "broadcast"))
                : Step.Stop(hop, new End.Delivered(ns.Name, link.Name, input.Packet, input.Tracking)));
    }

    private static Step Forward(Walk walk, Hop hop, ObservedNamespace ns, ObservedLink link, NextHop next, Packet packet, Tracking? tracking)
    {
        if (packet.TimeToLive <= 1)
        {
            return Step.Lost(hop, StackFaults.Expired(ns.Name, link.Name, packet));
        }

        if (ns.Link(next.Device) is { } outLink && packet.Length > outLink.Mtu && packet.DontFragment)
        {
            return Step.Lost(hop, StackFaults.NeedsFragments(ns.Name, outLink, packet));
        }

        var sent = packet with { TimeToLive = packet.TimeToLive - 1 };
        var context = new FilterContext { Packet = sent, Family = "ip", Hook = HookPoint.Forward, In = link.Name, Out = next.Device, NextHop = next.Via ?? sent.Destination, Tracking = tracking };
        var forward = Hooks.Run(walk, ns.Name, context);
        return Hooks.Refused(hop, context, forward) ?? Out(walk, hop, ns, link, next, forward.Packet, forward.Tracking ?? tracking);
    }

    /// <summary>Of a frame that is for all, nothing is passed on (ip_forward) and no connection made (tcp_v4_rcv): its pkt_type is not PACKET_HOST.</summary>
    private static Step ForAll(Hop hop, ObservedNamespace ns, ObservedLink link, Packet packet) =>
        Step.Stop(hop, new End.Ignored(ns.Name, link.Name, packet, $"its frame is for all ({packet.EtherDestination}), and a stack passes on only what is sent to itself"));

    private static Step Out(Walk walk, Hop hop, ObservedNamespace ns, ObservedLink? link, NextHop next, Packet packet, Tracking? tracking)
    {
        var context = new FilterContext { Packet = packet, Family = "ip", Hook = HookPoint.Postrouting, In = link?.Name, Out = next.Device, NextHop = next.Via ?? packet.Destination, Tracking = tracking };
        var after = Hooks.Run(walk, ns.Name, context);
        if (Hooks.Refused(hop, context, after) is { } refused)
        {
            return refused;
        }

        var at = new Position.ToNeighbour(ns.Name, next.Device, next.Via ?? after.Packet.Destination, after.Packet);
        if (link is null)
        {
            return Step.To(hop, at);
        }

        var outHop = Hops.At(walk.World, at) with { Packet = packet };
        var rewritten = outHop with { State = HopState.Rewrite, Detail = $"source becomes {after.Packet.Source}", Translation = after.Passed.LastOrDefault(step => step.TurnsSource) };
        return new Step([hop, after.Packet.Source == packet.Source ? outHop : rewritten], [new Onward([], at)], []);
    }
}

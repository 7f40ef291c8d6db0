using System.Globalization;
using Tapline.Core.Doctor.Netfilter;
using Tapline.Core.Host.Observed;

namespace Tapline.Core.Doctor.Tracing;

/// <summary>A packet at a network device, on its way in or out.</summary>
internal static class LinkStep
{
    private const int TagBytes = 4; // is_skb_forwardable leaves room for one

    private static readonly string[] PlainQueues = ["noqueue", "pfifo_fast", "pfifo", "bfifo", "mq", "fq", "fq_codel", "sfq", "cake", "tbf", "clsact", "ingress", "htb", "prio"];

    public static Step Arrive(Walk walk, Position.Arriving at)
    {
        var world = walk.World;
        var hop = Hops.At(world, at);
        if (world.Link(at.Namespace, at.Device) is not { } link)
        {
            return Step.Lost(hop, LinkFaults.Missing(at.Namespace, at.Device));
        }

        if (!link.Up)
        {
            return Step.Lost(hop, LinkFaults.Down(at.Namespace, link));
        }

        if (link.Xdp)
        {
            return Step.Unsure(hop, $"{link.Name} has an XDP program, which may do anything with the packet");
        }

        // The userspace datapath listens on a packet socket, which sees frames before tc does.
        var port = world.PortAt(at.Namespace, at.Device) is { Interface.Type: not "internal" } found ? found : default((ObservedBridgeOfSwitch Bridge, ObservedPort Port, ObservedInterface Interface)?);
        return port is { Bridge.DatapathType: "netdev" or "dummy", Interface.Type: "" } && link.Listened == false ? Step.Lost(hop, StalePorts.Of(world, link, port.Value.Bridge, port.Value.Port, port.Value.Interface))
            : port is { Bridge.DatapathType: "netdev" or "dummy" } ? Listened(walk, hop, at, link)
            : Classified(walk, hop, at, HookPoint.Ingress, out var packet)
                ?? (port is null ? Inside(walk, hop, at, link, packet) : Step.To(hop, new Position.AtSwitch(at.Namespace, at.Device, packet)));
    }

    public static Step Leave(Walk walk, Position.Leaving at)
    {
        var world = walk.World;
        var hop = Hops.At(world, at);
        if (world.Link(at.Namespace, at.Device) is not { } link)
        {
            return Step.Lost(hop, LinkFaults.Missing(at.Namespace, at.Device));
        }

        if (!link.Up)
        {
            return Step.Lost(hop, LinkFaults.Down(at.Namespace, link));
        }

        return Queued(world, hop, at) ?? Classified(walk, hop, at, HookPoint.Egress, out var packet) ?? Over(walk, hop, at with { Packet = packet }, link);
    }

    /// <summary>A packet socket takes nothing away: the kernel gets the frame as well, and where it is for the host itself, or asks for its address, that counts.</summary>
    private static Step Listened(Walk walk, Hop hop, Position.Arriving at, ObservedLink link)
    {
        var own = Classified(walk, hop, at, HookPoint.Ingress, out var packet) ?? Inside(walk, hop, at, link, packet);
        var isForHost = at.Packet.EtherDestination == link.Mac;
        return new Step([],
            [new Onward([hop], new Position.AtSwitch(at.Namespace, at.Device, at.Packet)), .. own.Onward.Select(onward => onward with { Hops = [.. own.Hops, .. onward.Hops] })],
            [.. own.Ends.Where(ending => ending.End is End.Answered or End.Delivered || (isForHost && ending.End is not End.Ignored)).Select(ending => ending with { Hops = [.. own.Hops, .. ending.Hops] })]);
    }

    private static Step Inside(Walk walk, Hop hop, Position.Arriving at, ObservedLink link, Packet packet)
    {
        var ns = walk.World.Namespace(at.Namespace);
        return link.Master is { } master && walk.World.Link(at.Namespace, master) is { Kind: "bridge" } bridge ? BridgeStep.Enter(walk, hop, ns, link, bridge, packet)
            : link.Master is { } other ? Step.Unsure(hop, $"{link.Name} is a port of {other}, which is no bridge that is understood")
            : StackStep.Arrive(walk, hop, ns, link, packet);
    }

    private static Step Over(Walk walk, Hop hop, Position.Leaving at, ObservedLink link)
    {
        if (walk.World.PortAt(at.Namespace, at.Device) is { Interface.Type: "internal" })
        {
            return Step.To(hop, new Position.AtSwitch(at.Namespace, at.Device, at.Packet));
        }

        switch (link.Kind)
        {
            case "veth" when link.Peer is { } end && walk.World.Link(end.In, end.Name) is { } peer:
                return !peer.Up ? Step.Lost(hop, LinkFaults.Down(end.In, peer))
                    : at.Packet.Length > peer.Mtu + (at.Packet.Vlan is null ? TagBytes : 0) ? Step.Lost(hop, LinkFaults.TooBig(end.In, peer, at.Packet))
                    : Step.To(hop, new Position.Arriving(end.In, end.Name, Crossed(at, end.In)));
            case "bridge":
                return BridgeStep.FromSelf(walk, hop, walk.World.Namespace(at.Namespace), link, at.Packet);
            case "tun":
                return link.Carrier ? Step.Stop(hop, AtGuest(walk.World, link.Name, at.Packet)) : Step.Lost(hop, LinkFaults.NotHeld(at.Namespace, link));
            case "veth" or "" or "dummy" or "bond" or "team" or "vlan" when !link.Carrier && link.Name != "lo":
                return Step.Lost(hop, LinkFaults.NoCarrier(at.Namespace, link));
            case "veth" when link.Name.StartsWith("tap", StringComparison.Ordinal):
                return Step.Stop(hop, AtGuest(walk.World, link.Name, at.Packet));
            case "veth" or "" or "bond" or "team" or "vlan":
                return Step.Stop(hop, new End.ToOutside(link.Name, at.Packet));
            default:
                return Step.Unsure(hop, $"what a device of kind {link.Kind} does with the packet is not known here");
        }
    }

    /// <summary>A guest takes what is for its own hardware address, or for many, and is asked about without a VLAN.</summary>
    private static End AtGuest(World world, string tap, Packet packet) =>
        packet.Vlan is { } vlan ? new End.Ignored("", tap, packet, $"it bears VLAN {Number(vlan)}, which the instance does not expect")
        : GuestFacts.Of(world, tap)?.Mac is { } mac && mac != packet.EtherDestination && !packet.EtherDestination.IsMulticast
            ? new End.Ignored("", tap, packet, $"it is addressed to {packet.EtherDestination}, and the instance has {mac}")
            : new End.ToGuest(tap, packet);

    /// <summary>The mark goes with a packet over veth, unless it enters another namespace.</summary>
    private static Packet Crossed(Position.Leaving at, string to) => at.Namespace == to ? at.Packet : at.Packet with { Mark = 0 };

    private static Step? Queued(World world, Hop hop, Position.Leaving at)
    {
        foreach (var queue in world.Namespace(at.Namespace).Qdiscs.Where(queue => queue.Device == at.Device && !PlainQueues.Contains(queue.Kind)))
        {
            if (queue.Kind is "netem" or "blackhole" && (queue.Kind == "blackhole" || queue.Text.Contains("loss 100%", StringComparison.Ordinal)))
            {
                return Step.Lost(hop, LinkFaults.Queue(at.Namespace, queue));
            }

            if (queue.Kind == "netem" && !queue.Text.Contains("loss", StringComparison.Ordinal))
            {
                continue;
            }

            return Step.Unsure(hop, $"the queueing discipline {queue.Kind} of {at.Device} may drop it ({queue.Text})");
        }

        return null;
    }

    /// <summary>What tc's classifiers and nftables' netdev chains do with it; null where it goes on, as <paramref name="packet"/>.</summary>
    private static Step? Classified(Walk walk, Hop hop, Position at, HookPoint hook, out Packet packet)
    {
        packet = at.Packet;
        var side = hook == HookPoint.Ingress ? "ingress" : "egress";
        foreach (var filter in walk.World.Namespace(at.Namespace).Filters.Where(filter => filter.Device == at.Device && filter.Parent == side))
        {
            if (TrafficFilters.Takes(filter, at.Packet) is var takes and not Truth.No)
            {
                return takes == Truth.Yes
                    ? Step.Lost(hop, LinkFaults.Filter(at.Namespace, filter))
                    : Step.Unsure(hop, $"a tc filter of {at.Device} ({side}) may take it: {filter.Text}");
            }
        }

        var context = new FilterContext { Packet = at.Packet, Family = "netdev", Hook = hook, In = hook == HookPoint.Ingress ? at.Device : null, Out = hook == HookPoint.Egress ? at.Device : null };
        var result = Hooks.Run(walk, at.Namespace, context);
        packet = result.Packet;
        return Hooks.Refused(hop, context, result);
    }

    internal static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}

using Tapline.Core.Doctor.Netfilter;
using Tapline.Core.Host.Observed;

namespace Tapline.Core.Doctor.Tracing;

/// <summary>A frame in a Linux bridge: forwarding, netfilter's bridge hooks, and br_netfilter, which has IP's hooks look at bridged packets.</summary>
internal static class BridgeStep
{
    public static Step Enter(Walk walk, Hop hop, ObservedNamespace ns, ObservedLink port, ObservedLink bridge, Packet packet)
    {
        if (!bridge.Up)
        {
            return Step.Lost(hop, LinkFaults.Down(ns.Name, bridge));
        }

        if (port.BridgePort is { State: not "forwarding" } blocked)
        {
            return Step.Lost(hop, BridgeFaults.Blocked(ns.Name, port, bridge, blocked.State));
        }

        var inside = Inside(walk, ns, bridge, packet);
        var frame = new BridgedFrame(walk, ns, bridge, packet) { From = port };
        if ((frame.AtBridge(HookPoint.Prerouting, inside, null) ?? Locked(walk.World, inside, ns, port, bridge, frame.Packet)) is { } refused)
        {
            return refused with { Hops = [hop, .. refused.Hops] };
        }

        var destination = frame.Packet.EtherDestination; // rules may have changed it
        var known = walk.World.FdbOf(ns.Name, bridge.Name).FirstOrDefault(entry => entry.Mac == destination);
        var isOwn = destination == bridge.Mac || known is { Local: true };
        var step = isOwn ? frame.Up(inside)
            : known is not null && !destination.IsMulticast ? frame.OnlyTo(inside, known.Port)
            : frame.Flooded(inside);
        return step with { Hops = [hop, .. step.Hops] };
    }

    /// <summary>A locked port takes in only what the bridge has an entry of there (br_handle_frame_finish); null where it does.</summary>
    private static Step? Locked(World world, Hop hop, ObservedNamespace ns, ObservedLink port, ObservedLink bridge, Packet packet) =>
        port.BridgePort is not { Locked: true } || world.FdbOf(ns.Name, bridge.Name).Any(entry => entry.Port == port.Name && entry.Mac == packet.EtherSource && !entry.Local)
            ? null
            : Step.Lost(hop, BridgeFaults.Locked(ns.Name, port, bridge, packet));

    /// <summary>What the host itself sends through the bridge.</summary>
    public static Step FromSelf(Walk walk, Hop hop, ObservedNamespace ns, ObservedLink bridge, Packet packet)
    {
        var frame = new BridgedFrame(walk, ns, bridge, packet);
        var known = walk.World.FdbOf(ns.Name, bridge.Name).FirstOrDefault(entry => entry.Mac == packet.EtherDestination && !entry.Local);
        return known is not null && !Multicast(packet) ? frame.OnlyTo(hop, known.Port) : frame.Flooded(hop);
    }

    internal static bool Multicast(Packet packet) => packet.EtherDestination.IsMulticast;

    private static Hop Inside(Walk walk, ObservedNamespace ns, ObservedLink bridge, Packet packet) =>
        Hops.At(walk.World, new Position.Arriving(ns.Name, bridge.Name, packet));
}

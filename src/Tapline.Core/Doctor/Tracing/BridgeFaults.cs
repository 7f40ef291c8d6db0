using Tapline.Core.Host.Observed;

namespace Tapline.Core.Doctor.Tracing;

/// <summary>What is wrong in Linux bridges.</summary>
internal static class BridgeFaults
{
    public static Fault Blocked(string ns, ObservedLink port, ObservedLink bridge, string state) => new()
    {
        Code = "bridge.port-blocked",
        Namespace = ns,
        Device = port.Name,
        Summary = $"{port.Name} is a port of {bridge.Name} in state {state}: the bridge takes nothing from it",
        Evidence =
        [
            $"bridge port {port.Name}: state {state}",
            $"bridge {bridge.Name}: STP is {(bridge.Bridge is { Stp: true } ? $"on, forward delay {LinkStep.Number(bridge.Bridge.ForwardDelaySeconds)} s" : "off")}",
        ],
        Fix = bridge.Bridge is { Stp: true }
            ? new Fix(FixPlace.Host, [Commands.In(ns, $"ip link set {bridge.Name} type bridge stp_state 0"), Commands.In(ns, $"bridge link set dev {port.Name} state 3")],
                "a bridge of two ports needs no spanning tree; state 3 is forwarding")
            : LinkFaults.Host(ns, $"bridge link set dev {port.Name} state 3", "state 3 is forwarding"),
    };

    public static Fault Locked(string ns, ObservedLink port, ObservedLink bridge, Packet packet) => new()
    {
        Code = "bridge.port-blocked",
        Namespace = ns,
        Device = port.Name,
        Summary = $"{port.Name} is a locked port of {bridge.Name}, which takes from it only what comes from an address that it has there: not {packet.EtherSource}",
        Evidence = [$"bridge port {port.Name}: locked on", $"no FDB entry of {bridge.Name} has {packet.EtherSource} at {port.Name}"],
        Fix = LinkFaults.Host(ns, $"bridge link set dev {port.Name} locked off", "takes in whatever comes; or give the bridge the entry, where ports are locked on purpose"),
    };

    public static Fault BackToSender(string ns, ObservedLink bridge, ObservedLink port, Packet packet) => new()
    {
        Code = "bridge.fdb-wrong",
        Namespace = ns,
        Device = bridge.Name,
        Summary = $"{bridge.Name} believes that {packet.EtherDestination} is behind {port.Name}, where the frame came from, and so drops it",
        Evidence = [$"fdb of {bridge.Name}: {packet.EtherDestination} dev {port.Name}"],
        Fix = LinkFaults.Host(ns, $"bridge fdb del {packet.EtherDestination} dev {port.Name} master", "the bridge learns it anew, or floods"),
    };

    public static Fault WrongEntry(string ns, ObservedLink bridge, string port, Packet packet) => new()
    {
        Code = "bridge.fdb-wrong",
        Namespace = ns,
        Device = bridge.Name,
        Summary = $"{bridge.Name} believes that {packet.EtherDestination} is behind {port}, by which it can not leave",
        Evidence = [$"fdb of {bridge.Name}: {packet.EtherDestination} dev {port}"],
        Fix = LinkFaults.Host(ns, $"bridge fdb del {packet.EtherDestination} dev {port} master", "the bridge learns it anew, or floods"),
    };

    public static Fault NobodyElse(World world, ObservedNamespace ns, ObservedLink bridge, ObservedLink? from, Packet packet) =>
        Plugging.MissingFrom(world, ns, bridge, from) ?? new Fault
        {
            Code = "bridge.no-other-port",
            Namespace = ns.Name,
            Device = bridge.Name,
            Summary = $"{bridge.Name} has no other port by which {Packets.Words(packet)} could leave",
            Evidence = [$"ports of {bridge.Name}: {Ports(ns, bridge)}"],
        };

    private static string Ports(ObservedNamespace ns, ObservedLink bridge) =>
        string.Join(", ", ns.Links.Where(link => link.Master == bridge.Name).Select(link => $"{link.Name} ({(link.Up ? link.BridgePort?.State ?? "up" : "down")})"));
}

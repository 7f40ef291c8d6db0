using Tapline.Core.Host.Observed;

namespace Tapline.Core.Doctor.Tracing;

/// <summary>What is wrong with devices.</summary>
internal static class LinkFaults
{
    public static Fault Missing(string ns, string device) => new()
    {
        Code = "link.missing",
        Namespace = ns,
        Device = device,
        Summary = $"{device} does not exist{In(ns)}",
        Evidence = [$"no link named {device}{In(ns)}"],
        Fix = device.StartsWith("tap", StringComparison.Ordinal) ? new Fix(FixPlace.Guest, [], "start the instance, whose hypervisor makes the TAP, or see in its log why it did not") : null,
    };

    public static Fault Down(string ns, ObservedLink link) => new()
    {
        Code = "link.down",
        Namespace = ns,
        Device = link.Name,
        Summary = $"{link.Name}{In(ns)} is down",
        Evidence = [$"link {link.Name}: IFF_UP is not set"],
        Fix = Host(ns, $"ip link set {link.Name} up", "turns the device on"),
    };

    public static Fault NoCarrier(string ns, ObservedLink link) => new()
    {
        Code = "link.no-carrier",
        Namespace = ns,
        Device = link.Name,
        Summary = $"{link.Name}{In(ns)} has no carrier: its other side is down or not there",
        Evidence = [$"link {link.Name}: up, but without LOWER_UP"],
    };

    public static Fault NotHeld(string ns, ObservedLink link) => new()
    {
        Code = "tap.not-attached",
        Namespace = ns,
        Device = link.Name,
        Summary = $"no hypervisor holds the TAP {link.Name}: the instance is not running, or uses another device",
        Evidence = [$"TAP {link.Name}: no carrier, so no process has it open"],
        Fix = new Fix(FixPlace.Guest, [], "start the instance, or see in its log why its interface was not attached"),
    };

    public static Fault TooBig(string ns, ObservedLink link, Packet packet) => new()
    {
        Code = "link.mtu",
        Namespace = ns,
        Device = link.Name,
        Summary = $"{Packets.Words(packet)} ({LinkStep.Number(packet.Length)} bytes) is larger than the MTU of {link.Name}{In(ns)} ({LinkStep.Number(link.Mtu)}), and a bridge tells nobody",
        Evidence = [$"link {link.Name}: mtu {LinkStep.Number(link.Mtu)}"],
        Fix = Host(ns, $"ip link set {link.Name} mtu {LinkStep.Number(packet.Length)}", "makes the MTU the same along the segment"),
    };

    public static Fault Queue(string ns, ObservedQdisc queue) => new()
    {
        Code = "tc.drop",
        Namespace = ns,
        Device = queue.Device,
        Summary = $"the queueing discipline {queue.Kind} of {queue.Device}{In(ns)} drops what is sent",
        Evidence = [queue.Text],
        Fix = Host(ns, $"tc qdisc del dev {queue.Device} {(queue.Parent == "root" ? "root" : $"parent {queue.Parent}")}", "takes the queueing discipline away; the kernel's own takes its place"),
    };

    public static Fault Filter(string ns, ObservedQdisc filter) => new()
    {
        Code = "tc.drop",
        Namespace = ns,
        Device = filter.Device,
        Summary = $"a tc filter at {filter.Device} ({filter.Parent}){In(ns)} takes it out of the way",
        Evidence = [filter.Text],
        Fix = Host(ns, $"tc filter del dev {filter.Device} {filter.Parent}", "removes the filters on that side of the device"),
    };

    internal static Fix Host(string ns, string command, string explanation) => new(FixPlace.Host, [Commands.In(ns, command)], explanation);

    internal static string In(string ns) => ns.Length == 0 ? "" : $" in {ns}";
}

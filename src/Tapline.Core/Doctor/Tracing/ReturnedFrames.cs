using Tapline.Core.Doctor.Switching;
using Tapline.Core.Host.Observed;

namespace Tapline.Core.Doctor.Tracing;

/// <summary>
/// A frame that comes back to a bridge which had it before. The bridge learns its sender by each frame anew: what is for the sender goes
/// where the frame came back until it sends another, so nothing that is read at one moment tells what holds at the next.
/// </summary>
/// <param name="Fault">What gives it back.</param>
/// <param name="Missing">What can not be told therefore.</param>
internal sealed record ReturnedFrames(Fault Fault, string Missing)
{
    /// <summary>Null for a frame that comes for the first time, or by which nothing is learned.</summary>
    /// <param name="world">What is seen of the host.</param>
    /// <param name="at">Where the frame comes in now.</param>
    /// <param name="trail">How it came there.</param>
    /// <param name="answer">What the switch does with it, where it is at one.</param>
    public static ReturnedFrames? Of(World world, Position at, Trail? trail, SwitchResult? answer) => at switch
    {
        Position.AtSwitch when answer is not null && world.Port(at.Device) is { } port && IsLearned(answer, port.Bridge.Name, at.Device) =>
            Back(world, at, trail, ("", port.Bridge.Name), last => world.Port(last.Device)?.Port.Tag == port.Port.Tag),
        Position.Arriving when world.Link(at.Namespace, at.Device) is { Master: { } master } link && Learns(world, at, link, master) =>
            Back(world, at, trail, (at.Namespace, master), _ => true),
        _ => null,
    };

    private static bool IsLearned(SwitchResult answer, string bridge, string port) =>
        answer.Steps.Any(step => step.Bridge == bridge && step.Port == port && step.Does.Contains("NORMAL", StringComparison.Ordinal));

    /// <summary>A bridge's own addresses are not learned (br_fdb_update).</summary>
    private static bool Learns(World world, Position at, ObservedLink link, string master) =>
        link.BridgePort is { Learning: true, State: "forwarding" or "learning" }
        && world.Link(at.Namespace, master) is { Kind: "bridge", Bridge: { AgeingSeconds: > 0, VlanFiltering: false } }
        && !world.FdbOf(at.Namespace, master).Any(entry => entry.Local && entry.Mac == at.Packet.EtherSource);

    private static ReturnedFrames? Back(World world, Position at, Trail? trail, (string Namespace, string Name) bridge, Func<Hop, bool> isSameSegment)
    {
        var since = new List<Hop>();
        for (var step = trail; step is not null; step = step.Before)
        {
            if ((step.Hop.Namespace, step.Hop.Device) == bridge && step.Hop.Packet.EtherSource == at.Packet.EtherSource)
            {
                since.Reverse();
                return since is [var left, ..] && left.Packet.Vlan == at.Packet.Vlan && isSameSegment(left) ? At(world, at, bridge.Name, since) : null;
            }

            since.Add(step.Hop);
        }

        return null;
    }

    private static ReturnedFrames At(World world, Position at, string bridge, List<Hop> since)
    {
        var sender = at.Packet.EtherSource;
        var believes = $"{bridge} takes {sender} to be behind {at.Device} with each frame that comes back";
        var fault = Enumerable.Range(1, Math.Max(0, since.Count - 2)).Select(i => Turned(world, since[i - 1], since[i], since[i + 1])).FirstOrDefault(port => port is not null) is { } turned
            ? Hairpin(since.First(hop => hop.Device == turned.Name).Namespace, turned, believes, at is Position.AtSwitch ? $"ovs-appctl fdb/flush {bridge}" : null)
            : new Fault
            {
                Code = "bridge.loop",
                Namespace = at.Namespace,
                Device = at.Device,
                Summary = $"what leaves {bridge} comes back to it by {at.Device}: the network has a loop, and {believes}",
                Evidence = [$"the way from {bridge} back to it: {string.Join(", ", since.Select(hop => hop.Device))}"],
            };
        return new ReturnedFrames(fault, $"{believes}, and where it really is with each other of its frames: what is for it arrives or is lost by which came last");
    }

    /// <summary>The port of a Linux bridge that the frame came in by and left by again.</summary>
    private static ObservedLink? Turned(World world, Hop before, Hop bridge, Hop after) =>
        bridge.Kind == "bridge" && before.Device == after.Device && world.Link(before.Namespace, before.Device) is { BridgePort.Hairpin: true } port ? port : null;

    private static Fault Hairpin(string ns, ObservedLink port, string believes, string? forget) => new()
    {
        Code = "bridge.hairpin",
        Namespace = ns,
        Device = port.Name,
        Summary = $"{port.Name} is a port of {port.Master} in hairpin mode, which gives back by it what came by it: {believes}",
        Evidence = [$"bridge port {port.Name}: hairpin on"],
        Fix = new Fix(FixPlace.Host, [Commands.In(ns, $"bridge link set dev {port.Name} hairpin off"), .. forget is null ? Array.Empty<string>() : [forget]],
            "sends nothing to where it came from any more; and what was learned by it is forgotten"),
    };
}

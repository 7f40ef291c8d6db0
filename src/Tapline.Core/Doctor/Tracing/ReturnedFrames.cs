using Tapline.Core.Doctor.Switching;
using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Tracing;

/// <summary>
/// A frame that comes back to a bridge which had it before. The bridge learns its sender by each frame anew: what is for the sender goes
/// where the frame came back until it sends another, so nothing that is read at one moment tells what holds at the next.
/// </summary>
/// <param name="Fault">What gives it back.</param>
/// <param name="Missing">What can not be told because of it; null where something else decides.</param>
/// <param name="Without">The host as it would be without; null where that can not be thought up.</param>
internal sealed record ReturnedFrames(Fault Fault, string? Missing, Func<World>? Without)
{
    /// <summary>Null for a frame that comes for the first time, or by which nothing is learned.</summary>
    /// <param name="world">What is seen of the host.</param>
    /// <param name="at">Where the frame comes in now.</param>
    /// <param name="trail">How it came there.</param>
    /// <param name="answer">What the switch does with it, where it is at one.</param>
    /// <param name="step">What becomes of it.</param>
    public static ReturnedFrames? Of(World world, Position at, Trail? trail, SwitchResult? answer, Step step) => at switch
    {
        Position.AtSwitch when answer is not null && world.Port(at.Device) is { } port && IsLearned(answer, port.Bridge.Name, at.Device) =>
            Back(world, at, trail, ("", port.Bridge.Name), last => world.Port(last.Device)?.Port.Tag == port.Port.Tag),
        Position.Arriving when world.Link(at.Namespace, at.Device) is { Master: { } master } link && Learns(world, at, link, master, step) =>
            Back(world, at, trail, (at.Namespace, master), _ => true),
        _ => null,
    };

    private static bool IsLearned(SwitchResult answer, string bridge, string port) =>
        answer.Steps.Any(step => step.Bridge == bridge && step.Port == port && step.Does.Contains("NORMAL", StringComparison.Ordinal));

    /// <summary>A bridge learns of what its rules let in, and its own addresses never (br_handle_frame_finish, br_fdb_update).</summary>
    private static bool Learns(World world, Position at, ObservedLink link, string master, Step step) =>
        link.BridgePort is { Learning: true }
        && world.Link(at.Namespace, master) is { Kind: "bridge", Bridge: { AgeingSeconds: > 0, VlanFiltering: false } }
        && (!step.Onward.IsEmpty || step.Ends.Any(ending => ending.End is End.Lost { Fault.Code: "bridge.fdb-wrong" }))
        && !world.FdbOf(at.Namespace, master).Any(entry => entry.Local && entry.Mac == at.Packet.EtherSource);

    /// <summary>As long as nobody sent it anew: with another sender it is another frame.</summary>
    private static ReturnedFrames? Back(World world, Position at, Trail? trail, (string Namespace, string Name) bridge, Func<Hop, bool> isSameSegment)
    {
        var since = new List<Hop>();
        for (var step = trail; step is not null && step.Hop.Packet.EtherSource == at.Packet.EtherSource; step = step.Before)
        {
            if ((step.Hop.Namespace, step.Hop.Device) == bridge)
            {
                since.Reverse();
                return since is [var left, ..] && left.Packet.Vlan == at.Packet.Vlan && isSameSegment(left) && step.Before?.Hop.Device != at.Device
                    ? At(world, at, bridge.Name, since)
                    : null;
            }

            since.Add(step.Hop);
        }

        return null;
    }

    private static ReturnedFrames At(World world, Position at, string bridge, List<Hop> since)
    {
        var sender = at.Packet.EtherSource;
        var believes = $"each frame that comes back makes {bridge} believe that {sender} is behind {at.Device}";
        var missing = $"{believes}; each frame straight from {sender} puts that right again. Whether what is sent to it arrives depends on which came last";
        foreach (var (before, inside, after) in since.Zip(since.Skip(1), since.Skip(2)))
        {
            if (inside.Kind == "bridge" && before.Device == after.Device && world.Link(before.Namespace, before.Device) is { BridgePort.Hairpin: true } port)
            {
                return new ReturnedFrames(Hairpin(before.Namespace, port, believes, at is Position.AtSwitch ? bridge : null), missing, () => Otherwise(world, before.Namespace, port, at.Device, sender));
            }
        }

        return new ReturnedFrames(
            new Fault
            {
                Code = "bridge.loop",
                Namespace = at.Namespace,
                Device = at.Device,
                Summary = $"what leaves {bridge} comes back to it by {at.Device}: {believes}",
                Evidence = [$"the way from {bridge} back to it: {string.Join(", ", since.Select(hop => hop.Device))}"],
            },
            missing,
            Without: null);
    }

    /// <summary>What Open vSwitch has learned by it is forgotten at once; a Linux bridge learns better with the next frame.</summary>
    private static Fault Hairpin(string ns, ObservedLink port, string believes, string? misled)
    {
        var off = Commands.In(ns, $"bridge link set dev {port.Name} hairpin off");
        return new Fault
        {
            Code = "bridge.hairpin",
            Namespace = ns,
            Device = port.Name,
            Summary = $"{port.Name} is a port of {port.Master} in hairpin mode, which gives back by it what came by it: {believes}",
            Evidence = [$"bridge port {port.Name}: hairpin on"],
            Fix = misled is null || ns.Length > 0
                ? new Fix(FixPlace.Host, [off], "sends nothing back to where it came from any more")
                : new Fix(FixPlace.Host, [off, $"ovs-appctl fdb/flush {misled}"], "sends nothing back to where it came from any more, and forgets what was learned by it"),
        };
    }

    /// <summary>The port as others are, and nothing learned of what it gave back.</summary>
    private static World Otherwise(World world, string ns, ObservedLink port, string learnedAt, MacAddress sender)
    {
        var other = world.Otherwise(world.Namespace(ns), port with { BridgePort = port.BridgePort! with { Hairpin = false } }).Seen;
        return world.Otherwise(other.Switch is not { } ovs ? other : other with
        {
            Switch = ovs with { Bridges = [.. ovs.Bridges.Select(bridge => bridge with { Fdb = [.. bridge.Fdb.Where(entry => entry.Port != learnedAt || entry.Mac != sender)] })] },
        });
    }
}

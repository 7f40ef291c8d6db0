using Tapline.Core.Doctor.Switching;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Tracing;

/// <summary>A frame in Open vSwitch: in by a port, through bridges and patch ports, out by others.</summary>
internal static class SwitchStep
{
    private static readonly string[] Tunnels = ["vxlan", "geneve", "gre", "lisp", "stt", "erspan", "gtpu"];

    /// <summary>Null where nobody could answer.</summary>
    public static SwitchQuestion? Question(World world, Position.AtSwitch at) =>
        world.Seen.Switch is { DaemonAnswers: true } && world.Port(at.Device) is { } port
            ? new SwitchQuestion(port.Bridge.Name, at.Device, at.Packet)
            : null;

    public static Step Take(World world, Position.AtSwitch at, SwitchResult? answer)
    {
        var port = world.Port(at.Device)!.Value;
        var entry = Hop(port.Bridge.Name, "ovs-bridge", at.Packet);
        if (answer is null)
        {
            return port.Bridge.DatapathType is "netdev" or "dummy"
                ? Step.Lost(entry, SwitchFaults.DaemonDead(world))
                : Step.Unsure(entry, "ovs-vswitchd does not answer; what the kernel's datapath still does with old flows can not be told");
        }

        if (answer.Unknown is { } missing)
        {
            return Step.Unsure(entry with { Detail = missing }, missing);
        }

        var visits = Visits(answer.Steps).ToList();
        if (answer.Outputs.IsEmpty)
        {
            var fault = SwitchFaults.Dropped(world, at, answer);
            var hops = Way(world, at, visits, visits.Count > 0 ? visits[^1][0].Bridge : port.Bridge.Name);
            var last = hops[^1] with { State = HopState.Drop, Detail = fault.Summary };
            return new Step([.. hops.SkipLast(1), last], [], [new Ending([], new End.Lost(fault))]);
        }

        var (onward, ends) = (new List<Onward>(), new List<Ending>());
        var ways = answer.Outputs.Select(output => output.Bridge).Distinct().ToDictionary(bridge => bridge, bridge => Way(world, at, visits, bridge).ToValueList());
        foreach (var output in answer.Outputs)
        {
            var way = ways[output.Bridge];
            if (visits.FindLast(visit => visit[0].Bridge == output.Bridge) is { } stay && Segments.Mismatch(world, stay) is { } mismatch)
            {
                ends.Add(new Ending([.. way, .. Beyond(world, output, mismatch.Summary)], new End.Lost(mismatch)));
                continue;
            }

            Out(world, output, way, onward, ends);
        }

        foreach (var visit in visits.Where(visit => !LeadsOn(world, visits, visit, answer) && !Segments.IsElsewhere(world, port.Port, visit[0].Port)))
        {
            ends.Add(new Ending([.. Way(world, at, visits, visit[0].Bridge)], new End.Lost(SwitchFaults.At(world, at, visit)) { IsOneOfSeveral = true }));
        }

        return new Step([], [.. onward], [.. ends]);
    }

    /// <summary>The bridges from the port to that one, with the flows met there, and the two ends of each patch between.</summary>
    private static List<Hop> Way(World world, Position.AtSwitch at, List<List<Switching.SwitchStep>> visits, string bridge)
    {
        var hops = new List<Hop>();
        for (var visit = visits.FindLast(steps => steps[0].Bridge == bridge); visit is not null;)
        {
            hops.Insert(0, Hop(visit[0].Bridge, "ovs-bridge", at.Packet) with { Detail = string.Join("; ", visit.Select(Words)) });
            if (world.Port(visit[0].Port) is not { Interface.Type: "patch" } patch || hops.Count > 3 * visits.Count)
            {
                return hops;
            }

            var peer = patch.Interface.Option("peer") ?? "";
            hops.Insert(0, Hop(visit[0].Port, "patch", at.Packet));
            hops.Insert(0, Hop(peer, "patch", at.Packet));
            var before = world.Port(peer)?.Bridge.Name;
            visit = visits.Find(steps => steps[0].Bridge == before);
        }

        return hops.Count > 0 ? hops : [Hop(bridge, "ovs-bridge", at.Packet)];
    }

    /// <summary>It leaves all the same: by the port, to where that leads as far as one can see, and is lost there.</summary>
    private static IEnumerable<Hop> Beyond(World world, SwitchOutput output, string why)
    {
        var (ns, device) = world.Link("", output.Port)?.Peer is { In.Length: > 0 } peer ? (peer.In, peer.Name) : ("", output.Port);
        if (ns.Length > 0)
        {
            yield return Hop(output.Port, Hops.KindOf(world, "", output.Port), output.Packet);
        }

        yield return Hops.At(world, new Position.Arriving(ns, device, output.Packet), HopState.Drop, why);
    }

    /// <summary>Some copy left by this bridge, or went on to the next.</summary>
    private static bool LeadsOn(World world, List<List<Switching.SwitchStep>> visits, List<Switching.SwitchStep> visit, SwitchResult answer) =>
        answer.Outputs.Any(output => output.Bridge == visit[0].Bridge)
        || visits.Exists(other => world.Port(other[0].Port) is { Interface: { Type: "patch" } patch } && world.Port(patch.Option("peer") ?? "")?.Bridge.Name == visit[0].Bridge);

    private static IEnumerable<List<Switching.SwitchStep>> Visits(ValueList<Switching.SwitchStep> steps)
    {
        List<Switching.SwitchStep> visit = [];
        foreach (var step in steps)
        {
            if (visit.Count > 0 && (visit[0].Bridge != step.Bridge || visit[0].Port != step.Port))
            {
                yield return visit;
                visit = [];
            }

            visit.Add(step);
        }

        if (visit.Count > 0)
        {
            yield return visit;
        }
    }

    private static void Out(World world, SwitchOutput output, ValueList<Hop> way, List<Onward> onward, List<Ending> ends)
    {
        var type = world.Port(output.Port)?.Interface.Type ?? "internal";
        if (Tunnels.Contains(type))
        {
            ends.Add(new Ending([.. way, Hop(output.Port, "tunnel", output.Packet)], new End.Unsure("", output.Port, $"{output.Port} is a tunnel ({type}) to another host")));
        }
        else if (output.Port == output.Bridge && world.Link("", output.Port) is not { Up: true })
        {
            // The bridge's own port, which is down unless the host itself speaks through the bridge.
            ends.Add(new Ending(way, new End.Ignored("", output.Port, output.Packet, "the bridge's own device is down, as it is where the host does not use it")));
        }
        else if (type != "internal")
        {
            onward.Add(new Onward(way, new Position.Leaving("", output.Port, output.Packet)));
        }
        else if (world.NamespaceOfInternalPort(output.Port) is { } ns)
        {
            onward.Add(new Onward(way, new Position.Arriving(ns, output.Port, output.Packet)));
        }
        else if (output.Port != output.Bridge)
        {
            ends.Add(new Ending(way, new End.Lost(SwitchFaults.InternalPortGone(output.Port))));
        }
    }

    private static string Words(Switching.SwitchStep step) =>
        step.Table is { } table ? $"table {LinkStep.Number(table)}: {(step.Flow.Length > 0 ? step.Flow : "no flow matches")} → {step.Does}" : step.Does;

    private static Hop Hop(string device, string kind, Packet packet) => new() { Namespace = "", Device = device, Kind = kind, Packet = packet };
}

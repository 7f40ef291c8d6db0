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

        var hops = Inside(world, at, answer);
        if (answer.Outputs.IsEmpty)
        {
            var fault = SwitchFaults.Dropped(world, at, answer);
            var last = hops[^1] with { State = HopState.Drop, Detail = fault.Summary };
            return new Step([.. hops.SkipLast(1), last], [], [new Ending([], new End.Lost(fault))]);
        }

        var (onward, ends) = Out(world, answer);
        return new Step([.. hops], [.. onward], [.. ends]);
    }

    /// <summary>Each bridge entered, with the flows met there; the two ends of the patch between.</summary>
    private static List<Hop> Inside(World world, Position.AtSwitch at, SwitchResult answer)
    {
        var hops = new List<Hop>();
        foreach (var steps in Visits(answer.Steps))
        {
            var (bridge, port) = (steps[0].Bridge, steps[0].Port);
            if (hops.Count > 0 && world.Port(port) is { Interface.Type: "patch" } patch)
            {
                hops.Add(Hop(patch.Interface.Option("peer") ?? "?", "patch", at.Packet));
                hops.Add(Hop(port, "patch", at.Packet));
            }

            hops.Add(Hop(bridge, "ovs-bridge", at.Packet) with { Detail = string.Join("; ", steps.Select(Words)) });
        }

        return hops.Count > 0 ? hops : [Hop(world.Port(at.Device)!.Value.Bridge.Name, "ovs-bridge", at.Packet)];
    }

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

    private static (List<Onward> Onward, List<Ending> Ends) Out(World world, SwitchResult answer)
    {
        var (onward, ends) = (new List<Onward>(), new List<Ending>());
        foreach (var output in answer.Outputs)
        {
            var type = world.Port(output.Port)?.Interface.Type ?? "internal";
            if (Tunnels.Contains(type))
            {
                ends.Add(new Ending([Hop(output.Port, "tunnel", output.Packet)], new End.Unsure("", output.Port, $"{output.Port} is a tunnel ({type}) to another host")));
            }
            else if (type != "internal")
            {
                onward.Add(new Onward([], new Position.Leaving("", output.Port, output.Packet)));
            }
            else if (world.NamespaceOfInternalPort(output.Port) is { } ns)
            {
                onward.Add(new Onward([], new Position.Arriving(ns, output.Port, output.Packet)));
            }
            else if (output.Port != output.Bridge)
            {
                ends.Add(new Ending([], new End.Lost(SwitchFaults.InternalPortGone(output.Port))));
            }
        }

        return (onward, ends);
    }

    private static string Words(Switching.SwitchStep step) =>
        step.Table is { } table ? $"table {LinkStep.Number(table)}: {(step.Flow.Length > 0 ? step.Flow : "no flow matches")} → {step.Does}" : step.Does;

    private static Hop Hop(string device, string kind, Packet packet) => new() { Namespace = "", Device = device, Kind = kind, Packet = packet };
}

using System.Text.RegularExpressions;
using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Tracing;

/// <summary>Flows that drop, and flows that are not there.</summary>
internal static partial class FlowFaults
{
    /// <summary>A bridge without a single flow.</summary>
    public static Fault None(World world, ObservedBridgeOfSwitch bridge, Position.AtSwitch at) => new()
    {
        Code = "ovs.flows-missing",
        Device = bridge.Name,
        Summary = $"{bridge.Name} has no flows at all, so it drops everything: Open vSwitch was started anew, or somebody deleted them, and the agent has not pushed them again",
        Evidence = [$"ovs-ofctl dump-flows {bridge.Name}: none", $"Bridge {bridge.Name}: fail_mode {bridge.FailMode}", $"the frame: {Packets.Words(at.Packet)}"],
        Fix = new Fix(FixPlace.Host,
            [.. Translations.Missing(world, bridge).Select(flow => AddFlow(bridge.Name, flow)), AddFlow(bridge.Name, "priority=0,actions=NORMAL")],
            "lets the bridge switch again; anti-spoofing flows are the agent's to push"),
    };

    public static Fault Of(World world, ObservedBridgeOfSwitch bridge, Position.AtSwitch at, Switching.SwitchStep step)
    {
        var evidence = (ValueList<string>)[$"{step.Bridge}, port {step.Port}: {(step.Flow.Length > 0 ? step.Flow : $"no flow of table {LinkStep.Number(step.Table ?? 0)} matches")} → {step.Does}"];
        if (step.Does.Contains("not exist", StringComparison.Ordinal) || step.Does.Contains("missing", StringComparison.Ordinal))
        {
            return new Fault
            {
                Code = "ovs.no-such-port",
                Device = bridge.Name,
                Summary = $"a flow of {bridge.Name} sends it to a port that does not exist",
                Evidence = evidence,
                Fix = step.Flow.Length > 0 ? new Fix(FixPlace.Host, [DeleteFlow(bridge.Name, step.Flow)], "takes the flow away; the agent's own are pushed again by it") : null,
            };
        }

        if (Translations.For(world, bridge, step.Port, at.Packet) is { } translation)
        {
            return new Fault
            {
                Code = "ovs.translation-missing",
                Device = bridge.Name,
                Summary = $"{bridge.Name} has no flow that translates between the local VLAN and the wire for what comes in by {step.Port}",
                Evidence = evidence,
                Fix = new Fix(FixPlace.Host, [AddFlow(bridge.Name, translation)], "the reverse of the flow that the other side still has"),
            };
        }

        if (Untranslated.For(world, at, step) is { } untranslated)
        {
            return untranslated;
        }

        if (IsSpoofTable(step))
        {
            return new Fault
            {
                Code = "port.spoofed",
                Device = at.Device,
                Summary = $"{Packets.Words(at.Packet)} does not bear an address of its port, so anti-spoofing in {bridge.Name} drops it",
                Evidence = evidence,
                Fix = new Fix(FixPlace.Api, [$"openstack port set --allowed-address ip-address={at.Packet.Source} PORT"], "lets the port use that address; or set the instance's address to the port's own"),
            };
        }

        return step.Flow.Length == 0
            ? new Fault
            {
                Code = "ovs.no-flow",
                Device = bridge.Name,
                Summary = $"no flow of {bridge.Name} (table {LinkStep.Number(step.Table ?? 0)}) takes {Packets.Words(at.Packet)}, so it is dropped",
                Evidence = evidence,
                Fix = new Fix(FixPlace.Host, [AddFlow(bridge.Name, $"table={LinkStep.Number(step.Table ?? 0)},priority=0,actions=NORMAL")], "lets what no other flow takes be switched"),
            }
            : new Fault
            {
                Code = "ovs.flow-drop",
                Device = bridge.Name,
                Summary = $"a flow of {bridge.Name} drops {Packets.Words(at.Packet)}: {step.Flow}",
                Evidence = evidence,
                Fix = new Fix(FixPlace.Host, [DeleteFlow(bridge.Name, step.Flow)], "takes the flow away; look first who set it"),
            };
    }

    public static string AddFlow(string bridge, string flow) => $"ovs-ofctl add-flow {bridge} {Commands.Quoted(flow)}";

    /// <summary>By its match alone: the flow's text without cookie and actions.</summary>
    public static string DeleteFlow(string bridge, string flow) => $"ovs-ofctl --strict del-flows {bridge} {Commands.Quoted(MatchOf(flow))}";

    /// <summary>Table, priority and match, as a strict command names the flow.</summary>
    public static string MatchOf(string flow)
    {
        var match = flow.Split(" actions=", 2)[0];
        var parts = match.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries)
            .Where(part => part != "reset_counts" && !Counters().IsMatch(part));
        return string.Join(',', parts);
    }

    /// <summary>Neutron's tables 24 (ARP) and 25 (MAC) check what a port may send.</summary>
    private static bool IsSpoofTable(Switching.SwitchStep step) => step.Table is 24 or 25;

    [GeneratedRegex("^(cookie|duration|n_packets|n_bytes|idle_age|hard_age)=")]
    private static partial Regex Counters();
}

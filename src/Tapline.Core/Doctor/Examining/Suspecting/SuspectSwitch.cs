using Tapline.Core.Doctor.Tracing;
using Tapline.Core.Host.Observed;

namespace Tapline.Core.Doctor.Examining.Suspecting;

/// <summary>Open vSwitch: what ports were told of VLANs, translations that are not there, and flows that were met.</summary>
internal static class SuspectSwitch
{
    private static readonly (string Flag, string Command)[] Stops = [("PORT_DOWN", "up"), ("NO_RECV", "receive"), ("NO_FWD", "forward"), ("NO_FLOOD", "flood")];

    public static IEnumerable<Suspect> Of(World world, IEnumerable<Switching.SwitchStep> decisions) => world.Seen.Switch is not { } seen ? [] :
    [
        .. from bridge in seen.Bridges from port in bridge.Ports from suspect in Columns(world, port) select suspect,
        .. from bridge in seen.Bridges from port in bridge.Ports from device in port.Interfaces from stop in Stops where device.Config.Contains(stop.Flag) && device.Name != bridge.Name select Stopped(world, bridge, port, device, stop),
        .. from bridge in seen.Bridges select Untranslated(world, bridge) into suspect where suspect is not null select suspect,
        .. from step in decisions where step is { Table: not null, Flow.Length: > 0 } group step by (step.Bridge, step.Flow) into met select Flow(world, met.First()) into suspect where suspect is not null select suspect,
    ];

    /// <summary>A tag is an access port's own; on patches and on a provider's NICs nobody expects one.</summary>
    private static IEnumerable<Suspect> Columns(World world, ObservedPort port)
    {
        if (port.VlanMode.Length > 0)
        {
            yield return Column(world, port, port with { VlanMode = "" }, $"clear Port {port.Name} vlan_mode", $"vlan_mode {port.VlanMode}");
        }

        if (!port.Trunks.IsEmpty)
        {
            yield return Column(world, port, port with { Trunks = [] }, $"clear Port {port.Name} trunks", $"trunks {string.Join(',', port.Trunks)}");
        }

        if (port.Tag is { } tag && (port.Interfaces.Any(device => device.Type == "patch") || world.Seen.Switch!.Bridges.Any(bridge => bridge.Name != "br-int" && bridge.Ports.Any(item => item.Name == port.Name))))
        {
            yield return Column(world, port, port with { Tag = null }, $"clear Port {port.Name} tag", $"tag {LinkStep.Number(tag)}");
        }

        foreach (var setting in port.OtherConfig)
        {
            var without = port with { OtherConfig = [.. port.OtherConfig.Where(other => other != setting)] };
            yield return Column(world, port, without, setting.Name == "protected" ? $"clear Port {port.Name} protected" : $"remove Port {port.Name} other_config {setting.Name}", $"{setting.Name} {setting.Value}");
        }
    }

    private static Suspect Column(World world, ObservedPort port, ObservedPort other, string command, string told) => new(
        () => world.Otherwise(world.Seen.WithPorts(item => item.Name == port.Name ? other : item)),
        new Fault
        {
            Code = "ovs.port-vlan",
            Device = port.Name,
            Summary = $"the port {port.Name} of Open vSwitch does not treat VLANs as its network needs it: {told}",
            Evidence = [$"Port {port.Name}: {told}"],
            Fix = new Fix(FixPlace.Host, [$"ovs-vsctl {command}"], "as ports are from the beginning"),
        });

    /// <summary>A bridge's own port is off wherever the host does not use it.</summary>
    private static Suspect Stopped(World world, ObservedBridgeOfSwitch bridge, ObservedPort port, ObservedInterface device, (string Flag, string Command) stop) => new(
        () => world.Otherwise(world.Seen.WithPorts(item => item.Name == port.Name
            ? port with { Interfaces = [.. port.Interfaces.Select(other => other.Name == device.Name ? device with { Config = [.. device.Config.Where(flag => flag != stop.Flag)] } : other)] }
            : item)),
        new Fault
        {
            Code = "ovs.port-off",
            Device = device.Name,
            Summary = $"the port {device.Name} of {bridge.Name} is switched off in OpenFlow ({stop.Flag})",
            Evidence = [$"ovs-ofctl show {bridge.Name}: {device.Name}: {stop.Flag}"],
            Fix = new Fix(FixPlace.Host, [$"ovs-ofctl mod-port {bridge.Name} {device.Name} {stop.Command}"], "switches it on again"),
        });

    /// <summary>Null where each translation of the bridge beyond the patch has its reverse here.</summary>
    private static Suspect? Untranslated(World world, ObservedBridgeOfSwitch bridge)
    {
        var missing = Translations.Missing(world, bridge).Where(flow => !Translations.Has(bridge, flow)).Distinct().ToList();
        return missing.Count == 0 ? null : new Suspect(
            () => world.Otherwise(world.Seen.WithBridges(item => item.Name == bridge.Name
                ? bridge with { Flows = [.. bridge.Flows.Where(line => !missing.Exists(flow => Same(line, AsDumped(flow)))), .. missing.Select(AsDumped)] }
                : item)),
            new Fault
            {
                Code = "ovs.translation-missing",
                Device = bridge.Name,
                Summary = $"{bridge.Name} does not translate between the local VLAN and the wire, as the bridge beyond the patch does",
                Evidence = [.. missing.Select(flow => $"{bridge.Name}: no flow {flow}")],
                Fix = new Fix(FixPlace.Host, [.. missing.Select(flow => FlowFaults.AddFlow(bridge.Name, flow))], "the reverse of the flows that the other side has"),
            });
    }

    private static Suspect? Flow(World world, Switching.SwitchStep step) =>
        world.Seen.Switch!.Bridges.FirstOrDefault(bridge => bridge.Name == step.Bridge) is not { } bridge || bridge.Flows.All(line => !Same(line, step.Flow)) ? null : new Suspect(
            () => world.Otherwise(world.Seen.WithBridges(item => item.Name == bridge.Name ? bridge with { Flows = [.. bridge.Flows.Where(line => !Same(line, step.Flow))] } : item)),
            new Fault
            {
                Code = "ovs.flow-wrong",
                Device = bridge.Name,
                Summary = $"a flow of {bridge.Name} leads it astray or changes it on the way: {step.Flow}",
                Evidence = [$"{step.Bridge}, port {step.Port}: {step.Flow} → {step.Does}"],
                Fix = new Fix(FixPlace.Host, [FlowFaults.DeleteFlow(bridge.Name, step.Flow)], "takes the flow away; look first who set it"),
            });

    private static string AsDumped(string flow) => flow.Replace(",actions=", " actions=", StringComparison.Ordinal);

    private static bool Same(string line, string flow) => Match(line) == Match(flow);

    /// <summary>Table 0 is not always told, and ports are quoted or not.</summary>
    private static string Match(string flow) => FlowFaults.MatchOf(flow.Replace("\"", "", StringComparison.Ordinal)).Replace("table=0,", "", StringComparison.Ordinal);

    private static Observation WithPorts(this Observation seen, Func<ObservedPort, ObservedPort> change) =>
        seen.WithBridges(bridge => bridge with { Ports = [.. bridge.Ports.Select(change)] });

    private static Observation WithBridges(this Observation seen, Func<ObservedBridgeOfSwitch, ObservedBridgeOfSwitch> change) =>
        seen with { Switch = seen.Switch! with { Bridges = [.. seen.Switch.Bridges.Select(change)] } };
}

using Tapline.Core.Host.Observed;

namespace Tapline.Core.Doctor.Fitness;

/// <summary>Whether Open vSwitch does its work.</summary>
internal static class SwitchChecks
{
    public static IEnumerable<HostFinding> Of(Observation seen)
    {
        var database = seen.Unread.FirstOrDefault(line => line.StartsWith("Open vSwitch's database", StringComparison.Ordinal));
        if (seen.Switch is not { } found)
        {
            var isForbidden = database is not null && HostFitness.Fact(seen, "uid") == "other";
            yield return Finding("host.ovs-database", isForbidden ? FindingLevel.Unknown : FindingLevel.Bad, "ovsdb-server", database ?? "there is no Open vSwitch: none of its usual directories is there",
                "all ports of instances are ports of Open vSwitch", HostFitness.OnHost("starts it; where it is not installed, its package is openvswitch-switch", "systemctl start openvswitch-switch"));
            yield break;
        }

        yield return Finding("host.ovs-database", FindingLevel.Ok, "ovsdb-server", $"the database answers, with {found.Bridges.Count} bridges", "all ports of instances are ports of Open vSwitch", null);
        yield return Daemon(found);
        foreach (var bridge in found.Bridges)
        {
            yield return Datapath(seen, bridge);
            if (Refused(bridge) is { } refused)
            {
                yield return refused;
            }
        }
    }

    private static HostFinding Daemon(ObservedSwitch found) => found.DaemonAnswers
        ? Finding("host.ovs-daemon", FindingLevel.Ok, "ovs-vswitchd", $"it answers, version {found.Version}", "it forwards and carries out what the database says", null)
        : Finding("host.ovs-daemon", FindingLevel.Bad, "ovs-vswitchd", "it does not answer on its control socket", "it forwards and carries out what the database says",
            HostFitness.OnHost("starts it anew; agents push their flows again", "systemctl restart openvswitch-switch"));

    /// <summary>Where the kernel could forward, it should.</summary>
    private static HostFinding Datapath(Observation seen, ObservedBridgeOfSwitch bridge)
    {
        var kernel = HostFitness.Fact(seen, "kernel openvswitch");
        var (level, why, fix) = (bridge.DatapathType, kernel) switch
        {
            ("netdev", "absent") => (FindingLevel.Ok, "the kernel has no openvswitch, so packets are forwarded in user space", null),
            ("netdev", "built in" or "loaded" or "loadable") => (FindingLevel.Warning, "packets are forwarded in user space although the kernel could, which takes less processor time",
                HostFitness.OnHost("has the kernel forward; the bridge's packets stop for a moment, and its flows have to be pushed again", $"ovs-vsctl set Bridge {bridge.Name} datapath_type=system")),
            ("system", "absent") => (FindingLevel.Bad, "the kernel has no openvswitch: this bridge forwards nothing",
                HostFitness.OnHost("has ovs-vswitchd forward in user space", $"ovs-vsctl set Bridge {bridge.Name} datapath_type=netdev")),
            _ => (FindingLevel.Ok, "who forwards: system is the kernel, netdev is ovs-vswitchd in user space", (Fix?)null),
        };
        return Finding("host.ovs-datapath", level, bridge.Name, $"datapath_type of {bridge.Name} is {bridge.DatapathType}, fail_mode {bridge.FailMode}", why, fix);
    }

    private static HostFinding? Refused(ObservedBridgeOfSwitch bridge)
    {
        var refused = bridge.Ports.SelectMany(port => port.Interfaces).Where(device => device.Error.Length > 0 || device.Ofport == -1).ToList();
        return refused.Count == 0 ? null : Finding("host.ovs-port", FindingLevel.Warning, refused[0].Name,
            $"{bridge.Name} could not take in {Several.Named(refused.Select(device => device.Name))}: {(refused[0].Error is { Length: > 0 } error ? error : "ofport -1")}",
            "a port that is written in the database and has no device is dead; devices that are gone leave such rows behind",
            HostFitness.OnHost("takes the row away, if nobody needs the port any more", $"ovs-vsctl --if-exists del-port {bridge.Name} {Commands.Quoted(refused[0].Name)}"));
    }

    private static HostFinding Finding(string code, FindingLevel level, string subject, string read, string why, Fix? fix) =>
        new() { Code = code, Level = level, Subject = subject, Read = read, Why = why, Fix = fix };
}

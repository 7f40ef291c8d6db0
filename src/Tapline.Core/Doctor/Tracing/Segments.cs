using System.Globalization;
using Tapline.Core.Host.Observed;

namespace Tapline.Core.Doctor.Tracing;

/// <summary>The VLAN on the wire of what leaves by a provider bridge, against the one that br-int takes in for the same local VLAN.</summary>
internal static class Segments
{
    /// <summary>They differ, so no answer can come back; null where they agree or where no flow tells.</summary>
    /// <param name="world">The host.</param>
    /// <param name="visit">The frame's stay in the provider bridge, into which it came by a patch.</param>
    public static Fault? Mismatch(World world, IReadOnlyList<Switching.SwitchStep> visit)
    {
        if (world.Port(visit[0].Port) is not { Interface: { Type: "patch" } patch } || patch.Option("peer") is not { } peer || world.Port(peer) is not { } far)
        {
            return null;
        }

        foreach (var step in visit.Where(step => step.Flow.Length > 0))
        {
            if (Translations.ToWire(step.Flow) is not var (local, wire))
            {
                continue;
            }

            var taken = far.Bridge.Flows.Where(flow => Translations.IsFrom(flow, peer)).Select(Translations.FromWire).Where(found => found?.Local == local).Select(found => found!.Value.Wire).ToList();
            if (taken.Count > 0 && !taken.Contains(wire))
            {
                return Of(world, visit[0].Bridge, step.Flow, far.Bridge.Name, local, wire, taken[0]);
            }
        }

        return null;
    }

    /// <summary>A flood reaches a provider bridge on which the sender's network is not: it is right that it ends there.</summary>
    public static bool IsElsewhere(World world, ObservedPort sender, string patch) =>
        sender.Tag is { } local && world.Port(patch) is { Interface: { Type: "patch" } device } && device.Option("peer") is { } peer && world.Port(peer) is { } far
        && !far.Bridge.Flows.Any(flow => Translations.IsFrom(flow, peer) && Translations.FromWire(flow)?.Local == local)
        && Untranslated.Of(world, sender) is null;

    private static Fault Of(World world, string bridge, string flow, string integration, int local, int? sent, int? taken)
    {
        var right = Noted(world, local) is var (isNoted, noted) && isNoted ? noted : taken;
        var match = FlowFaults.MatchOf(flow);
        return new Fault
        {
            Code = "ovs.wrong-segment",
            Device = bridge,
            Summary = $"{bridge} sends the local VLAN {LinkStep.Number(local)} to the wire {Words(sent)}, but {integration} takes it in {Words(taken)}: whoever is on one does not hear the other",
            Evidence = [$"{bridge}: {flow}", $"{integration} translates what comes {Words(taken)} to local VLAN {LinkStep.Number(local)}"],
            Fix = right == sent
                ? null
                : new Fix(FixPlace.Host, [$"ovs-ofctl mod-flows --strict {bridge} {Commands.Quoted($"{match},actions={(right is { } vlan ? $"mod_vlan_vid:{LinkStep.Number(vlan)}" : "strip_vlan")},NORMAL")}"],
                    "sends it as it is taken in; 'openstack network show' tells the segmentation id that both should have"),
        };
    }

    /// <summary>Neutron's agent notes a network's segment at each of its ports.</summary>
    public static (bool IsNoted, int? Vlan) Noted(World world, int local)
    {
        foreach (var port in world.Seen.Switch!.Bridges.SelectMany(bridge => bridge.Ports).Where(port => port.Tag == local))
        {
            var type = port.OtherConfig.FirstOrDefault(setting => setting.Name == "network_type")?.Value;
            var id = port.OtherConfig.FirstOrDefault(setting => setting.Name == "segmentation_id")?.Value;
            if (type == "flat" || (type == "vlan" && int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out _)))
            {
                return (true, type == "flat" ? null : int.Parse(id!, CultureInfo.InvariantCulture));
            }
        }

        return (false, null);
    }

    /// <summary>It is noted at one of its ports that the network goes from host to host in a tunnel, or to none.</summary>
    public static bool IsTunnelled(World world, int local) =>
        world.Seen.Switch!.Bridges.SelectMany(bridge => bridge.Ports).Any(port => port.Tag == local
            && port.OtherConfig.Any(setting => setting is { Name: "network_type", Value: not ("flat" or "vlan") }));

    private static string Words(int? vlan) => vlan is { } number ? $"with VLAN {LinkStep.Number(number)}" : "untagged";
}

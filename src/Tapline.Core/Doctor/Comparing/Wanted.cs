using Tapline.Core.Host;
using Tapline.Core.Host.Observed;
using Tapline.Core.Model;
using Tapline.Core.Planning;

namespace Tapline.Core.Doctor.Comparing;

/// <summary>What Tapline's own plan for a host is, made from what the doctor has seen of it.</summary>
public static class Wanted
{
    /// <summary>The plan, local ids as the host has them; empty where the switch, which keeps them, could not be read.</summary>
    /// <param name="seen">The host.</param>
    /// <param name="intent">The cloud's slice for it; empty for a host that is not Tapline's.</param>
    public static HostState Of(Observation seen, Topology intent) =>
        intent.Hosts.Count != 1 || seen.Switch?.Bridges.FirstOrDefault(bridge => bridge.Name == Names.IntegrationBridge) is not { } bridge
            ? HostState.Empty
            : HostPlanner.Plan(intent, intent.Hosts.Keys.Single(), Sticky.From(HostState.Of([.. Ports(bridge), .. Links(seen)]), bridge.DatapathType));

    private static IEnumerable<HostItem> Ports(ObservedBridgeOfSwitch bridge) =>
        from port in bridge.Ports
        from device in port.Interfaces
        select new HostItem.OvsPort { Name = device.Name, Bridge = bridge.Name, Tag = port.Tag, ExternalIds = device.ExternalIds };

    private static IEnumerable<HostItem> Links(Observation seen) =>
        from link in seen.Namespace("")?.Links ?? []
        select new HostItem.Link { Name = link.Name, Kind = LinkKind.Foreign, Owner = link.Alias?.StartsWith(OwnMarks.Alias, StringComparison.Ordinal) == true ? link.Alias : "" };
}

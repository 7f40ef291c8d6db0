using Tapline.Core.Host;
using Tapline.Core.Model;

namespace Tapline.Core.Planning;

/// <summary>br-int, the provider bridges, the patches between them, and the flows that translate local VLANs to the wire's.</summary>
internal static class SwitchPlanner
{
    private const string Owner = "host";

    public static IEnumerable<HostItem> Plan(HostView view)
    {
        yield return new HostItem.OvsBridge(Names.IntegrationBridge, view.Sticky.DatapathType, "secure") { Owner = Owner };
        yield return HostItem.FlowTable.Of(Names.IntegrationBridge, IntegrationFlows(view)) with { Owner = Owner };
        foreach (var mapping in view.Host.BridgeMappings)
        {
            foreach (var item in ProviderBridge(view, mapping))
            {
                yield return item;
            }
        }
    }

    private static IEnumerable<HostItem> ProviderBridge(HostView view, BridgeMapping mapping)
    {
        var (ofIntegration, ofProvider) = (Names.PatchOfIntegration(mapping.Bridge), Names.PatchOfProvider(mapping.Bridge));
        yield return new HostItem.OvsBridge(mapping.Bridge, view.Sticky.DatapathType, "secure") { Owner = Owner };
        yield return Patch(ofIntegration, Names.IntegrationBridge, ofProvider);
        yield return Patch(ofProvider, mapping.Bridge, ofIntegration);
        yield return HostItem.FlowTable.Of(mapping.Bridge, ProviderFlows(view, mapping)) with { Owner = Owner };
        if (mapping.Nic is { } nic)
        {
            yield return new HostItem.OvsPort { Name = nic, Bridge = mapping.Bridge, Owner = Owner };
            yield return new HostItem.Link { Name = nic, Kind = LinkKind.Foreign, Owner = Owner };
        }
    }

    private static HostItem.OvsPort Patch(string name, string bridge, string peer) =>
        new() { Name = name, Bridge = bridge, PatchPeer = peer, Owner = Owner };

    /// <summary>After Neutron's pipeline: table 0 translates or drops, 23 is its canary, 60 switches.</summary>
    private static IEnumerable<Flow> IntegrationFlows(HostView view)
    {
        yield return new Flow(0, 65535, "vlan_tci=0x1fff/0x1fff", "drop");
        foreach (var mapping in view.Host.BridgeMappings)
        {
            var patch = Names.PatchOfIntegration(mapping.Bridge);
            foreach (var (network, local) in NetworksOf(view, mapping))
            {
                yield return network.SegmentationId is { } wire
                    ? new Flow(0, 3, $"in_port={patch},dl_vlan={wire}", $"set_field:{0x1000 + local}->vlan_vid,goto_table:60")
                    : new Flow(0, 3, $"in_port={patch},vlan_tci=0x0000/0x1fff", $"push_vlan:0x8100,set_field:{0x1000 + local}->vlan_vid,goto_table:60");
            }

            yield return new Flow(0, 2, $"in_port={patch}", "drop");
        }

        yield return new Flow(0, 0, "", "goto_table:60");
        yield return new Flow(23, 0, "", "drop");
        yield return new Flow(60, 3, "", "NORMAL");
    }

    private static IEnumerable<Flow> ProviderFlows(HostView view, BridgeMapping mapping)
    {
        var patch = Names.PatchOfProvider(mapping.Bridge);
        foreach (var (network, local) in NetworksOf(view, mapping))
        {
            yield return new Flow(0, 4, $"in_port={patch},dl_vlan={local}",
                network.SegmentationId is { } wire ? $"set_field:{0x1000 + wire}->vlan_vid,NORMAL" : "pop_vlan,NORMAL");
        }

        yield return new Flow(0, 2, $"in_port={patch}", "drop");
        yield return new Flow(0, 0, "", "NORMAL");
    }

    private static IEnumerable<(Network Network, int Local)> NetworksOf(HostView view, BridgeMapping mapping) =>
        view.Ids.Vlans
            .Select(pair => (Network: view.Topology.Networks[pair.Key], Local: pair.Value))
            .Where(pair => pair.Network.PhysicalNetwork == mapping.PhysicalNetwork)
            .OrderBy(pair => pair.Network.Id);
}

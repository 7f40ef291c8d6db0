using Tapline.Core.Host;
using Tapline.Core.Planning;
using Tapline.Core.Primitives;
using Tapline.Wire.Ovs;

namespace Tapline.Agent.Observe;

/// <summary>Open vSwitch's bridges and ports, from the mirror of its database.</summary>
internal static class SwitchObserver
{
    private static readonly string[] KnownIds = ["attached-mac", "iface-id", "iface-status", Sticky.NetworkKey, Sticky.ZoneKey];

    public static IEnumerable<HostItem> Observe(OvsdbSnapshot database) =>
        database.Bridges.SelectMany(bridge => (IEnumerable<HostItem>)[Bridge(bridge), .. Ports(database, bridge)]);

    private static HostItem.OvsBridge Bridge(OvsRow row) =>
        new(row.Name, row.GetString("datapath_type") is { Length: > 0 } type ? type : "system", row.GetString("fail_mode") ?? "standalone")
        {
            Owner = OwnerOf(row),
        };

    private static IEnumerable<HostItem> Ports(OvsdbSnapshot database, OvsRow bridge) =>
        from port in database.PortsOf(bridge)
        where port.Name != bridge.Name
        let device = database.InterfacesOf(port).FirstOrDefault()
        where device is not null
        let ids = device.GetMap("external_ids")
        select new HostItem.OvsPort
        {
            Name = port.Name,
            Bridge = bridge.Name,
            Tag = (int?)port.GetLong("tag"),
            PatchPeer = device.GetString("type") == "patch" ? device.GetMap("options").GetValueOrDefault("peer") : null,
            ExternalIds = KnownIds.Where(ids.ContainsKey).Select(name => new Setting(name, ids[name])).ToValueList(),
            Owner = OwnerOf(port),
        };

    private static string OwnerOf(OvsRow row) => row.GetMap("external_ids").GetValueOrDefault(Marks.ExternalId, "");
}

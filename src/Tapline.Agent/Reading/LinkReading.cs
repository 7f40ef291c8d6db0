using Tapline.Core.Host;
using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;
using Tapline.Wire.Netlink;

namespace Tapline.Agent.Reading;

/// <summary>Links in the observation's words.</summary>
internal static class LinkReading
{
    private static readonly string[] PortStates = ["disabled", "listening", "learning", "forwarding", "blocking"];

    /// <param name="links">By index.</param>
    /// <param name="offload">Transmit checksums by name.</param>
    /// <param name="joins">Large receive offload by name.</param>
    /// <param name="listened">Indexes of those that a packet socket is bound to; null where it was not asked.</param>
    /// <param name="vlans">Of all bridges.</param>
    /// <param name="peer">The other end of a veth.</param>
    public static ValueList<ObservedLink> Of(
        IReadOnlyDictionary<int, LinkDetail> links, IReadOnlyDictionary<string, bool> offload, IReadOnlyDictionary<string, bool> joins,
        IReadOnlySet<int>? listened, IReadOnlyList<BridgeVlan> vlans, Func<LinkInfo, LinkEnd?> peer) =>
        links.Values.Select(detail => Of(detail, links, offload, joins, listened, vlans, peer)).ToValueList();

    private static ObservedLink Of(
        LinkDetail detail, IReadOnlyDictionary<int, LinkDetail> links, IReadOnlyDictionary<string, bool> offload,
        IReadOnlyDictionary<string, bool> joins, IReadOnlySet<int>? listened, IReadOnlyList<BridgeVlan> vlans, Func<LinkInfo, LinkEnd?> peer)
    {
        var link = detail.Link;
        return new ObservedLink
        {
            Index = link.Index,
            Name = link.Name,
            Kind = link.Kind,
            Mac = link.Mac.Length == 6 ? MacAddress.FromBytes(link.Mac) : default,
            Mtu = link.Mtu,
            Up = link.Up,
            Carrier = link.Carrier,
            Promiscuous = link.IsPromiscuous,
            NoArp = link.IsNoArp,
            Master = links.TryGetValue(link.MasterIndex, out var master) ? master.Link.Name : null,
            Peer = peer(link),
            Alias = link.Alias,
            TransmitChecksum = offload.TryGetValue(link.Name, out var on) ? on : null,
            LargeReceiveOffload = joins.TryGetValue(link.Name, out var isJoining) ? isJoining : null,
            Listened = listened?.Contains(link.Index),
            Xdp = detail.HasXdp,
            BridgePort = detail.BridgePort is { } port ? Port(port) : null,
            Bridge = detail.Bridge is { } bridge ? Bridge(bridge, link.Index, links, vlans) : null,
            Counters = Counters(detail.Statistics),
        };
    }

    private static LinkCounters Counters(LinkStatistics statistics) =>
        new(statistics.Received, statistics.Transmitted, statistics.ReceiveDropped, statistics.TransmitDropped);

    private static ObservedBridgePort Port(BridgePortDetail port) => new()
    {
        State = port.State < PortStates.Length ? PortStates[port.State] : port.State.ToString(),
        Hairpin = port.Hairpin,
        Isolated = port.Isolated,
        Learning = port.Learning,
        Flood = port.UnicastFlood,
        MulticastFlood = port.MulticastFlood,
        BroadcastFlood = port.BroadcastFlood,
        Locked = port.Locked,
        NeighbourSuppression = port.NeighbourSuppression,
    };

    private static ObservedBridge Bridge(BridgeDetail bridge, int index, IReadOnlyDictionary<int, LinkDetail> links, IReadOnlyList<BridgeVlan> vlans) => new()
    {
        Stp = bridge.Stp,
        VlanFiltering = bridge.VlanFiltering,
        AgeingSeconds = bridge.AgeingCentiseconds / 100,
        ForwardDelaySeconds = bridge.ForwardDelayCentiseconds / 100,
        CallIptables = bridge.CallIptables,
        CallIp6tables = bridge.CallIp6tables,
        CallArptables = bridge.CallArptables,
        Vlans = bridge.VlanFiltering
            ? (from vlan in vlans
               where vlan.LinkIndex == index || (links.TryGetValue(vlan.LinkIndex, out var port) && port.Link.MasterIndex == index)
               select new Setting(links[vlan.LinkIndex].Link.Name, $"{vlan.Vlan}{(vlan.IsPvid ? " PVID" : "")}{(vlan.IsUntagged ? " untagged" : "")}"))
                .ToValueList()
            : [],
    };
}

using System.Net;
using System.Net.Sockets;
using Tapline.Wire.Namespaces;
using Tapline.Wire.Netlink;
using Tapline.Wire.Nftables;

namespace Tapline.HostTests.Wire;

public sealed class ConntrackTests
{
    [Fact]
    public void Entries_are_listed_by_zone_and_flushed()
    {
        using var scratch = new ScratchNamespace();
        using var nft = NftablesContext.Open(scratch.Namespace);
        using var conntrack = ConntrackSocket.Open(scratch.Namespace);
        nft.Run("""
            add table inet t
            add chain inet t o { type filter hook output priority -450; }
            add rule inet t o udp dport 5001 ct zone set 7
            add rule inet t o udp dport 5002 ct original zone set 9
            add chain inet t f { type filter hook output priority 0; }
            add rule inet t f ct state new accept
            """);
        Talk(scratch.Namespace, 5001);
        Talk(scratch.Namespace, 5002);
        Talk(scratch.Namespace, 5003);

        var all = conntrack.Dump();
        var entry = Assert.Single(conntrack.Dump(7));
        var directed = Assert.Single(all, e => e.Original.DestinationPort == 5002);

        Assert.Equal(3, all.Count(e => e.Original.Protocol == 17));
        Assert.Equal((IPAddress.Loopback, 5001), (entry.Original.Destination, (int)(entry.Original.DestinationPort ?? 0)));
        Assert.Equal(entry.Original.SourcePort, entry.Reply.DestinationPort);
        Assert.Equal(7, entry.Zone);
        Assert.True(entry.Status.HasFlag(ConntrackStatus.Confirmed));
        Assert.Equal(9, directed.Zone);

        Assert.Equal(1, conntrack.FlushZone(7));
        conntrack.Delete(directed);
        conntrack.Delete(directed); // gone already

        Assert.Equal([5003], conntrack.Dump().Where(e => e.Original.Protocol == 17).Select(e => (int)(e.Original.DestinationPort ?? 0)));
    }

    private static void Talk(NetNamespace ns, int port) => ns.Run(() =>
    {
        using var client = new UdpClient();
        client.Send([1], new IPEndPoint(IPAddress.Loopback, port));
    });
}

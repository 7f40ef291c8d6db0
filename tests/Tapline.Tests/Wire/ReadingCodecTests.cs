using System.Net;
using CsCheck;
using Tapline.Wire;
using Tapline.Wire.Namespaces;
using Tapline.Wire.Netlink;
using Tapline.Wire.Nftables;

namespace Tapline.Tests.Wire;

public sealed class ReadingCodecTests
{
    // ip link add br0 type bridge ageing_time 4200 forward_delay 300; cut to the attributes that are read, statistics to eight numbers
    private const string Bridge =
        "00000100020000004310010000000000" + "0800030062723000" + "0500100006000000" + "08000400dc050000" + "0a00010002000000000a0000"
        + "44001700" + "0200000000000000" + "0200000000000000" + "9400000000000000" + "a400000000000000"
        + "0000000000000000" + "0000000000000000" + "0300000000000000" + "0400000000000000" + "0c002b000500020000000000"
        + "4c001200" + "0b00010062726964676500003c000200" + "080001002c010000" + "0800040068100000" + "0800050000000000" + "0500070000000000"
        + "0500240001000000" + "0500250000000000" + "0500260000000000";

    // ip link set v0 type bridge_slave hairpin on isolated on learning off flood off
    private const string Port =
        "00000100040000004310010000000000" + "0700030076300000" + "08000a0002000000" + "0c002b000500020001000000"
        + "68001200" + "0900010076657468000000000b00040062726964676500004c000500" + "0500010003000000" + "0500040001000000" + "0500080000000000"
        + "0500090000000000" + "05001b0001000000" + "05001e0001000000" + "0500200000000000" + "0500210001000000" + "0500270000000000";

    // ip route add 198.51.100.0/24 metric 7 mtu 1400 nexthop via 192.0.2.1 dev v1 weight 2 nexthop via 192.0.2.2 dev v1
    private const string Multipath =
        "02180000fe030001000000000" + "8000f00fe000000" + "08000100c6336400" + "0800060007000000" + "0c0008000800020078050000"
        + "24000900" + "1000000103000000" + "08000500c0000201" + "1000000003000000" + "08000500c0000202";

    // ip route add blackhole 203.0.113.0/24 table 100
    private const string Blackhole = "02180000640300060000000008000f006400000008000100cb007100";

    // ip rule add pref 50 fwmark 0x10/0xff from 10.0.0.0/8 iif v1 lookup 100
    private const string Rule =
        "020008006400000100000000" + "08000f0064000000" + "08000e00ffffffff" + "0500150000000000" + "0700030076310000" + "0800060032000000"
        + "08000a0010000000" + "08001000ff000000" + "080002000a000000";

    // ip rule add pref 60 ipproto tcp dport 80 lookup 100
    private const string PortRule =
        "020000006400000100000000" + "08000f0064000000" + "08000e00ffffffff" + "0500150000000000" + "080006003c000000" + "0800180050005000"
        + "06001d00ffff0000" + "0500160006000000";

    // bridge fdb add 02:00:00:00:00:0b dev v0 master static
    private const string Forwarding =
        "070000000400000040000000" + "0a00020002000000000b0000" + "0800090002000000" + "08000f0000000000" + "1400030000000000230000002300000000000000";

    // ip ntable show: NDTA_NAME arp_cache, NDTA_THRESH3 1024, NDTA_CONFIG with 7 entries, cut to these
    private const string NeighbourTable =
        "02000000" + "0e0001006172705f6361636865000000" + "0800040000040000" + "140005000400640107000000" + "0000000000000000";

    [Fact]
    public void A_neighbour_table_is_read_with_its_limit_and_how_full_it_is()
    {
        Assert.Equal(new NeighbourTableInfo("arp_cache", 1024, 7), NeighbourTableCodec.Table(Bytes(NeighbourTable)));
        Assert.Null(NeighbourTableCodec.Table(Bytes("02000000" + "0e0001006172705f6361636865000000"))); // parameters of one device
    }

    [Fact]
    public void A_bridge_is_read_with_its_settings_and_counters()
    {
        var link = LinkDetailCodec.Detail(Bytes(Bridge));

        Assert.NotNull(link);
        Assert.Equal(("br0", "bridge"), (link.Link.Name, link.Link.Kind));
        Assert.Equal(new BridgeDetail { AgeingCentiseconds = 4200, ForwardDelayCentiseconds = 300, CallIptables = true }, link.Bridge);
        Assert.Equal(new LinkStatistics(2, 2, 3, 4), link.Statistics);
        Assert.Null(link.BridgePort);
        Assert.False(link.HasXdp);
    }

    [Fact]
    public void A_port_of_a_bridge_is_read_with_what_the_bridge_does_to_it()
    {
        var link = LinkDetailCodec.Detail(Bytes(Port));

        Assert.NotNull(link);
        Assert.Equal(("v0", "veth", 2), (link.Link.Name, link.Link.Kind, link.Link.MasterIndex));
        Assert.Equal(new BridgePortDetail { State = 3, Hairpin = true, Isolated = true, Learning = false, UnicastFlood = false }, link.BridgePort);
        Assert.Null(link.Bridge);
        Assert.True(link.HasXdp);
    }

    [Fact]
    public void Sysctls_of_a_link_come_with_it()
    {
        // IFLA_AF_SPEC { AF_INET { IFLA_INET_CONF: 1, 0, 2 }, AF_INET6 { IFLA_INET6_CONF: 7 } }
        var link = LinkDetailCodec.Detail(Bytes(Port[..48] + "24001a00" + "14000200" + "10000100010000000000000002000000" + "0c000a00" + "0800020007000000"));

        Assert.NotNull(link);
        Assert.Equal([1, 0, 2], link.Ipv4Settings);
        Assert.Equal([7], link.Ipv6Settings);
    }

    [Fact]
    public void Ranges_of_VLANs_are_taken_apart()
    {
        var vlans = new List<BridgeVlan>();

        // bridge vlan add vid 1 pvid untagged; bridge vlan add vid 10-12
        LinkDetailCodec.Vlans(Bytes("07" + Port[2..32] + "1c001a00" + "0800020006000100" + "0800020008000a00" + "0800020010000c00"), vlans);

        Assert.Equal(
            [new BridgeVlan(4, 1, true, true), new BridgeVlan(4, 10, false, false), new BridgeVlan(4, 11, false, false), new BridgeVlan(4, 12, false, false)],
            vlans);
    }

    [Fact]
    public void A_route_of_several_ways_is_read()
    {
        var route = RouteCodec.Route(Bytes(Multipath));

        Assert.NotNull(route);
        Assert.Equal(("198.51.100.0", 24, 7, 1400, 0), (route.Destination.ToString(), route.PrefixLength, route.Metric, route.Mtu ?? 0, route.LinkIndex));
        Assert.Equal(
            [new NextHopInfo(IPAddress.Parse("192.0.2.1"), 3, 0, 2), new NextHopInfo(IPAddress.Parse("192.0.2.2"), 3, 0, 1)], route.NextHops);
    }

    [Fact]
    public void A_route_that_leads_nowhere_is_read()
    {
        var route = RouteCodec.Route(Bytes(Blackhole));

        Assert.Equal((6, 100, "203.0.113.0"), ((int)route!.Type, route.Table, route.Destination.ToString()));
        Assert.Null(route.NextHops);
    }

    [Fact]
    public void A_policy_rule_is_read_and_what_is_not_taken_apart_is_told() =>
        Assert.Multiple(
            () => Assert.Equal(
                new RuleInfo
                {
                    IsV6 = false,
                    Priority = 50,
                    Action = 1,
                    Table = 100,
                    Source = IPAddress.Parse("10.0.0.0"),
                    SourcePrefixLength = 8,
                    InputLink = "v1",
                    Mark = 0x10,
                    Mask = 0xff,
                },
                RuleCodec.Rule(Bytes(Rule))),
            () => Assert.Equal((6, (80, 80), null), RuleCodec.Rule(Bytes(PortRule)) is var rule ? (rule!.IpProtocol, rule.DestinationPorts, rule.SourcePorts) : default),
            () => Assert.Null(RuleCodec.Rule(Bytes("80" + Rule[2..]))));

    [Fact]
    public void An_entry_of_a_bridge_is_read_and_a_devices_own_list_is_not_one()
    {
        var entry = RouteCodec.Forwarding(Bytes(Forwarding));

        Assert.NotNull(entry);
        Assert.Equal((2, 4, NeighbourState.NoArp), (entry.BridgeIndex, entry.LinkIndex, entry.State));
        Assert.Equal([2, 0, 0, 0, 0, 11], entry.Mac);
        Assert.Null(RouteCodec.Forwarding(Bytes("0700000002000000800002000a0002003333000000010000")));
    }

    [Fact]
    public void A_proxy_a_queueing_discipline_a_namespaces_number_and_a_table_are_read()
    {
        Assert.Equal((true, "192.0.2.77"), (RouteCodec.Neighbour(Bytes("02000000030000000000080108000100c000024d")) is { } proxy
            ? (proxy.IsProxy, proxy.Address.ToString()) : default));
        Assert.Equal(
            new QdiscInfo(3, 0xffff0000, QdiscInfo.Ingress, "clsact"),
            RouteCodec.Qdisc(Bytes("00000000030000000000fffff1ffffff010000000b000100636c736163740000")));
        Assert.Equal(5, RouteCodec.NamespaceId(Bytes("00000000" + "0800010005000000")));
        Assert.Equal(new NftablesTable("inet", "t"), NftablesTables.Table(Bytes("01000002060001007400000008000300000000000c0004000000000000000001")));
    }

    [Fact]
    public void Random_bytes_are_read_or_refused_but_never_worse() => Gen.Byte.Array[0, 160].Sample(bytes =>
    {
        Refused(() => LinkDetailCodec.Detail(bytes));
        Refused(() => RuleCodec.Rule(bytes));
        Refused(() => RouteCodec.Forwarding(bytes));
        Refused(() => RouteCodec.Qdisc(bytes));
        Refused(() => RouteCodec.NamespaceId(bytes));
        Refused(() => NftablesTables.Table(bytes));
        Refused(() =>
        {
            LinkDetailCodec.Vlans(bytes, []);
            return 0;
        });
        if (bytes.Length > 32)
        {
            // Nests of a true message with something broken in them.
            var spoilt = Bytes(Port);
            bytes.AsSpan(0, 3).CopyTo(spoilt.AsSpan(16 + (bytes[4] % (spoilt.Length - 20))));
            Refused(() => LinkDetailCodec.Detail(spoilt));
            spoilt = Bytes(Multipath);
            bytes.AsSpan(0, 3).CopyTo(spoilt.AsSpan(12 + (bytes[4] % (spoilt.Length - 16))));
            Refused(() => RouteCodec.Route(spoilt));
        }
    });

    [Fact]
    public void Modules_are_there_when_loaded_or_built_in_and_a_kernel_without_modules_has_what_it_has()
    {
        var directory = Directory.CreateTempSubdirectory("modules-").FullName;
        var (loaded, builtin) = (Path.Combine(directory, "modules"), Path.Combine(directory, "modules.builtin"));
        File.WriteAllText(loaded, "nf_tables 1 2 - Live 0x0\n");
        File.WriteAllText(builtin, "kernel/net/netfilter/nfnetlink.ko\nkernel/net/x-y.ko.xz\n");

        var modules = KernelModules.Read(loaded, builtin);

        Assert.Equal([true, true, true, false], new[] { "nf_tables", "nfnetlink", "x_y", "no_such_module" }.Select(modules.IsThere));
        Assert.True(KernelModules.Read(Path.Combine(directory, "none"), builtin).IsThere("no_such_module"));
        Directory.Delete(directory, recursive: true);
    }

    private static void Refused<T>(Func<T> read)
    {
        try
        {
            read();
        }
        catch (WireFormatException)
        {
        }
    }

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex);
}

using System.Text.Json.Nodes;
using Tapline.Core.Host;
using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;

namespace Tapline.HostTests.Reading;

/// <summary>What is read of devices and addressing, beside what ip, bridge and tc say of the same.</summary>
public sealed class DeviceReadingTests(DeviceReadingTests.Fixture fixture) : IClassFixture<DeviceReadingTests.Fixture>
{
    private ObservedNamespace Host => fixture.Observation.Namespace("")!;

    [Fact]
    public void Links_are_what_ip_says()
    {
        var links = fixture.Scratch.Json("links");

        Assert.Equal(links.Count, Host.Links.Count);
        foreach (var item in links)
        {
            var link = Host.Link((string)item!["ifname"]!)!;
            var flags = item["flags"]!.AsArray().Select(flag => (string)flag!).ToList();
            Assert.Equal((int)item["ifindex"]!, link.Index);
            Assert.Equal((int)item["mtu"]!, link.Mtu);
            Assert.Equal((string)item["address"]!, link.Mac.ToString());
            Assert.Equal((string?)item["linkinfo"]?["info_kind"] ?? "", link.Kind);
            Assert.Equal((string?)item["master"], link.Master);
            Assert.Equal((string?)item["ifalias"], link.Alias);
            Assert.Equal((flags.Contains("UP"), flags.Contains("LOWER_UP"), flags.Contains("PROMISC"), flags.Contains("NOARP")), (link.Up, link.Carrier, link.Promiscuous, link.NoArp));
            Assert.InRange(link.Counters.Received, 0, (long)item["stats64"]!["rx"]!["packets"]!); // ip asked later
            Assert.InRange(link.Counters.Transmitted, 0, (long)item["stats64"]!["tx"]!["packets"]!);
            Assert.InRange(link.Counters.TransmitDropped, 0, (long)item["stats64"]!["tx"]!["dropped"]!);
        }

        Assert.True(Host.Link("pa")!.Counters is { Received: > 0, Transmitted: > 0 });
    }

    [Fact]
    public void Bridges_and_their_ports_are_what_ip_says()
    {
        foreach (var item in fixture.Scratch.Json("links").Where(item => (string?)item!["linkinfo"]?["info_kind"] == "bridge"))
        {
            var data = item!["linkinfo"]!["info_data"]!;
            var bridge = Host.Link((string)item["ifname"]!)!.Bridge!;
            Assert.Equal((int)data["ageing_time"]! / 100, bridge.AgeingSeconds);
            Assert.Equal((int)data["forward_delay"]! / 100, bridge.ForwardDelaySeconds);
            Assert.Equal((int)data["stp_state"]! != 0, bridge.Stp);
            Assert.Equal((int?)data["vlan_filtering"] is > 0, bridge.VlanFiltering);
            Assert.Equal(((int?)data["nf_call_iptables"] is > 0, (int?)data["nf_call_ip6tables"] is > 0), (bridge.CallIptables, bridge.CallIp6tables));
        }

        foreach (var item in fixture.Scratch.Json("links").Where(item => (string?)item!["linkinfo"]?["info_slave_kind"] == "bridge"))
        {
            var data = item!["linkinfo"]!["info_slave_data"]!;
            var port = Host.Link((string)item["ifname"]!)!.BridgePort!;
            Assert.Equal((string)data["state"]!, port.State);
            Assert.Equal(
                ((bool)data["hairpin"]!, (bool)data["isolated"]!, (bool)data["learning"]!, (bool)data["flood"]!, (bool)data["mcast_flood"]!),
                (port.Hairpin, port.Isolated, port.Learning, port.Flood, port.MulticastFlood));
            Assert.Equal(((bool)data["bcast_flood"]!, (bool)data["neigh_suppress"]!, (bool?)data["locked"] ?? false), (port.BroadcastFlood, port.NeighbourSuppression, port.Locked));
        }

        Assert.True(Host.Link("pa")!.BridgePort is { Hairpin: true, Isolated: true, Flood: false, Learning: false });
        Assert.Equal((42, true), (Host.Link("br0")!.Bridge!.AgeingSeconds, Host.Link("br0")!.Bridge!.CallIptables));
    }

    [Fact]
    public void Other_ends_of_veths_are_found_in_whatever_namespace_they_are()
    {
        Assert.Equal(new LinkEnd("", "pb"), Host.Link("pa")!.Peer);
        Assert.Equal(new LinkEnd("named", "eth0"), Host.Link("hn")!.Peer);
        Assert.Equal(new LinkEnd("", "hn"), fixture.Observation.Namespace("named")!.Link("eth0")!.Peer);
        var held = Assert.Single(fixture.Observation.Namespaces, ns => ns.Name.StartsWith("pid:", StringComparison.Ordinal));
        Assert.Equal(new LinkEnd(held.Name, "eth0"), Host.Link("hp")!.Peer);
        Assert.Equal(new LinkEnd("", "hp"), held.Link("eth0")!.Peer);
        Assert.Equal(new LinkEnd("named", "q1"), held.Link("q0")!.Peer);
        Assert.Null(Host.Link("br0")!.Peer);
        Assert.Equal(fixture.Observation.Namespaces.Count, fixture.Observation.Namespaces.Select(ns => ns.Inode).Distinct().Count());
    }

    [Fact]
    public void Transmit_checksums_are_told_where_they_can_be_asked()
    {
        Assert.Equal((true, (bool?)null), (Host.Link("pa")!.TransmitChecksum, Host.Link("lo")!.TransmitChecksum));
    }

    [Fact]
    public void Addresses_are_what_ip_says() =>
        Assert.Equal(
            from link in fixture.Scratch.Json("addresses")
            from address in link!["addr_info"]!.AsArray()
            orderby (string)link["ifname"]!, (string)address!["local"]!
            select $"{link["ifname"]} {IpAddress.Parse((string)address["local"]!)}/{address["prefixlen"]} {address["scope"]}",
            from address in Host.Addresses
            orderby address.Device, address.Prefix.Address.ToString()
            select $"{address.Device} {address.Prefix} {address.Scope}");

    [Theory]
    [InlineData("routes4", false)]
    [InlineData("routes6", true)]
    public void Routes_of_all_tables_are_what_ip_says(string file, bool isV6)
    {
        var told = fixture.Scratch.Json(file).Select(item => RouteLine(item!.AsObject(), isV6)).Order(StringComparer.Ordinal);
        var read = Host.Routes.Where(route => route.Destination.Address.IsV6 == isV6).Select(RouteLine).Order(StringComparer.Ordinal);

        Assert.Equal(told, read);
    }

    [Fact]
    public void Odd_routes_are_read_with_what_makes_them_odd()
    {
        var several = Host.Routes.Single(route => route.Destination == IpPrefix.Parse("198.51.100.0/24"));
        Assert.Equal([IpAddress.Parse("192.0.2.1"), IpAddress.Parse("192.0.2.2")], several.NextHops.Select(hop => hop.Via!.Value));
        Assert.Equal((7, 1400, "static"), (several.Metric, several.Mtu, several.Protocol));
        var blackhole = Host.Routes.Single(route => route.Type == "blackhole" && route.Table == 100);
        Assert.Empty(blackhole.NextHops);
        Assert.Equal("prohibit", Host.Routes.Single(route => route.Destination == IpPrefix.Parse("203.0.113.0/25")).Type);
        Assert.True(Host.Routes.Single(route => route.Destination == IpPrefix.Parse("203.0.113.128/25")).NextHops is [{ OnLink: true, Usable: true }]);
        Assert.Contains(Host.Routes, route => route.NextHops is [{ Device: "dn", Usable: false }]);
    }

    [Fact]
    public void Policy_rules_are_what_ip_says()
    {
        var rules = Host.Rules.Where(rule => !rule.IsV6).ToList();

        Assert.Equal(fixture.Scratch.Json("rules").Select(rule => (int)rule!["priority"]!), rules.Select(rule => rule.Priority));
        var marked = rules.Single(rule => rule.Priority == 50);
        Assert.Equal(
            new ObservedRule { IsV6 = false, Priority = 50, Action = "lookup", Table = 100, Mark = 0x10, Mask = 0xff, From = IpPrefix.Parse("10.0.0.0/8"), In = "pb" },
            marked);
        Assert.True(rules.Single(rule => rule.Priority == 51) is { Invert: true, To.Length: 16, Action: "unreachable" });
        Assert.True(rules.Single(rule => rule.Priority == 52) is { Action: "goto", GotoPriority: 60 });
        Assert.True(rules.Single(rule => rule.Priority == 60) is { IpProtocol: 6, DestinationPorts: { First: 80, Last: 80 }, SourcePorts: null, Other: null });
        Assert.Equal(0, rules.Single(rule => rule.Priority == 61).SuppressPrefixLength);
        Assert.Contains(Host.Rules, rule => rule is { IsV6: true, Priority: 70, Table: 100 });
    }

    [Fact]
    public void Neighbours_are_what_ip_says()
    {
        Assert.Contains(new ObservedNeighbour("pb", IpAddress.Parse("192.0.2.1"), MacAddress.Parse("02:00:00:00:00:01"), "permanent", false), Host.Neighbours);
        Assert.Contains(new ObservedNeighbour("pb", IpAddress.Parse("192.0.2.77"), null, "none", true), Host.Neighbours);
        Assert.All(fixture.Scratch.Json("neighbours"), item => Assert.Contains(Host.Neighbours, neighbour =>
            neighbour.Address == IpAddress.Parse((string)item!["dst"]!) && neighbour.Device == (string)item["dev"]! && neighbour.Mac?.ToString() == (string?)item["lladdr"]));
    }

    [Fact]
    public void Entries_of_bridges_are_what_bridge_says() =>
        Assert.Equal(
            fixture.Scratch.Json("fdb").Where(item => item!["master"] is not null)
                .Select(item => $"{item!["master"]} {item["ifname"]} {item["mac"]} {(string?)item["state"] == "permanent"} {item["state"] is not null}").Distinct().Order(StringComparer.Ordinal),
            Host.Fdb.Select(entry => $"{entry.Bridge} {entry.Port} {entry.Mac} {entry.Local} {entry.Static}").Order(StringComparer.Ordinal));

    [Fact]
    public void Sysctls_are_what_the_files_say()
    {
        var files = fixture.Scratch.Text("sysctls").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(':', 2)).ToDictionary(pair => pair[0], pair => pair[1]);

        Assert.Equal("2", Host.Sysctl("net/ipv4/conf/pa/rp_filter"));
        Assert.Equal("1", Host.Sysctl("net/ipv6/conf/pb/disable_ipv6"));
        var read = Host.Sysctls.Where(setting => !setting.Name.EndsWith("_count", StringComparison.Ordinal)).ToList();
        Assert.True(read.Count > 100);
        Assert.All(read, setting => Assert.Equal(files[setting.Name], setting.Value));
    }

    [Fact]
    public void Queueing_disciplines_and_classifiers_are_in_tcs_words()
    {
        Assert.Contains(Host.Qdiscs, qdisc => qdisc is { Device: "pb", Kind: "clsact", Parent: "ingress" } && qdisc.Text.StartsWith("qdisc clsact ffff:", StringComparison.Ordinal));
        Assert.Contains(Host.Qdiscs, qdisc => qdisc is { Device: "hn", Kind: "tbf", Parent: "root" } && qdisc.Text.Contains("rate 1Mbit", StringComparison.Ordinal));
        var filter = Assert.Single(Host.Filters);
        Assert.Equal(("pb", "egress", "u32"), (filter.Device, filter.Parent, filter.Kind));
        Assert.Contains("mirred", filter.Text, StringComparison.Ordinal);
        Assert.Equal(
            fixture.Scratch.Json("qdiscs").Select(item => $"{item!["dev"]} {item["kind"]}").Where(line => !line.EndsWith(" noqueue", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
            Host.Qdiscs.Select(qdisc => $"{qdisc.Device} {qdisc.Kind}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void All_was_read() => Assert.Empty(fixture.Observation.Unread);

    private static string RouteLine(JsonObject item, bool isV6)
    {
        static string Table(string? name) => name switch { null => "254", "local" => "255", "default" => "253", _ => name };
        var destination = (string)item["dst"]! is "default" ? (isV6 ? "::/0" : "0.0.0.0/0") : (string)item["dst"]!;
        destination = destination.Contains('/', StringComparison.Ordinal) ? destination : $"{destination}/{(isV6 ? 128 : 32)}";
        var hops = item["nexthops"]?.AsArray().Select(hop => hop!.AsObject()).ToList() ?? (item["dev"] is null ? [] : [item]);
        var type = (string?)item["type"] ?? "unicast";
        var ways = type is "blackhole" or "prohibit" or "unreachable" ? [] : hops.Select(hop => $"{hop["gateway"]}@{hop["dev"]}");
        return $"{type} {destination} table {Table((string?)item["table"])} metric {(int?)item["metric"] ?? 0} proto {(string?)item["protocol"] ?? "boot"} src {item["prefsrc"]} [{string.Join(' ', ways)}]";
    }

    private static string RouteLine(ObservedRoute route) =>
        $"{route.Type} {route.Destination} table {route.Table} metric {route.Metric} proto {route.Protocol} src {route.PreferredSource} [{string.Join(' ', route.NextHops.Select(hop => $"{hop.Via}@{hop.Device}"))}]";

    /// <summary>One host with one of each kind.</summary>
    public sealed class Fixture : IAsyncLifetime
    {
        private const string Script = """
            sysctl -q -w net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.all.accept_dad=0
            ip netns add named
            unshare --net sleep 1000 &
            holder=$!
            while [ "$(readlink /proc/$holder/ns/net)" = "$(readlink /proc/$$/ns/net)" ]; do sleep 0.01; done
            ip link add br0 type bridge ageing_time 4200 forward_delay 0 nf_call_iptables 1
            ip link add pa type veth peer name pb
            ip link add hn type veth peer name eth0 netns named
            ip link add hp type veth peer name eth0 netns $holder
            ip -n named link add q1 type veth peer name q0 netns $holder
            ip link add dn type veth peer name dp
            ip link set pa address 02:00:00:00:00:0a master br0 alias 'one of ours'
            ip link set pa type bridge_slave hairpin on isolated on learning off flood off
            ip link set dn promisc on
            for link in br0 pa pb hn dn; do ip link set $link up; done
            ip -n named link set eth0 up
            ip addr add 192.0.2.5/24 dev pb
            ip addr add 192.0.2.200/32 dev lo
            ip addr add fd00::5/64 dev pb nodad
            ip addr add 10.9.9.1/24 dev dn
            sysctl -q -w net.ipv4.conf.dn.ignore_routes_with_linkdown=1
            ip route add 198.51.100.0/24 metric 7 mtu 1400 proto static nexthop via 192.0.2.1 dev pb weight 2 nexthop via 192.0.2.2 dev pb
            ip route add blackhole 203.0.113.0/24 table 100
            ip route add prohibit 203.0.113.0/25
            ip route add 203.0.113.128/25 via 10.99.0.1 dev pb onlink
            ip route add default via 192.0.2.1 src 192.0.2.200
            ip -6 route add default via fd00::1 metric 3
            ip -6 route add unreachable fd01::/16
            ip rule add pref 60 ipproto tcp dport 80 lookup 100
            ip rule add pref 50 fwmark 0x10/0xff from 10.0.0.0/8 iif pb lookup 100
            ip rule add pref 51 not to 10.1.0.0/16 unreachable
            ip rule add pref 52 goto 60
            ip rule add pref 61 lookup main suppress_prefixlength 0
            ip -6 rule add pref 70 lookup 100
            ip neigh add 192.0.2.1 lladdr 02:00:00:00:00:01 dev pb nud permanent
            ip neigh add proxy 192.0.2.77 dev pb
            bridge fdb add 02:00:00:00:00:0b dev pa master static
            sysctl -q -w net.ipv4.conf.pa.rp_filter=2 net.ipv6.conf.hn.disable_ipv6=1
            tc qdisc add dev pb clsact
            tc filter add dev pb egress protocol ip u32 match u32 0 0 action mirred egress mirror dev hn
            tc qdisc add dev hn root tbf rate 1mbit burst 10k latency 50ms
            sysctl -q -w net.ipv6.conf.pb.disable_ipv6=1
            sleep 0.3
            observe observation
            ip -j -d -s link > $out/links
            ip -j addr > $out/addresses
            ip -j -4 route show table all > $out/routes4
            ip -j -6 route show table all > $out/routes6
            ip -j rule > $out/rules
            ip -j neigh > $out/neighbours
            bridge -j fdb > $out/fdb
            tc -j qdisc > $out/qdiscs
            cd /proc/sys
            grep -r '' net 2> /dev/null > $out/sysctls || true
            """;

        internal ScratchHost Scratch { get; private set; } = null!; // set before any test runs

        internal Observation Observation { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Scratch = await ScratchHost.RunAsync(Script);
            Observation = Scratch.Observation("observation");
        }

        public ValueTask DisposeAsync()
        {
            Scratch.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}

using Tapline.Core.Host;
using Tapline.Core.Model;
using Tapline.Core.Planning;
using Tapline.Core.Primitives;
using Tapline.Tests.Clouds;

namespace Tapline.Tests.Planning;

/// <summary>The texts that are written into a host.</summary>
public sealed class TextTests
{
    private static readonly Network Red = Sample.Network(1);
    private static readonly Subnet RedSubnet = Sample.Subnet(1, Red);
    private static readonly Network External = Sample.Network(100) with { External = true };
    private static readonly Subnet ExternalSubnet = Sample.Subnet(100, External);
    private static readonly Port Gateway = Sample.Port(90, ExternalSubnet, "h1", DeviceOwner.RouterGateway, Sample.Id<Router>(1).ToString());

    /// <summary>They are in cookies and comments of running hosts: another value makes every agent touch everything.</summary>
    [Theory]
    [InlineData("", "9ce484222325")]
    [InlineData("a", "dc4c8601ec8c")]
    [InlineData("counter drop", "fa09e1332e50")]
    [InlineData("ü", "714c8602e9bb")]
    public void Hashes_stay_as_they_are(string text, string hash) => Assert.Equal(hash, ContentHash.Text(text));

    [Fact]
    public void A_flows_mark_is_table_priority_cookie_and_port()
    {
        var flow = new Flow(0, 3, "in_port=int-br-eth1,dl_vlan=101", "drop");

        Assert.Equal(Flow.CookiePrefix, flow.Cookie >> 48);
        Assert.Equal($"0.3.{flow.Cookie:x}.int-br-eth1", flow.Mark);
        Assert.Equal($"60.3.{new Flow(60, 3, "", "NORMAL").Cookie:x}.", new Flow(60, 3, "", "NORMAL").Mark);
        Assert.NotEqual(flow.Mark, (flow with { Actions = "NORMAL" }).Mark);
        Assert.NotEqual(flow.Mark, (flow with { Match = "in_port=int-br-eth1,dl_vlan=102" }).Mark);
    }

    [Theory]
    [InlineData("in 4", "meta nfproto ipv4 accept")]
    [InlineData("out 6", "meta nfproto ipv6 accept")]
    [InlineData("in 4 tcp 22 22", "meta nfproto ipv4 meta l4proto 6 th dport 22 accept")]
    [InlineData("in 4 tcp 1 65535", "meta nfproto ipv4 meta l4proto 6 th dport 1-65535 accept")]
    [InlineData("in 6 udp 53 53", "meta nfproto ipv6 meta l4proto 17 th dport 53 accept")]
    [InlineData("in 4 udp", "meta nfproto ipv4 meta l4proto 17 accept")]
    [InlineData("in 4 icmp", "meta nfproto ipv4 meta l4proto 1 accept")]
    [InlineData("in 4 icmp 0", "meta nfproto ipv4 meta l4proto 1 icmp type 0 accept")]
    [InlineData("in 4 icmp 3 4", "meta nfproto ipv4 meta l4proto 1 icmp type 3 icmp code 4 accept")]
    [InlineData("in 6 icmp 128 0", "meta nfproto ipv6 meta l4proto 58 icmpv6 type 128 icmpv6 code 0 accept")]
    [InlineData("in 6 icmpv6", "meta nfproto ipv6 meta l4proto 58 accept")]
    [InlineData("in 6 ipv6-icmp 135", "meta nfproto ipv6 meta l4proto 58 icmpv6 type 135 accept")]
    [InlineData("in 4 0", "meta nfproto ipv4 accept")]
    [InlineData("in 4 ip", "meta nfproto ipv4 accept")]
    [InlineData("in 4 47", "meta nfproto ipv4 meta l4proto 47 accept")]
    [InlineData("in 4 vrrp", "meta nfproto ipv4 meta l4proto 112 accept")]
    public void A_rule_in_nfts_words(string rule, string text) => Assert.Equal(text, RuleText.Of(RuleOf(rule)));

    [Theory]
    [InlineData("in 4", "198.51.100.7/24", "meta nfproto ipv4 ip saddr 198.51.100.0/24 accept")]
    [InlineData("out 4", "198.51.100.7/32", "meta nfproto ipv4 ip daddr 198.51.100.7/32 accept")]
    [InlineData("in 6 tcp 80 80", "2001:db8::/32", "meta nfproto ipv6 ip6 saddr 2001:db8::/32 meta l4proto 6 th dport 80 accept")]
    [InlineData("in 4", "0.0.0.0/0", "meta nfproto ipv4 accept")]
    [InlineData("out 6", "::/0", "meta nfproto ipv6 accept")]
    public void A_rule_with_a_remote_prefix(string rule, string prefix, string text) =>
        Assert.Equal(text, RuleText.Of(RuleOf(rule) with { RemoteIpPrefix = IpPrefix.Parse(prefix) }));

    [Theory]
    [InlineData("in 4", "meta nfproto ipv4 ip saddr @m4-00000005-00 accept")]
    [InlineData("out 6", "meta nfproto ipv6 ip6 daddr @m6-00000005-00 accept")]
    public void A_rule_with_a_remote_group(string rule, string text) =>
        Assert.Equal(text, RuleText.Of(RuleOf(rule) with { RemoteGroupId = Sample.Id<SecurityGroup>(5) }));

    [Fact]
    public void Members_of_a_group_that_overlap_are_one_element()
    {
        var group = Sample.Group(1);
        var port = Sample.Port(5, RedSubnet, "h1") with
        {
            SecurityGroups = [group.Id],
            AllowedAddressPairs = [new AddressPair(IpPrefix.Parse("10.1.0.0/24"), null), new AddressPair(IpPrefix.Parse("10.1.0.128/25"), null), new AddressPair(IpPrefix.Parse("10.1.1.0/32"), null)],
        };

        var members = Find<HostItem.NftSet>(PlanOf(Red, RedSubnet, group, port, Sample.Rule(1, group, group)), ItemKind.NftSet, "", "inet m4-00000001-00");

        Assert.Equal(["10.1.0.0/24", "10.1.1.0"], members.Elements);
    }

    [Fact]
    public void What_dnsmasq_is_told()
    {
        var subnet = RedSubnet with
        {
            DnsNameservers = [IpAddress.Parse("192.0.2.53"), IpAddress.Parse("2001:db8::53"), IpAddress.Parse("192.0.2.54")],
            HostRoutes = [new HostRoute(IpPrefix.Parse("10.9.0.0/16"), IpAddress.Parse("10.1.0.9"))],
        };
        var bare = Sample.Subnet(2, Red) with { GatewayIp = null };
        var off = Sample.Subnet(3, Red) with { EnableDhcp = false };
        var dhcp = Sample.Port(2, RedSubnet, "h1", DeviceOwner.Dhcp, "dhcp");
        var two = Sample.Port(6, subnet) with { FixedIps = [new FixedIp(subnet.Id, IpAddress.Parse("10.1.0.6")), new FixedIp(bare.Id, IpAddress.Parse("10.2.0.6"))] };
        var none = Sample.Port(7, off);

        var process = Find<HostItem.Process>(PlanOf(Red, subnet, bare, off, dhcp, two, none), ItemKind.Process, Names.DhcpNamespace(Red.Id), "dnsmasq");

        Assert.Equal(
        [
            new ProcessFile($"options/{subnet.Id}", """
                tag:s00000001-00,option:mtu,1500
                tag:s00000001-00,option:router,10.1.0.1
                tag:s00000001-00,option:dns-server,192.0.2.53,192.0.2.54
                tag:s00000001-00,option:classless-static-route,10.9.0.0/16,10.1.0.9,0.0.0.0/0,10.1.0.1
                tag:s00000001-00,249,10.9.0.0/16,10.1.0.9,0.0.0.0/0,10.1.0.1

                """),
            new ProcessFile($"options/{bare.Id}", "tag:s00000002-00,option:mtu,1500\ntag:s00000002-00,option:router\n"),
            new ProcessFile($"hosts/{two.Id}", "fa:16:3e:00:00:06,10.1.0.6,host-10-1-0-6\nfa:16:3e:00:00:06,10.2.0.6,host-10-2-0-6\n"),
        ], process.Files);
        Assert.Equal(
            ["--dhcp-range=set:s00000001-00,10.1.0.0,static,255.255.0.0,86400s", "--dhcp-range=set:s00000002-00,10.2.0.0,static,255.255.0.0,86400s"],
            process.Command.Where(argument => argument.StartsWith("--dhcp-range", StringComparison.Ordinal)));
        Assert.Contains("--dhcp-lease-max=131072", process.Command);
        Assert.DoesNotContain(process.Files, file => file.Name.StartsWith("hosts/", StringComparison.Ordinal) && file.Content.Contains("set:", StringComparison.Ordinal));
    }

    [Fact]
    public void What_a_router_translates()
    {
        Assert.Equal(
        [
            "oifname != \"qg-0000005a-00\" ct status & dnat == 0 accept",
            "iifname \"qg-0000005a-00\" oifname != \"qg-0000005a-00\" accept",
            "snat to ip saddr map @fixed_to_fip",
            "oifname \"qg-0000005a-00\" snat to 10.100.0.90",
            "ct status dnat snat to 10.100.0.90",
        ], Postrouting(Sample.Router(1, Gateway)));
    }

    [Fact]
    public void Without_source_nat_only_floating_ips_are_translated() =>
        Assert.DoesNotContain(Postrouting(Sample.Router(1, Gateway) with { EnableSnat = false }), rule => rule.Contains("snat to 10", StringComparison.Ordinal));

    [Fact]
    public void A_gateway_without_an_ipv4_address_translates_nothing_to_it()
    {
        var gateway = Gateway with { FixedIps = [] };

        Assert.DoesNotContain(Postrouting(Sample.Router(1, gateway), gateway), rule => rule.Contains("snat to 0", StringComparison.Ordinal));
    }

    [Fact]
    public void A_name_of_a_device_fits_into_15_bytes()
    {
        var port = Sample.Id<Port>(int.MaxValue);
        string[] names = [Names.Tap(port), Names.Qbr(port), Names.Qvb(port), Names.Qvo(port), Names.Qr(port), Names.Qg(port), Names.SwitchEnd(Names.Qr(port)), Names.SwitchEnd(Names.Qg(port)), Names.SwitchEnd(Names.Tap(port))];

        Assert.All(names, name => Assert.True(name.Length <= 15, name));
        Assert.Equal(names.Length, names.Distinct().Count());
    }

    private static IEnumerable<string> Postrouting(Router router, Port? gateway = null) =>
        Find<HostItem.NftChain>(PlanOf(External, ExternalSubnet, router, gateway ?? Gateway), ItemKind.NftChain, Names.RouterNamespace(router.Id), "ip postrouting")
            .Rules.Select(rule => rule[..rule.IndexOf(" comment", StringComparison.Ordinal)]);

    private static HostState PlanOf(params Resource[] resources) =>
        HostPlanner.Plan(Topology.Of(resources), "h1", new Sticky { DatapathType = "system" });

    private static T Find<T>(HostState plan, ItemKind kind, string ns, string name)
        where T : HostItem => Assert.IsType<T>(plan.Find(new ItemKey(kind, ns, name)));

    /// <summary>Direction, IP version, protocol, first and last.</summary>
    private static SecurityGroupRule RuleOf(string text)
    {
        var parts = text.Split(' ');
        return Sample.Rule(1, Sample.Group(1)) with
        {
            Direction = parts[0] == "in" ? RuleDirection.Ingress : RuleDirection.Egress,
            IsV6 = parts[1] == "6",
            Protocol = parts.ElementAtOrDefault(2),
            PortRangeMin = parts.Length > 3 ? int.Parse(parts[3]) : null,
            PortRangeMax = parts.Length > 4 ? int.Parse(parts[4]) : null,
        };
    }
}

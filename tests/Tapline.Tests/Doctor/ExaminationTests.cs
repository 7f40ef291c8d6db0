using Tapline.Core.Doctor.Examining;
using Tapline.Core.Host;
using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;
using static Tapline.Tests.Doctor.PathBed;

namespace Tapline.Tests.Doctor;

/// <summary>The doctor on a host that Tapline did not build: one thing broken, named first, with what mends it.</summary>
public sealed class ExaminationTests
{
    [Fact]
    public void A_healthy_host_has_no_causes()
    {
        foreach (var report in (Report[])[PingOut(Healthy), PingIn(Healthy)])
        {
            Assert.Equal((Verdict.Works, ""), (report.Verdict, string.Join(" | ", report.Causes.Select(cause => cause.Fault.Summary)) + report.Missing));
        }
    }

    [Fact]
    public void The_way_is_told_device_by_device_there_and_back()
    {
        var report = PingOut(Healthy);

        Assert.Equal(
            [Tap, Qbr, Qvb, Qvo, "br-int", Qr, Qg, "br-int", "int-br-eth1", "phy-br-eth1", "br-eth1", "eth1"],
            Devices(report.Request.Where(hop => !hop.Packet.IsArp)));
        Assert.Equal(
            ["eth1", "br-eth1", "phy-br-eth1", "int-br-eth1", "br-int", Qg, Qr, "br-int", Qvo, Qvb, Qbr, Tap],
            Devices(report.Reply.Where(hop => !hop.Packet.IsArp)));
    }

    public static TheoryData<string, string, string, string> Faults => new()
    {
        { "forwarding off", "router.forwarding-off", Router, "both" },
        { "no source NAT", "router.no-source-nat", Router, "out" },
        { "foreign source NAT", "router.wrong-source-nat", Router, "out" },
        { "patch gone, gateway known", "ovs.patch-missing", "", "out" },
        { "tap not enslaved", "bridge.port-missing", "", "both" },
        { "qvb not enslaved", "bridge.port-missing", "", "both" },
        { "qvo not in the switch", "ovs.port-missing", "", "both" },
        { "dead VLAN", "ovs.dead-vlan", "", "both" },
        { "dead VLAN, and nobody has the gateway's address", "ovs.dead-vlan", "", "out" },
        { "wrong tag", "ovs.vlan-mismatch", "", "both" },
        { "no flows", "ovs.flows-missing", "", "both" },
        { "egress translation gone", "ovs.translation-missing", "", "both" },
        { "ingress translation gone", "ovs.translation-missing", "", "both" },
        { "both translations gone", "ovs.translation-missing", "", "both" },
        { "br-int only switches, egress translation gone", "ovs.translation-missing", "", "both" },
        { "qr down", "link.down", Router, "both" },
        { "qr without address", "address.missing", Router, "both" },
        { "qr without its own route", "route.missing", Router, "both" },
        { "tap down", "link.down", "", "both" },
        { "default route gone", "route.missing", Router, "out" },
        { "forward policy drop in the router", "firewall.policy", Router, "both" },
        { "foreign reject on the host", "firewall.rule", "", "both" },
        { "no ingress rule", "security-group.no-ingress-rule", "", "in" },
        { "vswitchd stopped", "ovs.daemon-dead", "", "both" },
        { "dead VLAN, vswitchd stopped", "ovs.daemon-dead", "", "both" },
        { "qvo not in the switch, vswitchd stopped", "ovs.daemon-dead", "", "both" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_fault_is_named_first(string fault, string code, string ns, string way)
    {
        var seen = Broken(fault);
        var reports = way switch { "out" => [PingOut(seen)], "in" => [PingIn(seen)], _ => (Report[])[PingOut(seen), PingIn(seen)] };

        foreach (var report in reports)
        {
            Assert.Equal((Verdict.Broken, code, ns), (report.Verdict, report.Causes.IsEmpty ? report.Missing ?? "" : report.Causes[0].Fault.Code, report.Causes.IsEmpty ? "" : report.Causes[0].Fault.Namespace));
            Assert.NotNull(report.Causes[0].Fault.Fix);
        }
    }

    [Fact]
    public void A_stray_route_is_taken_away_together_with_the_check_that_only_its_neighbour_has()
    {
        var strict = Healthy.With(Router, ns => ns with
        {
            Links = [.. ns.Links, Veth(40, "other", "other0"), Veth(41, "other0", "other")],
            Routes = [.. ns.Routes, new ObservedRoute { Table = 254, Type = "unicast", Destination = IpPrefix.Parse("8.8.8.8/32"), NextHops = [new NextHop(null, "other", true, false)] }],
        }).WithSysctl(Router, "net/ipv4/conf/default/rp_filter", "0").WithSysctl(Router, $"net/ipv4/conf/{Qg}/rp_filter", "1");

        var fault = PingOut(strict).Causes[0].Fault;

        Assert.Equal("route.elsewhere", fault.Code);
        Assert.Equal([$"ip netns exec {Router} ip route del 8.8.8.8/32 dev other table 254", $"ip netns exec {Router} sysctl -w net.ipv4.conf.{Qg}.rp_filter=0"], fault.Fix!.Commands);
    }

    [Fact]
    public void What_a_rule_turns_elsewhere_on_a_bridge_is_lost_where_the_host_may_not_send_it_on()
    {
        var turned = Healthy.With("", ns => ns with
        {
            Iptables = [.. ns.Iptables, new RuleDump("iptables-nft", $"*nat\n:PREROUTING ACCEPT [0:0]\n[0:0] -A PREROUTING -m physdev --physdev-in {Tap} -j DNAT --to-destination 192.0.2.9\nCOMMIT\n")],
        });

        var report = PingOut(turned);

        Assert.Equal((Verdict.Broken, "firewall.rule", Qbr), (report.Verdict, report.Causes[0].Fault.Code, report.Causes[0].Fault.Device));
        Assert.Equal(["iptables-nft -t nat -D PREROUTING 1"], report.Causes[0].Fault.Fix!.Commands);
    }

    [Fact]
    public void What_a_rule_turns_to_the_router_is_answered_and_not_by_whom_it_is_for()
    {
        var turned = Healthy.With(Router, ns => ns with
        {
            Iptables = [new RuleDump("iptables-nft", RouterRules.Replace("[0:0] -A PREROUTING -d 203", "[0:0] -A PREROUTING -p icmp -j REDIRECT\n[0:0] -A PREROUTING -d 203", StringComparison.Ordinal))],
        });

        var report = PingOut(turned);

        Assert.Equal((Verdict.WorksBut, "address.taken", Qr), (report.Verdict, report.Causes[0].Fault.Code, report.Causes[0].Fault.Device));
    }

    [Fact]
    public void A_NIC_that_is_gone_is_named_by_the_bridge_that_had_it()
    {
        var gone = Healthy.With("", ns => ns with { Links = [.. ns.Links.Where(link => link.Name != "eth1")] });

        Assert.All([PingOut(gone), PingIn(gone)], report => Assert.Equal((Verdict.Broken, "link.missing", "eth1"), (report.Verdict, report.Causes[0].Fault.Code, report.Causes[0].Fault.Device)));
    }

    [Fact]
    public void An_external_network_with_a_VLAN_on_the_wire_is_answered_and_asked_with_it()
    {
        var tagged = Healthy
            .WithBridge("br-int", bridge => bridge with { Flows = [.. bridge.Flows.Select(flow => flow.Replace("vlan_tci=0x0000/0x1fff", "dl_vlan=101", StringComparison.Ordinal))] })
            .WithBridge("br-eth1", bridge => bridge with { Flows = [.. bridge.Flows.Select(flow => flow.Replace("strip_vlan", "mod_vlan_vid:101", StringComparison.Ordinal))] });

        foreach (var report in (Report[])[PingOut(tagged), PingIn(tagged)])
        {
            Assert.Equal((Verdict.Works, 0), (report.Verdict, report.Causes.Count));
            Assert.All(report.Request.Concat(report.Reply).Where(hop => hop.Device == "eth1"), hop => Assert.Equal(101, hop.Packet.Vlan));
        }
    }

    [Theory]
    [InlineData("bond")]
    [InlineData("team")]
    [InlineData("vlan")]
    public void A_NIC_made_of_others_leads_outside_as_well(string kind) =>
        Assert.Equal(Verdict.Works, PingOut(Healthy.WithLink("", "eth1", link => link with { Kind = kind })).Verdict);

    [Fact]
    public void What_is_sent_to_all_instead_of_the_router_is_not_passed_on()
    {
        var seen = Light.With("vm", ns => ns with { Neighbours = [new ObservedNeighbour("eth0", IpAddress.Parse("10.0.0.1"), MacAddress.Parse("ff:ff:ff:ff:ff:ff"), "noarp", Proxy: false)] });

        var report = PingOut(seen);

        Assert.Equal((Verdict.BrokenInGuest, "guest.neighbour.wrong"), (report.Verdict, report.Causes[0].Fault.Code));
        Assert.Equal(["ip neigh del 10.0.0.1 dev eth0"], report.Causes[0].Fault.Fix!.Commands);
    }

    [Fact]
    public void An_address_that_the_instance_calls_its_own_is_answered_by_itself()
    {
        var seen = Light.With("vm", ns => ns with { Routes = [.. ns.Routes, new ObservedRoute { Table = 255, Type = "local", Destination = IpPrefix.Parse("8.0.0.0/8"), NextHops = [new NextHop(null, "lo", true, false)] }] });

        var report = PingOut(seen);

        Assert.Equal((Verdict.WorksBut, "guest.address.taken"), (report.Verdict, report.Causes[0].Fault.Code));
        Assert.Equal(["ip route del local 8.0.0.0/8 dev lo table 255"], report.Causes[0].Fault.Fix!.Commands);
    }

    [Fact]
    public void A_ping_that_the_router_answers_itself_is_no_health()
    {
        var seen = Healthy.With(Router, ns => ns with { Iptables = [new RuleDump("iptables-nft", RouterRules.Replace("[0:0] -A PREROUTING -d 203.0.113.20/32 -j DNAT --to-destination 10.0.0.5\n", "", StringComparison.Ordinal))] });

        var report = PingIn(seen);

        Assert.Equal((Verdict.WorksBut, "router.no-destination-nat"), (report.Verdict, report.Causes[0].Fault.Code));
        Assert.Equal([$"ip netns exec {Router} iptables-nft -t nat -A PREROUTING -d 203.0.113.20/32 -j DNAT --to-destination 10.0.0.5"], report.Causes[0].Fault.Fix!.Commands);
    }

    [Fact]
    public void A_rule_that_keeps_the_floating_ip_in_the_router_is_taken_away()
    {
        var seen = Healthy.With(Router, ns => ns with { Iptables = [new RuleDump("iptables-nft", RouterRules.Replace("[0:0] -A PREROUTING -d", "[0:0] -A PREROUTING -d 203.0.113.20/32 -j REDIRECT\n[0:0] -A PREROUTING -d", StringComparison.Ordinal))] });

        var report = PingIn(seen);

        Assert.Equal((Verdict.WorksBut, "router.no-destination-nat"), (report.Verdict, report.Causes[0].Fault.Code));
        Assert.Equal([$"ip netns exec {Router} iptables-nft -t nat -D PREROUTING 1"], report.Causes[0].Fault.Fix!.Commands);
    }

    [Theory]
    [InlineData("[0:0] -A FORWARD -m state --state RELATED,ESTABLISHED -j ACCEPT\n", true)]
    [InlineData("", false)]
    public void A_running_ping_hides_a_rule_only_where_rules_spare_it(string before, bool goesOn)
    {
        var (vm, outside) = (IpAddress.Parse("10.0.0.5"), IpAddress.Parse(Outside));
        var running = new ObservedConnection
        {
            Protocol = 1,
            Original = new FlowTuple(vm, outside, 99, 8 << 8),
            Reply = new FlowTuple(outside, vm, 99, 0),
            Status = 0x18e,
            TimeoutSeconds = 29,
        };
        var report = PingOut(Healthy.With("", ns => ns with
        {
            Connections = [running],
            Iptables = [new RuleDump("iptables-nft", HostRules.Replace("[0:0] -A FORWARD -j neutron", $"{before}[0:0] -A FORWARD -p icmp -j DROP\n[0:0] -A FORWARD -j neutron", StringComparison.Ordinal))],
        }));

        Assert.Equal(goesOn ? ["firewall.rule", "conntrack.stale"] : (string[])["firewall.rule"], report.Causes.Select(cause => cause.Fault.Code));
    }

    [Fact]
    public void A_ping_past_a_firewall_that_is_off_is_no_health()
    {
        var report = PingOut(Healthy.WithSysctl("", "net/bridge/bridge-nf-call-iptables", "0"));

        Assert.Equal((Verdict.WorksBut, "security-groups.off"), (report.Verdict, report.Causes[0].Fault.Code));
        Assert.Equal(["sysctl -w net.bridge.bridge-nf-call-iptables=1"], report.Causes[0].Fault.Fix!.Commands);
    }

    [Theory]
    [InlineData(null, "guest.no-address")]
    [InlineData("10.0.0.6/24", "guest.wrong-address")]
    public void An_instance_without_its_address_is_not_asked_to_forward(string? own, string code)
    {
        Assert.Equal(Verdict.Works, PingIn(Light).Verdict);

        var report = PingIn(Light.With("vm", ns => ns with
        {
            Addresses = [.. own is null ? [] : (ObservedAddress[])[new("eth0", IpPrefix.Parse(own), "global", true)]],
            Routes = [.. own is null ? [] : ns.Routes.Where(route => route.Table == 254)],
        }));

        Assert.Equal((Verdict.BrokenInGuest, code), (report.Verdict, report.Causes[0].Fault.Code));
    }

    /// <summary>Found by two faults at once (pair 4032): the router has lost its address as well, so that only the DHCP server tells who it is.</summary>
    [Fact]
    public void An_instance_without_its_address_gets_the_gateway_that_DHCP_would_tell_it()
    {
        var seen = Light.With("vm", ns => ns with { Addresses = [], Routes = [] }).With(Router, ns => ns with { Addresses = [.. ns.Addresses.Where(address => address.Device != Qr)] });
        var served = seen with
        {
            Namespaces = [.. seen.Namespaces, new ObservedNamespace { Name = "qdhcp-1", Addresses = [new("ns-1", IpPrefix.Parse("10.0.0.2/24"), "global", true)] }],
            Processes = [new ObservedProcess { Pid = 9, Name = "dnsmasq", Namespace = "qdhcp-1", State = "S", Arguments = ["--dhcp-option=tag:subnet,option:router,10.0.0.1"] }],
        };

        var fault = PingOut(served).Causes[0].Fault;

        Assert.Equal("guest.no-address", fault.Code);
        Assert.Equal(["ip addr add 10.0.0.5/24 dev eth0", "ip route replace default via 10.0.0.1 dev eth0"], fault.Fix!.Commands);
    }

    /// <summary>Found by two faults at once (pair 4035): the flow on the other side, of which the lost one is the reverse, is wrong itself.</summary>
    [Fact]
    public void Flows_that_are_gone_are_made_for_the_segment_that_the_agent_has_noted()
    {
        var seen = Healthy.WithBridge("br-int", bridge => bridge with { Flows = [] })
            .WithBridge("br-eth1", bridge => bridge with { Flows = [.. bridge.Flows.Select(flow => flow.Replace("strip_vlan", "mod_vlan_vid:777", StringComparison.Ordinal))] });

        Assert.Contains("dl_vlan=777,actions=mod_vlan_vid:2", Mends(seen), StringComparison.Ordinal);
        Assert.Contains("vlan_tci=0x0000/0x1fff,actions=mod_vlan_vid:2", Mends(seen.WithPort(Qg, port => port with { OtherConfig = [new("network_type", "flat")] })), StringComparison.Ordinal);

        static string Mends(Observation seen) => string.Join('\n', PingOut(seen).Causes[0].Fault.Fix!.Commands);
    }

    [Fact]
    public void A_providers_bridge_with_a_port_of_a_VLAN_tells_the_flow_that_is_gone_all_the_same()
    {
        var seen = Broken("ingress translation gone").WithBridge("br-eth1", bridge => bridge with { Ports = [.. bridge.Ports, new ObservedPort { Name = "management", Tag = 7, Interfaces = [] }] });

        Assert.Contains("vlan_tci=0x0000/0x1fff,actions=mod_vlan_vid:2", string.Join('\n', PingOut(seen).Causes[0].Fault.Fix!.Commands), StringComparison.Ordinal);
    }

    private static Observation Broken(string fault) => fault switch
    {
        "forwarding off" => Healthy.WithSysctl(Router, "net/ipv4/ip_forward", "0").WithSysctl(Router, $"net/ipv4/conf/{Qr}/forwarding", "0").WithSysctl(Router, $"net/ipv4/conf/{Qg}/forwarding", "0"),
        "no source NAT" => Healthy.With(Router, ns => ns with { Iptables = [new RuleDump("iptables-nft", "*nat\n:PREROUTING ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\nCOMMIT\n")] }),
        "foreign source NAT" => Healthy.With(Router, ns => ns with { Iptables = [new RuleDump("iptables-nft", RouterRules.Replace("[0:0] -A POSTROUTING -s", "[0:0] -A POSTROUTING -o qg-33333333-33 -j SNAT --to-source 192.0.2.9\n[0:0] -A POSTROUTING -s", StringComparison.Ordinal))] }),
        "patch gone, gateway known" => Healthy.With(Router, ns => ns with { Neighbours = [new ObservedNeighbour(Qg, IpAddress.Parse("203.0.113.1"), MacAddress.Parse("52:54:00:00:00:99"), "reachable", Proxy: false)] })
            .WithBridge("br-int", bridge => bridge with { Ports = [.. bridge.Ports.Where(port => port.Name != "int-br-eth1")] }),
        "tap not enslaved" => Healthy.WithLink("", Tap, link => link with { Master = null, BridgePort = null }),
        "qvb not enslaved" => Healthy.WithLink("", Qvb, link => link with { Master = null, BridgePort = null }),
        "qvo not in the switch" => Healthy.WithBridge("br-int", bridge => bridge with { Ports = [.. bridge.Ports.Where(port => port.Name != Qvo)] }),
        "dead VLAN" => Healthy.WithPort(Qvo, port => port with { Tag = 4095 }),
        "wrong tag" => Healthy.WithPort(Qvo, port => port with { Tag = 7 }),
        "no flows" => Healthy.WithBridge("br-int", bridge => bridge with { Flows = [] }),
        "egress translation gone" => Healthy.WithBridge("br-eth1", bridge => bridge with { Flows = [.. bridge.Flows.Where(flow => !flow.Contains("strip_vlan", StringComparison.Ordinal))] }),
        "ingress translation gone" => Healthy.WithBridge("br-int", bridge => bridge with { Flows = [.. bridge.Flows.Where(flow => !flow.Contains("mod_vlan_vid", StringComparison.Ordinal))] }),
        "both translations gone" => Broken("egress translation gone").WithBridge("br-int", bridge => bridge with { Flows = [.. bridge.Flows.Where(flow => !flow.Contains("mod_vlan_vid", StringComparison.Ordinal))] }),
        "br-int only switches, egress translation gone" => Broken("egress translation gone").WithBridge("br-int", bridge => bridge with { Flows = ["cookie=0x0, table=0, n_packets=0, n_bytes=0, priority=0 actions=NORMAL"] }),
        "qr down" => Healthy.WithLink(Router, Qr, link => link with { Up = false }).With(Router, ns => ns with { Routes = [.. ns.Routes.Where(route => route.Table != 254 || route.NextHops[0].Device != Qr)] }),
        "qr without its own route" => Healthy.With(Router, ns => ns with { Routes = [.. ns.Routes.Where(route => route.Table != 254 || route.NextHops[0].Device != Qr)] }),
        "dead VLAN, and nobody has the gateway's address" => Broken("qr without address").WithPort(Qvo, port => port with { Tag = 4095, OtherConfig = [new("tag", "1")] })
            .WithBridge("br-int", bridge => bridge with
            {
                Flows = [.. bridge.Flows.Where(flow => !flow.Contains("dl_vlan=4095", StringComparison.Ordinal))],
                Ports = [.. bridge.Ports, new ObservedPort { Name = "br-int", Interfaces = [new ObservedInterface { Name = "br-int", Type = "internal", Ofport = 65534 }] }],
            }),
        "qr without address" => Healthy.With(Router, ns => ns with
        {
            Addresses = [.. ns.Addresses.Where(address => address.Device != Qr)],
            Routes = [.. ns.Routes.Where(route => route.NextHops[0].Device != Qr)],
        }),
        "tap down" => Healthy.WithLink("", Tap, link => link with { Up = false, BridgePort = new ObservedBridgePort { State = "disabled" } }),
        "default route gone" => Healthy.With(Router, ns => ns with { Routes = [.. ns.Routes.Where(route => route.Destination.Length > 0)] }),
        "forward policy drop in the router" => Healthy.With(Router, ns => ns with { Iptables = [.. ns.Iptables, new RuleDump("iptables-legacy", "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n")] }),
        "foreign reject on the host" => Healthy.With("", ns => ns with { Iptables = [new RuleDump("iptables-nft", HostRules.Replace("[0:0] -A FORWARD -j neutron", "[0:0] -A FORWARD -j REJECT --reject-with icmp-host-prohibited\n[0:0] -A FORWARD -j neutron", StringComparison.Ordinal))] }),
        "no ingress rule" => Healthy.With("", ns => ns with { Iptables = [new RuleDump("iptables-nft", HostRules.Replace("[0:0] -A neutron-openvswi-i11111111-1 -p icmp -j RETURN\n", "", StringComparison.Ordinal))] }),
        "dead VLAN, vswitchd stopped" or "qvo not in the switch, vswitchd stopped" => Broken("vswitchd stopped") with { Namespaces = Broken(fault.Split(',')[0]).Namespaces, Switch = Broken(fault.Split(',')[0]).Switch! with { DaemonAnswers = false } },
        "vswitchd stopped" => Healthy with { Switch = Healthy.Switch! with { DaemonAnswers = false }, Processes = [new ObservedProcess { Pid = 77, Name = "ovs-vswitchd", Namespace = "", State = "T" }] },
        _ => throw new ArgumentOutOfRangeException(nameof(fault)),
    };

    private static ObservedLink Veth(int index, string name, string peer) => new()
    {
        Index = index,
        Name = name,
        Kind = "veth",
        Mac = MacAddress.Parse($"0a:00:00:00:00:{index}"),
        Mtu = 1500,
        Up = true,
        Carrier = true,
        Peer = new LinkEnd(Router, peer),
    };

    private static IEnumerable<string> Devices(IEnumerable<Core.Doctor.Tracing.Hop> hops)
    {
        var last = "";
        foreach (var hop in hops)
        {
            if (hop.Device != last)
            {
                yield return last = hop.Device;
            }
        }
    }
}

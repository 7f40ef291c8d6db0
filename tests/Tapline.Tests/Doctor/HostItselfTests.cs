using Tapline.Core.Doctor.Examining;
using Tapline.Core.Doctor.Tracing;
using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;
using static Tapline.Tests.Doctor.PathBed;

namespace Tapline.Tests.Doctor;

/// <summary>Stacks that answer what is not for them, or do not answer what is.</summary>
public sealed class HostItselfTests
{
    [Fact]
    public void A_stack_that_answers_no_pings_is_told_by_its_setting()
    {
        var report = PingIn(Light.WithSysctl("vm", "net/ipv4/icmp_echo_ignore_all", "1"));

        Assert.Equal((Verdict.BrokenInGuest, "guest.stack.ping-ignored"), (report.Verdict, report.Causes[0].Fault.Code));
        Assert.Equal(["sysctl -w net.ipv4.icmp_echo_ignore_all=0"], report.Causes[0].Fault.Fix!.Commands);
        Assert.Equal(Verdict.Works, PingOut(Light.WithSysctl("vm", "net/ipv4/icmp_echo_ignore_all", "1")).Verdict);
    }

    [Fact]
    public void A_neighbour_entry_for_what_is_not_on_the_link_gives_nobody_an_address()
    {
        var mac = MacAddress.Parse("fa:16:3e:00:00:05");
        var seen = Light.With(Router, ns => ns with { Neighbours = [.. ns.Neighbours, new ObservedNeighbour(Qg, IpAddress.Parse(Outside), mac, "noarp", Proxy: false)] });

        Assert.Equal((Verdict.Works, "in"), (PingIn(seen).Verdict, PingIn(seen).Way));
    }

    /// <summary>ovs-vswitchd's packet socket takes no frame from the kernel, which answers at the same NIC, and sooner.</summary>
    [Fact]
    public void Beside_the_userspace_datapath_the_host_itself_answers_for_an_address_that_it_has_too()
    {
        var seen = Healthy.With("", ns => ns with
        {
            Addresses = [.. ns.Addresses, new("lo", IpPrefix.Parse("203.0.113.20/32"), "global", true)],
            Routes = [.. ns.Routes, new ObservedRoute { Table = 255, Type = "local", Destination = IpPrefix.Parse("203.0.113.20/32"), NextHops = [new NextHop(null, "lo", true, false)] }],
        });

        var report = PingIn(seen);

        Assert.Equal((Verdict.Broken, "address.taken", "eth1"), (report.Verdict, report.Causes[0].Fault.Code, report.Causes[0].Fault.Device));
        Assert.Equal(["ip addr del 203.0.113.20/32 dev lo"], report.Causes[0].Fault.Fix!.Commands);
    }

    /// <summary>The port of the switch that hears a frame is the host's device as well, whose stack may answer.</summary>
    [Fact]
    public void A_gateway_s_address_on_the_host_is_answered_for_at_the_port()
    {
        var seen = Healthy.With("", ns => ns with
        {
            Addresses = [.. ns.Addresses, new("lo", IpPrefix.Parse("10.0.0.1/32"), "global", true)],
            Routes = [.. ns.Routes, new ObservedRoute { Table = 255, Type = "local", Destination = IpPrefix.Parse("10.0.0.1/32"), NextHops = [new NextHop(null, "lo", true, false)] }],
        });

        Assert.Equal((Verdict.Broken, ""), (PingOut(seen).Verdict, PingOut(seen).Causes[0].Fault.Namespace));
    }

    [Fact]
    public void An_instance_whose_TAP_is_gone_is_known_by_its_port()
    {
        var seen = Healthy.With("", ns => ns with { Links = [.. ns.Links.Where(link => link.Name != Tap)] });

        Assert.Equal((Verdict.Broken, "link.missing", Tap), (PingOut(seen).Verdict, PingOut(seen).Causes[0].Fault.Code, PingOut(seen).Causes[0].Fault.Device));
        Assert.Equal(Verdict.Broken, PingIn(seen).Verdict);
    }

    [Fact]
    public void A_locked_port_takes_in_only_what_the_bridge_knows_there()
    {
        var seen = Healthy.WithLink("", Qvb, link => link with { BridgePort = link.BridgePort! with { Locked = true } });

        Assert.Equal((Verdict.Broken, "bridge.port-blocked", Qvb), (PingOut(seen).Verdict, PingOut(seen).Causes[0].Fault.Code, PingOut(seen).Causes[0].Fault.Device));
        Assert.Equal(Verdict.Works, PingOut(seen.With("", ns => ns with
        {
            Fdb = [.. ns.Fdb, new ObservedFdbEntry(Qbr, Qvb, MacAddress.Parse("fa:16:3e:00:00:01"), null, Local: false, Static: true)],
        })).Verdict);
    }

    [Theory]
    [InlineData("1", Verdict.Works)]
    [InlineData("2", Verdict.Works)]
    [InlineData("3", Verdict.Works)]
    [InlineData("8", Verdict.Broken)]
    public void Arp_ignore_asks_for_a_subnet_of_both_on_the_device(string mode, Verdict verdict) =>
        Assert.Equal(verdict, PingIn(Healthy.WithSysctl(Router, "net/ipv4/conf/all/arp_ignore", mode)).Verdict);

    [Fact]
    public void What_a_route_of_the_router_calls_its_own_is_answered_by_the_router()
    {
        var report = PingOut(Healthy.With(Router, ns => ns with
        {
            Routes = [.. ns.Routes, new ObservedRoute { Table = 255, Type = "local", Destination = IpPrefix.Parse("8.8.8.0/24"), NextHops = [new NextHop(null, "lo", true, false)] }],
        }));

        Assert.Equal((Verdict.WorksBut, "address.taken", Router), (report.Verdict, report.Causes[0].Fault.Code, report.Causes[0].Fault.Namespace));
        Assert.Equal([$"ip netns exec {Router} ip route del local 8.8.8.0/24 dev lo table 255"], report.Causes[0].Fault.Fix!.Commands);
    }

    /// <summary>Without rules of somebody's own, the tables local and main are one to the kernel.</summary>
    [Fact]
    public void A_longer_route_wins_over_a_local_one_until_somebody_adds_a_rule()
    {
        var seen = Healthy.With(Router, ns => ns with
        {
            Routes = [.. ns.Routes, new ObservedRoute { Table = 255, Type = "local", Destination = IpPrefix.Parse("10.0.0.0/8"), NextHops = [new NextHop(null, "lo", true, false)] }],
        });
        var apart = seen.With(Router, ns => ns with
        {
            Rules =
            [
                new ObservedRule { IsV6 = false, Priority = 0, Action = "lookup", Table = 255 }, new ObservedRule { IsV6 = false, Priority = 100, Action = "lookup", Table = 100 },
                new ObservedRule { IsV6 = false, Priority = 32766, Action = "lookup", Table = 254 }, new ObservedRule { IsV6 = false, Priority = 32767, Action = "lookup", Table = 253 },
            ],
        });

        Assert.Equal((Verdict.Works, Verdict.Broken), (PingOut(seen).Verdict, PingOut(apart).Verdict));
    }

    /// <summary>Found by random changes (seed 35074): the router calls all addresses its own, the instance's too, which is then no source to answer.</summary>
    [Theory]
    [InlineData(null, Verdict.WorksBut)]
    [InlineData(false, Verdict.WorksBut)]
    [InlineData(true, Verdict.Broken)]
    public void A_router_to_which_all_addresses_are_its_own_answers_unless_somebody_once_had_a_rule(bool? isLocalTableFirst, Verdict verdict)
    {
        var report = PingOut(Healthy.With(Router, ns => ns with
        {
            IsLocalTableFirst = isLocalTableFirst,
            Routes =
            [
                .. ns.Routes.Where(route => route.Destination != IpPrefix.Parse("0.0.0.0/0")),
                new ObservedRoute { Table = 255, Type = "local", Destination = IpPrefix.Parse("0.0.0.0/0"), NextHops = [new NextHop(null, "lo", true, false)] },
            ],
        }));

        Assert.Equal((verdict, Router), (report.Verdict, report.Causes[0].Fault.Namespace));
    }

    /// <summary>
    /// Found by random changes (seed 41138): the instance has its own address on lo as well, so that its whole network is local to it. To a kernel
    /// that judges sources by routes its router is then itself.
    /// </summary>
    [Theory]
    [InlineData(null, Verdict.Works)]
    [InlineData(false, Verdict.Works)]
    [InlineData(true, Verdict.BrokenInGuest)]
    public void An_instance_whose_network_is_local_to_it_answers_unless_it_once_had_a_local_route(bool? checksSourcesByRoutes, Verdict verdict)
    {
        var report = PingIn(Light.With(Router, ns => ns with { Neighbours = [] }).With("vm", ns => ns with
        {
            ChecksSourcesByRoutes = checksSourcesByRoutes,
            IsLocalTableFirst = false,
            Addresses = [.. ns.Addresses, new ObservedAddress("lo", IpPrefix.Parse("10.0.0.5/24"), "global", true)],
            Routes = [.. ns.Routes.Select(route => route with { Protocol = "kernel" }), new ObservedRoute { Table = 255, Type = "local", Destination = IpPrefix.Parse("10.0.0.0/24"), Protocol = "kernel", NextHops = [new NextHop(null, "lo", true, false)] }],
        }));

        Assert.Equal(verdict, report.Verdict);
    }

    /// <summary>Ping asks for a way before it has an address (found by random changes, seed 31265): a rule on sources meets none then; an answer has one.</summary>
    [Fact]
    public void Who_asks_looks_for_a_way_without_an_address_first()
    {
        var seen = Light.With("vm", ns => ns with
        {
            Rules =
            [
                new ObservedRule { IsV6 = false, Priority = 0, Action = "lookup", Table = 255 },
                new ObservedRule { IsV6 = false, Priority = 10, Action = "unreachable", From = IpPrefix.Parse("10.0.0.5/32"), Invert = true },
                new ObservedRule { IsV6 = false, Priority = 32766, Action = "lookup", Table = 254 },
                new ObservedRule { IsV6 = false, Priority = 32767, Action = "lookup", Table = 253 },
            ],
        });

        var report = PingOut(seen);

        Assert.Equal((Verdict.BrokenInGuest, "guest.route.refuses", "vm"), (report.Verdict, report.Causes[0].Fault.Code, report.Causes[0].Fault.Namespace));
        Assert.Equal(Verdict.Works, PingIn(seen).Verdict);
    }

    [Fact]
    public void A_stack_sends_with_its_own_TTL()
    {
        var report = PingOut(Light.WithSysctl("vm", "net/ipv4/ip_default_ttl", "1"));

        Assert.Equal((Verdict.BrokenInGuest, "guest.stack.low-ttl", "vm"), (report.Verdict, report.Causes[0].Fault.Code, report.Causes[0].Fault.Namespace));
        Assert.Equal(["sysctl -w net.ipv4.ip_default_ttl=64"], report.Causes[0].Fault.Fix!.Commands);
        Assert.Equal(Verdict.Works, PingOut(Light.WithSysctl("vm", "net/ipv4/ip_default_ttl", "3")).Verdict);
    }

    [Theory]
    [InlineData(false, Verdict.Works)]
    [InlineData(null, Verdict.Unknown)]
    public void A_route_by_an_address_of_its_own_leads_to_the_link_where_the_kernel_says_so(bool? usesOwnGateway, Verdict verdict) =>
        Assert.Equal(verdict, PingOut(Healthy.With(Router, ns => ns with
        {
            Routes = [.. ns.Routes, new ObservedRoute { Table = 254, Type = "unicast", Destination = IpPrefix.Parse("10.0.0.5/32"), NextHops = [new NextHop(IpAddress.Parse("10.0.0.1"), Qr, true, false) { UsesOwnGateway = usesOwnGateway }] }],
        })).Verdict);

    [Fact]
    public void A_chain_at_a_device_that_sets_the_TTL_is_felt_further_on()
    {
        const string rules = $$$"""
            {"nftables": [
              {"table": {"family": "netdev", "name": "t", "handle": 1}},
              {"chain": {"family": "netdev", "table": "t", "name": "c", "handle": 2, "type": "filter", "hook": "ingress", "prio": 0, "policy": "accept", "dev": "{{{Tap}}}"}},
              {"rule": {"family": "netdev", "table": "t", "chain": "c", "handle": 3, "expr": [{"mangle": {"key": {"payload": {"protocol": "ip", "field": "ttl"}}, "value": 1}}]}}
            ]}
            """;
        var report = PingOut(Light.With("", ns => ns with { Nftables = rules }));

        Assert.Equal((Verdict.Broken, "firewall.rewrite", ""), (report.Verdict, report.Causes[0].Fault.Code, report.Causes[0].Fault.Namespace));
        Assert.Equal(["nft delete rule netdev t c handle 3"], report.Causes[0].Fault.Fix!.Commands);
        Assert.Contains(report.Causes[0].Fault.Evidence, line => line.Contains("has used up its hops", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("0", FloatingIp)]
    [InlineData("1", FloatingIp)]
    [InlineData("2", "203.0.113.10")]
    public void Which_of_its_addresses_a_router_asks_with_is_set_by_arp_announce(string announce, string sender)
    {
        var seen = Healthy.WithSysctl(Router, "net/ipv4/conf/all/arp_announce", announce);

        var asked = new Neighbourhood(Router, Qg, IpAddress.Parse("203.0.113.1")).Question(new World(seen), IpAddress.Parse(FloatingIp));

        Assert.Equal(IpAddress.Parse(sender), asked.Packet.Source);
    }
}

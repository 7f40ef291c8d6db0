using Tapline.Core.Doctor.Examining;
using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;
using static Tapline.Tests.Doctor.PathBed;

namespace Tapline.Tests.Doctor;

/// <summary>
/// Frames that a bridge gives back to where they came from: what switches learned of their sender then moves to and fro, so that what
/// is read at one moment says nothing about the next.
/// </summary>
public sealed class ReturnedFramesTests
{
    private static readonly MacAddress Leg = MacAddress.Parse("fa:16:3e:00:00:01");

    [Fact]
    public void A_port_in_hairpin_mode_is_named_where_the_switch_learns_by_it()
    {
        foreach (var report in (Report[])[PingOut(Reflecting), PingIn(Reflecting)])
        {
            var cause = Assert.Single(report.Causes).Fault;
            Assert.Equal((Verdict.Unknown, "bridge.hairpin", "", Qvb), (report.Verdict, cause.Code, cause.Namespace, cause.Device));
            Assert.Equal([$"bridge link set dev {Qvb} hairpin off", "ovs-appctl fdb/flush br-int"], cause.Fix!.Commands);
            Assert.Contains(Leg.ToString(), report.Missing, StringComparison.Ordinal);
        }
    }

    /// <summary>Also where rules take only what belongs to a connection, which what misled it did.</summary>
    [Fact]
    public void What_the_switch_believes_at_this_moment_is_no_cause_of_its_own()
    {
        var report = PingOut(Reflecting.With("", ns => ns with
        {
            Iptables = [new RuleDump("iptables-nft", HostRules.Replace("[0:0] -A FORWARD -j neutron", "[0:0] -A FORWARD -m physdev --physdev-in qvb11111111-11 -m state ! --state ESTABLISHED -j DROP\n[0:0] -A FORWARD -j neutron", StringComparison.Ordinal))],
        }).WithBridge("br-int", bridge => bridge with { Fdb = [new LearnedMac(Qvo, 1, Leg, 3)] }));

        Assert.Equal((Verdict.Unknown, "bridge.hairpin"), (report.Verdict, Assert.Single(report.Causes).Fault.Code));
    }

    [Fact]
    public void Where_flows_throw_away_what_does_not_bear_the_instances_address_it_works() =>
        Assert.Equal(Verdict.Works, PingOut(Healthy.WithLink("", Qvb, InHairpinMode)).Verdict);

    [Fact]
    public void What_ends_it_whatever_is_learned_comes_first()
    {
        var report = PingOut(Reflecting.With("", ns => ns with
        {
            Iptables = [new RuleDump("iptables-nft", HostRules.Replace("[0:0] -A FORWARD -j neutron", "[0:0] -A FORWARD -m physdev --physdev-in tap11111111-11 -j DROP\n[0:0] -A FORWARD -j neutron", StringComparison.Ordinal))],
        }));

        Assert.Equal((Verdict.Broken, "firewall.rule bridge.hairpin"), (report.Verdict, string.Join(' ', report.Causes.Select(cause => cause.Fault.Code))));
    }

    /// <summary>Each sends it anew, with its own address as the sender, so no bridge is misled.</summary>
    [Fact]
    public void A_packet_that_two_routers_send_to_each_other_is_not_given_back()
    {
        const string other = "qr-44444444-44";
        var seen = Healthy
            .WithBridge("br-int", bridge => bridge with
            {
                Ports = [.. bridge.Ports, .. bridge.Ports.Where(port => port.Name == Qr).Select(port => port with { Name = other, Interfaces = [port.Interfaces[0] with { Name = other, Ofport = 9 }] })],
            })
            .With(Router, ns => ns with { Routes = ns.Routes.Where(route => route.Destination.Length > 0).Append(Default("10.0.0.2", Qr)).ToValueList() });
        var second = seen.Namespace(Router)! with
        {
            Name = "qrouter-7d1e5a3c-0000-4000-8000-000000000002",
            Links = [seen.Namespace(Router)!.Links[0] with { Name = other, Mac = MacAddress.Parse("fa:16:3e:00:00:02") }],
            Addresses = [new ObservedAddress(other, IpPrefix.Parse("10.0.0.2/24"), "global", true)],
            Routes = [Default("10.0.0.1", other), On(254, "unicast", "10.0.0.0/24", other), On(255, "local", "10.0.0.2/32", other)],
            Sysctls = [new("net/ipv4/ip_forward", "1"), new($"net/ipv4/conf/{other}/forwarding", "1")],
            Iptables = [],
        };

        var report = PingOut(seen with { Namespaces = [.. seen.Namespaces, second] });

        Assert.Equal((Verdict.Broken, "router.ttl-expired"), (report.Verdict, Assert.Single(report.Causes).Fault.Code));
    }

    private static ObservedRoute Default(string via, string device) => On(254, "unicast", "0.0.0.0/0", device) with { NextHops = [new NextHop(IpAddress.Parse(via), device, true, false)] };

    private static ObservedRoute On(int table, string type, string destination, string device) =>
        new() { Table = table, Type = type, Destination = IpPrefix.Parse(destination), NextHops = [new NextHop(null, device, true, false)] };

    [Theory]
    [InlineData(300, Verdict.Unknown)]
    [InlineData(0, Verdict.Works)]
    public void A_Linux_bridge_is_misled_where_it_learns(int ageing, Verdict verdict)
    {
        var report = PingOut(Healthy
            .WithLink("", Qbr, link => link with { Bridge = link.Bridge! with { AgeingSeconds = ageing } })
            .WithBridge("br-int", bridge => bridge with { Flows = [.. bridge.Flows.Select(flow => flow.Replace("table=60, n_packets=0, n_bytes=0, priority=3 actions=NORMAL", "table=60, n_packets=0, n_bytes=0, priority=3 actions=NORMAL,IN_PORT", StringComparison.Ordinal))] }));

        Assert.Equal((verdict, verdict == Verdict.Works ? "" : $"bridge.loop at {Qvb}"), (report.Verdict, string.Concat(report.Causes.Select(cause => $"{cause.Fault.Code} at {cause.Fault.Device}"))));
    }

    /// <summary>A port in hairpin mode, on a host whose flows look at the sender of ARP alone.</summary>
    private static Observation Reflecting { get; } = Healthy.WithLink("", Qvb, InHairpinMode)
        .WithBridge("br-int", bridge => bridge with { Flows = [.. bridge.Flows.Select(flow => flow.Replace("resubmit(,25)", "resubmit(,60)", StringComparison.Ordinal))] });

    private static ObservedLink InHairpinMode(ObservedLink link) => link with { BridgePort = link.BridgePort! with { Hairpin = true } };
}

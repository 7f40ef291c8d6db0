using Tapline.Core.Doctor.Examining;
using Tapline.Core.Doctor.Living;
using Tapline.Core.Doctor.Tracing;
using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;
using static Tapline.Tests.Doctor.PathBed;

namespace Tapline.Tests.Doctor;

/// <summary>What happened to a probe, beside what was read of the host: what happened overrules.</summary>
public sealed class LiveVerdictTests
{
    private const int Sent = 3;
    private static readonly Observation Forwardless = Healthy.WithSysctl(Router, "net/ipv4/ip_forward", "0")
        .WithSysctl(Router, $"net/ipv4/conf/{Qr}/forwarding", "0").WithSysctl(Router, $"net/ipv4/conf/{Qg}/forwarding", "0");

    [Fact]
    public void A_probe_that_is_answered_was_seen_by_every_device_of_its_way()
    {
        var report = Judge(Healthy, PingOut(Healthy), Everything(PingOut(Healthy)), answered: Sent);

        Assert.Equal((Verdict.Works, 0), (report.Verdict, report.Causes.Count));
        foreach (var hop in report.Request.Concat(report.Reply).Where(hop => !hop.Packet.IsArp))
        {
            Assert.Equal(hop.Kind is "ovs-bridge" or "patch" ? null : "3/3", hop.Saw?.Short);
        }

        Assert.Equal("request 3/3, 10.0.0.5 → 8.8.8.8, 0.01 ms", report.Request.First(hop => hop.Device == Qbr && !hop.Packet.IsArp).Saw!.ToString());
    }

    [Fact]
    public void What_should_work_and_is_lost_is_lost_behind_the_last_device_that_saw_it()
    {
        var report = Judge(Healthy, PingOut(Healthy), RequestUntil(PingOut(Healthy), Qr));

        Assert.Equal((Verdict.Broken, "live.lost-after", Qr, "request"), First(report));
        Assert.Contains($"not at {Qg} in {Router}", report.Causes[0].Fault.Summary, StringComparison.Ordinal);
        Assert.Equal(HopState.Drop, report.Request.Last(hop => hop.Device == Qr && !hop.Packet.IsArp).State);
        Assert.Equal(HopState.Unknown, report.Request[^1].State);
    }

    [Theory]
    [InlineData("nft_do_chain", "NETFILTER_DROP", "firewall.drop")]
    [InlineData("ip_rcv_finish_core", "IP_RPFILTER", "router.rp-filter")]
    [InlineData("ip_rcv_core", "OTHERHOST", "live.lost-after")]
    [InlineData("somewhere", "NOT_SPECIFIED", "live.lost-after")]
    public void The_kernel_s_reason_names_the_cause(string location, string reason, string code)
    {
        var sightings = RequestUntil(PingOut(Healthy), Qr).ToList();
        var drops = sightings.GroupBy(sighting => sighting.Sequence).Select(group => new KernelDrop(group.Last().At + 5_000, location, reason));

        var report = Judge(Healthy, PingOut(Healthy), sightings, drops: [.. drops]);

        Assert.Equal((Verdict.Broken, code, Qr, "request"), First(report));
        Assert.Equal(reason != "OTHERHOST", report.Causes[0].Fault.Evidence.Any(line => line.Contains(reason, StringComparison.Ordinal)));
    }

    [Fact]
    public void Drops_of_others_are_not_the_probe_s()
    {
        var sightings = RequestUntil(PingOut(Healthy), Qr).ToList();

        var report = Judge(Healthy, PingOut(Healthy), sightings, drops: [new KernelDrop(sightings[^1].At + 5_000, "nft_do_chain", "NETFILTER_DROP"), new KernelDrop(1, "tcp_v4_rcv", "NO_SOCKET")]);

        Assert.Equal("live.lost-after", report.Causes[0].Fault.Code);
    }

    [Fact]
    public void A_rule_that_was_seen_to_drop_it_is_the_cause_and_its_removal_the_mend()
    {
        var report = Judge(Healthy, PingOut(Healthy), RequestUntil(PingOut(Healthy), Qr), rules: [new RuleDrop(Router, "ip", "evil", "f", 7, "icmp type echo-request drop")]);

        Assert.Equal((Verdict.Broken, "firewall.rule", Qr, "request"), First(report));
        Assert.Equal([$"ip netns exec {Router} nft delete rule ip evil f handle 7"], report.Causes[0].Fault.Fix!.Commands);
    }

    [Fact]
    public void Where_reading_and_sending_agree_the_cause_is_what_was_read()
    {
        var report = Judge(Forwardless, PingOut(Forwardless), RequestUntil(PingOut(Forwardless), Qr));

        Assert.Equal((Verdict.Broken, "router.forwarding-off", Qr, "request"), First(report));
        Assert.Contains(report.Causes[0].Fault.Evidence, line => line.StartsWith("live: 3 sent, 0 answered", StringComparison.Ordinal));
        Assert.NotNull(report.Causes[0].Fault.Fix);
    }

    [Theory]
    [InlineData(Qvo, "bridge.port-missing")]
    [InlineData(Qr, "arp.unanswered")]
    public void A_neighbour_that_is_asked_for_anew_dies_of_what_was_read_where_its_question_came_so_far(string furthest, string code)
    {
        var seen = Healthy.WithLink("", Qvb, link => link with { Master = null, BridgePort = null })
            .With(Router, ns => ns with { Neighbours = [new ObservedNeighbour(Qr, IpAddress.Parse("10.0.0.5"), MacAddress.Parse("fa:16:3e:00:00:05"), "stale", Proxy: false)] });
        var traced = PingIn(seen);
        var asked = new Sighting(Router, Qr, true, Leg.ArpRequest, 0, IpAddress.Parse("10.0.0.1"), IpAddress.Parse("10.0.0.5"), 190_000_000);
        Sighting[] questions = furthest == Qr ? [asked] : [asked, asked with { Namespace = "", Device = Qvo, At = 190_010_000 }];

        var report = Judge(seen, traced, RequestUntil(traced, Qg).Concat(questions));

        Assert.Equal("bridge.port-missing", traced.Causes[0].Fault.Code);
        Assert.Equal(code, report.Causes[0].Fault.Code);
    }

    /// <summary>What a switch floods dies at no station of its way.</summary>
    [Fact]
    public void A_neighbour_that_is_asked_for_anew_dies_of_what_was_read_where_the_switch_floods_to_nobody()
    {
        var local = new ObservedPort { Name = "br-int", Interfaces = [new ObservedInterface { Name = "br-int", Type = "internal", Ofport = 65534 }] };
        var seen = Healthy.WithBridge("br-int", bridge => bridge with { Ports = [.. bridge.Ports.Where(port => port.Name != "int-br-eth1"), local] })
            .With(Router, ns => ns with { Neighbours = [new ObservedNeighbour(Qg, IpAddress.Parse("203.0.113.1"), MacAddress.Parse("52:54:00:00:00:99"), "stale", Proxy: false)] });
        var traced = PingOut(seen);
        var asked = new Sighting(Router, Qg, true, Leg.ArpRequest, 0, IpAddress.Parse("203.0.113.10"), IpAddress.Parse("203.0.113.1"), 190_000_000);

        var report = Judge(seen, traced, RequestUntil(traced, Qr).Append(asked));

        Assert.DoesNotContain(traced.Request, hop => hop.State == HopState.Drop);
        Assert.Equal((Verdict.Broken, "ovs.patch-missing", "int-br-eth1", "request"), First(report));
    }

    [Fact]
    public void A_question_that_a_bridge_drops_is_last_seen_at_the_port_before_it()
    {
        var forgotten = OwnHost.WithRules(_ => false, document => document.Replace("\"fa:16:3e:00:00:05\", \"10.0.0.5\"", "\"fa:16:3e:00:00:05\", \"10.0.0.77\"", StringComparison.Ordinal));
        var asked = new Sighting("", Tap, false, Leg.ArpRequest, 0, IpAddress.Parse("10.0.0.5"), IpAddress.Parse("10.0.0.1"), 1000);

        var report = Judge(forgotten, PingOut(forgotten), [asked]);

        Assert.Equal((Verdict.Broken, "port.spoofed", Qbr, "request"), First(report));
    }

    /// <summary>Captures tell a frame with another tag on some devices, and on others not.</summary>
    [Theory]
    [InlineData("eth1")]
    [InlineData(Qg)]
    public void What_leaves_on_another_vlan_than_it_should_is_seen_to_leave_and_agrees(string last)
    {
        var seen = Healthy.WithBridge("br-eth1", bridge => bridge with { Flows = [.. bridge.Flows.Select(flow => flow.Replace("strip_vlan", "mod_vlan_vid:777", StringComparison.Ordinal))] })
            .With(Router, ns => ns with { Neighbours = [new ObservedNeighbour(Qg, IpAddress.Parse("203.0.113.1"), MacAddress.Parse("52:54:00:00:00:99"), "reachable", Proxy: false)] });

        var report = Judge(seen, PingOut(seen), RequestUntil(PingOut(Healthy), last));

        Assert.Equal((Verdict.Broken, "ovs.wrong-segment"), (report.Verdict, report.Causes[0].Fault.Code));
    }

    [Fact]
    public void What_is_lost_before_the_place_that_was_read_has_another_cause_first()
    {
        var report = Judge(Forwardless, PingOut(Forwardless), RequestUntil(PingOut(Forwardless), Tap));

        Assert.Equal((Verdict.Broken, "live.lost-after", Tap, "request"), First(report));
        Assert.Equal("router.forwarding-off", report.Causes[1].Fault.Code);
    }

    [Fact]
    public void What_should_not_work_and_does_works_and_the_difference_is_told()
    {
        var report = Judge(Forwardless, PingOut(Forwardless), Everything(PingOut(Healthy)), answered: Sent);

        Assert.Equal((Verdict.WorksBut, "router.forwarding-off"), (report.Verdict, report.Causes[0].Fault.Code));
        Assert.StartsWith("live: 3 of 3 were answered all the same", report.Causes[0].Fault.Evidence[0], StringComparison.Ordinal);
        Assert.DoesNotContain(report.Request, hop => hop.State == HopState.Drop);
        Assert.Equal("eth1", report.Request[^1].Device);
    }

    [Fact]
    public void What_leaves_the_host_and_is_not_answered_is_the_outside_s()
    {
        var report = Judge(Healthy, PingOut(Healthy), RequestUntil(PingOut(Healthy), "eth1"));

        Assert.Equal((Verdict.Broken, "outside.no-answer", "eth1", "reply"), First(report));
    }

    [Fact]
    public void What_arrives_and_is_not_answered_agrees_with_a_reply_that_can_not_find_its_way()
    {
        var natless = Healthy.With(Router, ns => ns with { Iptables = [new RuleDump("iptables-nft", "*nat\n:PREROUTING ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\nCOMMIT\n")] });

        var report = Judge(natless, PingOut(natless), RequestUntil(PingOut(natless), "eth1"));

        Assert.Equal((Verdict.Broken, "router.no-source-nat", Qg, "reply"), First(report));
        Assert.Single(report.Causes);
    }

    [Fact]
    public void An_instance_that_gets_it_and_does_not_answer_is_broken_itself()
    {
        var report = Judge(Healthy, PingIn(Healthy), RequestUntil(PingIn(Healthy), Tap));

        Assert.Equal((Verdict.BrokenInGuest, "guest.no-answer", Tap, "reply"), First(report));
    }

    [Fact]
    public void Nobody_who_tells_the_gateway_s_address_is_named()
    {
        var asked = new Sighting("", Tap, false, Leg.ArpRequest, 0, IpAddress.Parse("10.0.0.5"), IpAddress.Parse("10.0.0.1"), 1000);

        var report = Judge(Healthy, PingOut(Healthy), [asked, asked with { Device = Qbr, At = 2000 }, asked with { Device = Qvb, IsOutgoing = true, At = 3000 }]);

        Assert.Equal((Verdict.Broken, "arp.unanswered", Qvb, "request"), First(report));
    }

    [Fact]
    public void A_refusal_by_whom_it_is_for_is_a_way_that_works_and_a_closed_port()
    {
        var asked = TcpIn();
        var report = Judge(Healthy, asked, RequestUntil(asked, null).Concat(Seen(asked.Reply, Leg.Refusal, 500_000, null)), answered: Sent);

        Assert.Equal((Verdict.BrokenInGuest, "guest.port-closed", Tap, "both"), First(report));
    }

    [Fact]
    public void A_refusal_on_the_way_is_none_by_whom_it_is_for()
    {
        var asked = TcpIn();
        var refusals = Seen(asked.Reply, Leg.Refusal, 500_000, null).Where(sighting => sighting.Device is "eth1" or Qg);

        var report = Judge(Healthy, asked, RequestUntil(asked, Qg).Concat(refusals), answered: Sent);

        Assert.Equal((Verdict.Broken, "live.lost-after", Qg, "request"), First(report));
        Assert.Contains(report.Causes[0].Fault.Evidence, line => line.EndsWith("said: refused", StringComparison.Ordinal));
    }

    [Fact]
    public void A_packet_that_was_sent_contradicts_who_says_that_it_can_not_be_sent()
    {
        var traced = PingOut(Forwardless) with { Request = [.. PingOut(Forwardless).Request.Where(hop => hop.Packet.IsArp)] };

        var report = Judge(Forwardless, traced, RequestUntil(PingOut(Healthy), Qg));

        Assert.Equal("live.lost-after", report.Causes[0].Fault.Code);
    }

    [Fact]
    public void Some_that_are_lost_are_no_health()
    {
        var report = Judge(Healthy, PingOut(Healthy), Everything(PingOut(Healthy)), answered: 2);

        Assert.Equal((Verdict.WorksBut, "live.some-lost"), (report.Verdict, report.Causes[0].Fault.Code));
    }

    [Fact]
    public void Notes_of_what_was_not_looked_at_are_in_the_report()
    {
        var report = LiveVerdict.Of(new World(Healthy), PingOut(Healthy), new Recording { Sent = Sent, Answered = Sent, Sightings = [.. Everything(PingOut(Healthy))], Notes = ["not looked at: drops"] });

        Assert.Equal(["not looked at: drops"], report.Notes);
    }

    /// <summary>The way of the ping, for TCP.</summary>
    private static Report TcpIn() => PingIn(Healthy) with { Inquiry = new Inquiry(Outside, FloatingIp, "tcp", 22) };

    private static Report Judge(Observation seen, Report traced, IEnumerable<Sighting> sightings, int answered = 0, IEnumerable<KernelDrop>? drops = null, IEnumerable<RuleDrop>? rules = null) =>
        LiveVerdict.Of(new World(seen), traced, new Recording { Sent = Sent, Answered = answered, Sightings = [.. sightings.OrderBy(sighting => sighting.At)], Drops = [.. drops ?? []], Rules = [.. rules ?? []] });

    private static (Verdict, string, string, string) First(Report report) =>
        (report.Verdict, report.Causes[0].Fault.Code, report.Causes[0].Fault.Device, report.Causes[0].Direction);

    private static IEnumerable<Sighting> Everything(Report way) => RequestUntil(way, null).Concat(Seen(way.Reply, Leg.Reply, 500_000, null));

    private static IEnumerable<Sighting> RequestUntil(Report way, string? last) => Seen(way.Request, Leg.Request, 0, last);

    /// <summary>Three packets, each seen by every kernel device of the way up to that one, ten microseconds apart.</summary>
    private static IEnumerable<Sighting> Seen(IEnumerable<Hop> way, Leg leg, long after, string? last)
    {
        var hops = way.Where(hop => !hop.Packet.IsArp && hop.Kind is not ("ovs-bridge" or "patch")).ToList();
        var end = last is null ? hops.Count : hops.FindLastIndex(hop => hop.Device == last) + 1;
        return from sequence in Enumerable.Range(1, Sent)
               from item in hops.Take(end).Index()
               select new Sighting(item.Item.Namespace, item.Item.Device, false, leg, sequence, item.Item.Packet.Source, item.Item.Packet.Destination, (sequence * 60_000_000L) + after + (item.Index * 10_000));
    }
}

using Tapline.Core.Doctor;
using Tapline.Core.Doctor.Netfilter;
using Tapline.Core.Primitives;

namespace Tapline.Tests.Doctor.Netfilter;

/// <summary>Connections and address translation over several hooks, on the rules of a Neutron router.</summary>
public sealed class TranslationTests
{
    /// <summary>Floating IP 172.24.4.20 for 192.168.1.5; all others leave as 172.24.4.40.</summary>
    private static readonly Ruleset Router = Rules.Iptables("""
        *nat
        :PREROUTING ACCEPT [0:0]
        :POSTROUTING ACCEPT [0:0]
        :neutron-l3-agent-PREROUTING - [0:0]
        :neutron-l3-agent-POSTROUTING - [0:0]
        :neutron-l3-agent-float-snat - [0:0]
        :neutron-l3-agent-snat - [0:0]
        :neutron-postrouting-bottom - [0:0]
        -A PREROUTING -j neutron-l3-agent-PREROUTING
        -A POSTROUTING -j neutron-l3-agent-POSTROUTING
        -A POSTROUTING -j neutron-postrouting-bottom
        -A neutron-l3-agent-POSTROUTING ! -o qg-1 -m conntrack ! --ctstate DNAT -j ACCEPT
        -A neutron-l3-agent-PREROUTING -d 169.254.169.254/32 -i qr-+ -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 9697
        -A neutron-l3-agent-PREROUTING -d 172.24.4.20/32 -j DNAT --to-destination 192.168.1.5
        -A neutron-l3-agent-float-snat -s 192.168.1.5/32 -j SNAT --to-source 172.24.4.20 --random-fully
        -A neutron-l3-agent-snat -j neutron-l3-agent-float-snat
        -A neutron-l3-agent-snat -o qg-1 -j SNAT --to-source 172.24.4.40 --random-fully
        -A neutron-l3-agent-snat -m mark ! --mark 0x2/0xffff -m conntrack --ctstate DNAT -j SNAT --to-source 172.24.4.40 --random-fully
        -A neutron-postrouting-bottom -m comment --comment "Perform source NAT on outgoing traffic." -j neutron-l3-agent-snat
        COMMIT
        """);

    [Theory]
    [InlineData("192.168.1.5", "172.24.4.20", "-A neutron-l3-agent-float-snat -s 192.168.1.5/32 -j SNAT --to-source 172.24.4.20 --random-fully")]
    [InlineData("192.168.1.6", "172.24.4.40", "-A neutron-l3-agent-snat -o qg-1 -j SNAT --to-source 172.24.4.40 --random-fully")]
    public void What_leaves_bears_an_address_of_the_router(string from, string seen, string rule)
    {
        var (request, _) = Outwards(Rules.Ping with { Source = IpAddress.Parse(from) });

        Assert.Equal((FilterFate.Accept, seen), (request.Fate, request.Packet.Source.ToString()));
        Assert.Equal(rule, request.Decision?.Rule?.Text);
    }

    [Theory]
    [InlineData("192.168.1.1", FilterFate.Accept)]
    [InlineData(null, FilterFate.Drop)]
    public void What_is_redirected_at_a_device_without_an_address_is_dropped(string? own, FilterFate fate)
    {
        var rules = Rules.Iptables("*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -j REDIRECT\nCOMMIT\n");

        Assert.Equal(fate, HookRun.Run(rules, Rules.At(HookPoint.Prerouting, Rules.Ping) with { InAddresses = own is null ? [] : [IpAddress.Parse(own)] }).Fate);
    }

    [Theory]
    [InlineData("172.24.4.1", FilterFate.Accept)]
    [InlineData(null, FilterFate.Drop)]
    public void What_no_address_is_there_for_to_leave_with_is_dropped(string? own, FilterFate fate)
    {
        var rules = Rules.Iptables("*nat\n:POSTROUTING ACCEPT [0:0]\n-A POSTROUTING -j MASQUERADE\nCOMMIT\n");

        var before = Rules.At(HookPoint.Prerouting, Rules.Ping);
        var leaving = HookRun.Run(rules, before).Then(before, HookPoint.Postrouting) with { OutAddresses = own is null ? [] : [IpAddress.Parse(own)] };
        Assert.Equal(fate, HookRun.Run(rules, leaving).Fate);
    }

    [Fact]
    public void The_answer_finds_its_way_back_by_the_connection_alone()
    {
        var (request, _) = Outwards(Rules.Ping);
        var answer = Rules.Ping with { Source = Rules.Ping.Destination, Destination = request.Packet.Source, IcmpType = 0 };

        var back = HookRun.Run(Router, Rules.At(HookPoint.Prerouting, answer) with { In = "qg-1", Connections = request.Connections });

        Assert.Equal(("192.168.1.5", "established", true), (back.Packet.Destination.ToString(), back.Tracking?.State, back.Tracking?.IsReply));
        Assert.Empty(back.Passed);
    }

    [Fact]
    public void An_answer_without_a_connection_is_invalid_and_stays_as_it_is()
    {
        var answer = Rules.Ping with { Source = Rules.Ping.Destination, Destination = IpAddress.Parse("172.24.4.40"), IcmpType = 0 };

        var back = HookRun.Run(Router, Rules.At(HookPoint.Prerouting, answer) with { In = "qg-1" });

        Assert.Equal(("172.24.4.40", "invalid"), (back.Packet.Destination.ToString(), back.Tracking?.State));
    }

    [Fact]
    public void A_floating_ip_leads_to_the_instance_and_the_answer_bears_it()
    {
        var inward = Rules.Ping with { Source = IpAddress.Parse("172.24.4.1"), Destination = IpAddress.Parse("172.24.4.20") };
        var before = Rules.At(HookPoint.Prerouting, inward) with { In = "qg-1" };

        var arrived = HookRun.Run(Router, before);
        var sent = HookRun.Run(Router, arrived.Then(before, HookPoint.Postrouting) with { Out = "qr-1" });
        var answer = inward with { Source = sent.Packet.Destination, Destination = sent.Packet.Source, IcmpType = 0 };
        var answered = Rules.At(HookPoint.Prerouting, answer) with { In = "qr-1", Connections = sent.Connections };
        var back = HookRun.Run(Router, answered);
        var left = HookRun.Run(Router, back.Then(answered, HookPoint.Postrouting) with { Out = "qg-1" });

        // Neutron translates the source as well for what came by a floating IP, unless it was marked by the external device.
        Assert.Equal(("192.168.1.5", "172.24.4.40"), (sent.Packet.Destination.ToString(), sent.Packet.Source.ToString()));
        Assert.Equal(("172.24.4.20", "172.24.4.1"), (left.Packet.Source.ToString(), left.Packet.Destination.ToString()));
    }

    [Fact]
    public void An_error_about_a_translated_packet_is_related_and_translated_back_with_what_it_quotes()
    {
        var (request, _) = Outwards(Rules.Ping);
        var error = Rules.Ping with
        {
            Source = IpAddress.Parse("172.24.4.1"),
            Destination = request.Packet.Source,
            IcmpType = 11,
            SourcePort = 0,
            Quoted = request.Packet,
        };

        var back = HookRun.Run(Router, Rules.At(HookPoint.Prerouting, error) with { In = "qg-1", Connections = request.Connections });

        Assert.Equal(("related", "192.168.1.5"), (back.Tracking?.State, back.Packet.Destination.ToString()));
        Assert.Equal("192.168.1.5", back.Packet.Quoted?.Source.ToString());
    }

    [Fact]
    public void An_error_that_quotes_nothing_can_not_be_told()
    {
        var result = HookRun.Run(Router, Rules.At(HookPoint.Prerouting, Rules.Ping with { IcmpType = 3 }));

        Assert.Equal((FilterFate.Unknown, "which packet an ICMP error is about"), (result.Fate, result.Unknown));
    }

    [Fact]
    public void Redirect_takes_the_port_and_the_devices_own_address()
    {
        var metadata = Rules.Tcp(80) with { Destination = IpAddress.Parse("169.254.169.254") };

        var result = HookRun.Run(Router, Rules.At(HookPoint.Prerouting, metadata) with { In = "qr-1", InAddresses = [IpAddress.Parse("192.168.1.1")] });

        Assert.Equal(("192.168.1.1", 9697), (result.Packet.Destination.ToString(), result.Packet.DestinationPort));
    }

    [Fact]
    public void A_connection_of_another_zone_is_another_connection()
    {
        var (request, _) = Outwards(Rules.Ping);
        var answer = Rules.Ping with { Source = Rules.Ping.Destination, Destination = request.Packet.Source, IcmpType = 0 };
        var elsewhere = request.Connections.Items.Select(item => item with { Zone = 7 }).ToValueList();

        var back = HookRun.Run(Router, Rules.At(HookPoint.Prerouting, answer) with { Connections = new ConnectionTable(elsewhere) });

        Assert.Equal("invalid", back.Tracking?.State);
    }

    [Fact]
    public void A_port_in_use_can_not_be_told_in_advance()
    {
        var (request, _) = Outwards(Rules.Ping with { Source = IpAddress.Parse("192.168.1.6") });
        var other = Rules.At(HookPoint.Prerouting, Rules.Ping with { Source = IpAddress.Parse("192.168.1.7") }) with { In = "qr-1", Connections = request.Connections };

        var result = HookRun.Run(Router, HookRun.Run(Router, other).Then(other, HookPoint.Postrouting) with { Out = "qg-1" });

        Assert.Equal(FilterFate.Unknown, result.Fate);
    }

    [Theory]
    [InlineData(2, "new")]
    [InlineData(16, "new")]
    [InlineData(18, "invalid")]
    [InlineData(4, "invalid")]
    [InlineData(1, "invalid")]
    [InlineData(0, "invalid")]
    public void A_connection_begins_with_a_syn_or_is_picked_up_at_an_ack(int flags, string state) =>
        Assert.Equal(state, HookRun.Run(Router, Rules.At(HookPoint.Prerouting, Rules.Tcp(22) with { TcpFlags = flags })).Tracking?.State);

    [Theory]
    [InlineData(2, 16, "invalid")]
    [InlineData(2, 2, "new")]
    [InlineData(16, 16, "new")]
    public void An_ack_before_the_answer_is_out_of_turn_unless_the_connection_was_picked_up_at_one(int first, int second, string state)
    {
        var begun = Rules.At(HookPoint.Prerouting, Rules.Tcp(22) with { TcpFlags = first });
        var confirmed = HookRun.Run(Router, HookRun.Run(Router, begun).Then(begun, HookPoint.Postrouting));

        var after = HookRun.Run(Router, begun with { Packet = begun.Packet with { TcpFlags = second }, Connections = confirmed.Connections });

        Assert.Single(confirmed.Connections.Items);
        Assert.Equal(state, after.Tracking?.State);
    }

    [Theory]
    [InlineData(128, "new")]
    [InlineData(129, "invalid")]
    [InlineData(133, "untracked")]
    [InlineData(135, "untracked")]
    [InlineData(136, "untracked")]
    [InlineData(137, "invalid")]
    [InlineData(143, "untracked")]
    public void Neighbour_discovery_is_untracked(int type, string state)
    {
        var asks = Rules.Iptables("*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -m state --state NEW -j ACCEPT\nCOMMIT\n", program: "ip6tables-legacy");
        var packet = Rules.Ping with
        {
            EtherType = Packet.EtherIpv6,
            Source = IpAddress.Parse("fe80::1"),
            Destination = IpAddress.Parse("ff02::1"),
            Protocol = Packet.Icmpv6,
            IcmpType = type,
        };

        Assert.Equal(state, HookRun.Run(asks, Rules.At(HookPoint.Prerouting, packet, "ip6")).Tracking?.State);
    }

    private static (FilterResult Sent, FilterContext Before) Outwards(Packet packet)
    {
        var before = Rules.At(HookPoint.Prerouting, packet) with { In = "qr-1" };
        return (HookRun.Run(Router, HookRun.Run(Router, before).Then(before, HookPoint.Postrouting) with { Out = "qg-1" }), before);
    }
}

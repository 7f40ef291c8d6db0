using Tapline.Core.Doctor;
using Tapline.Core.Doctor.Netfilter;
using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;

namespace Tapline.Tests.Doctor.Netfilter;

/// <summary>Tapline's own rules (the plan of Golden/demo.txt, as nft lists them once they are loaded).</summary>
public sealed class TaplinePlanRulesTests
{
    private static readonly Ruleset Host = RulesetReader.Read(new ObservedNamespace { Name = "", Nftables = CorpusFile.Read("tapline-host.json") });
    private static readonly Ruleset Router = RulesetReader.Read(new ObservedNamespace { Name = "", Nftables = CorpusFile.Read("tapline-router.json") });

    [Fact]
    public void Everything_in_it_is_understood() => Assert.DoesNotContain(
        Host.Tables.Concat(Router.Tables).SelectMany(table => table.Chains).SelectMany(chain => chain.Rules).SelectMany(rule => rule.Statements),
        statement => statement is Statement.Opaque or Statement.Match { Left: Operand.Unreadable } or Statement.Match { Right: Operand.Unreadable });

    [Fact]
    public void The_instances_frames_pass_the_bridge_with_the_mark_of_what_leaves()
    {
        var result = AtBridge(Rules.Ping);

        Assert.Equal((FilterFate.Accept, 0x4000_0000u), (result.Fate, result.Packet.Mark));
    }

    [Theory]
    [InlineData("fa:16:3e:99:99:99", "192.168.1.5", "iifname . ether saddr != @macs counter drop")]
    [InlineData("fa:16:3e:10:00:00", "192.168.1.6", "counter drop")]
    public void Spoofed_frames_are_dropped(string mac, string address, string rule)
    {
        var result = AtBridge(Rules.Ping with { EtherSource = MacAddress.Parse(mac), Source = IpAddress.Parse(address) });

        Assert.Equal(FilterFate.Drop, result.Fate);
        Assert.StartsWith(rule, result.Decision?.Rule?.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fe80::f816:3eff:fe10:0", FilterFate.Accept)]
    [InlineData("fe80::1", FilterFate.Drop)]
    public void A_neighbour_advertisement_is_for_its_own_address(string target, FilterFate fate)
    {
        var result = AtBridge(Rules.Ping with
        {
            EtherType = Packet.EtherIpv6,
            Source = IpAddress.Parse("fe80::f816:3eff:fe10:0"),
            Destination = IpAddress.Parse("ff02::1"),
            Protocol = Packet.Icmpv6,
            IcmpType = 136,
            NeighbourTarget = IpAddress.Parse(target),
        });

        Assert.Equal(fate, result.Fate);
    }

    [Fact]
    public void A_tagged_frame_is_dropped() => Assert.Equal(FilterFate.Drop, AtBridge(Rules.Ping with { Vlan = 0 }).Fate);

    [Fact]
    public void What_leaves_is_allowed_and_what_comes_in_is_not()
    {
        var (left, _) = AtHost(Rules.Ping with { Mark = 0x4000_0000 }, ConnectionTable.Empty);
        var (came, _) = AtHost(Rules.Ping with { Source = Rules.Ping.Destination, Destination = Rules.Ping.Source }, ConnectionTable.Empty);

        Assert.Equal((FilterFate.Accept, 1), (left.Fate, left.Tracking?.Zone));
        Assert.Equal((FilterFate.Drop, "in-10000000-00"), (came.Fate, came.Decision?.Chain.Name));
    }

    [Fact]
    public void The_answer_of_what_left_comes_in()
    {
        var (left, before) = AtHost(Rules.Ping with { Mark = 0x4000_0000 }, ConnectionTable.Empty);
        var sent = HookRun.Run(Host, left.Then(before, HookPoint.Postrouting) with { Out = "qbr10000000-00", PhysicalOut = "qvb10000000-00" });

        var (back, _) = AtHost(Rules.Ping with { Source = Rules.Ping.Destination, Destination = Rules.Ping.Source, IcmpType = 0 }, sent.Connections);

        Assert.Equal((FilterFate.Accept, "established"), (back.Fate, back.Tracking?.State));
    }

    [Fact]
    public void The_floating_ip_is_the_instances_outside()
    {
        var before = Rules.At(HookPoint.Prerouting, Rules.Ping) with { In = "qr-400000a1-00" };

        var sent = HookRun.Run(Router, HookRun.Run(Router, before).Then(before, HookPoint.Postrouting) with { Out = "qg-400000ee-00" });

        Assert.Equal("172.24.4.20", sent.Packet.Source.ToString());
    }

    private static FilterResult AtBridge(Packet packet) => HookRun.Run(Host, Rules.At(HookPoint.Forward, packet, "bridge") with
    {
        In = "tap10000000-00",
        Out = "qvb10000000-00",
        Bridge = "qbr10000000-00",
        PacketType = "other",
    });

    private static (FilterResult Result, FilterContext Before) AtHost(Packet packet, ConnectionTable connections)
    {
        var before = Rules.At(HookPoint.Prerouting, packet) with { In = "qbr10000000-00", PhysicalIn = "qvb10000000-00", PacketType = "other", Connections = connections };
        return (HookRun.Run(Host, HookRun.Run(Host, before).Then(before, HookPoint.Forward) with { Out = "qbr10000000-00" }), before);
    }
}

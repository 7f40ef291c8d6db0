using Tapline.Core.Doctor;
using Tapline.Core.Doctor.Switching;
using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;
using static Tapline.Tests.Doctor.SwitchText;

namespace Tapline.Tests.Doctor;

/// <summary>NORMAL, port by port; the expectations are ovs-vswitchd 3.1's own answers.</summary>
public sealed class SwitchingNormalTests
{
    /// <summary>From the first port; the bridge's own port is on VLAN 99 and out of the way.</summary>
    private static string Sent(string[] ports, Packet packet, params LearnedMac[] learned) => Run(ports, packet, learned).Ways();

    private static SwitchResult Run(string[] ports, Packet packet, params LearnedMac[] learned)
    {
        var bridge = Bridge("br", ports, "table=0, priority=0 actions=NORMAL") with { Fdb = [.. learned] };
        var away = bridge.Ports[0] with { Tag = 99 };
        return SwitchRun.Forward(Switch(bridge with { Ports = [away, .. bridge.Ports.Skip(1)] }), "br", ports[0].Split(' ')[0], packet);
    }

    [Theory]
    [InlineData("a tag=1", null, "t/1 x")]
    [InlineData("a tag=1", 0, "t/1 x")]
    [InlineData("a tag=1", 1, "")]
    [InlineData("a", 1, "t/1 x")]
    [InlineData("a", null, "t")]
    [InlineData("a trunks=1+2", 1, "t/1 x")]
    [InlineData("a trunks=1+2", 3, "")]
    [InlineData("a trunks=1+2", null, "")]
    [InlineData("a tag=1 mode=native-untagged trunks=2", null, "t/1 x")]
    [InlineData("a tag=1 mode=native-untagged trunks=2", 1, "t/1 x")]
    [InlineData("a tag=1 mode=native-untagged trunks=2", 3, "")]
    public void Frames_come_in_by_the_rules_of_their_port(string port, int? vlan, string ways) =>
        Assert.Equal(ways, Sent([port, "t", "x tag=1"], Arp() with { Vlan = vlan }));

    [Theory]
    [InlineData("x tag=1", "x")]
    [InlineData("x", "x/1")]
    [InlineData("x trunks=2", "")]
    [InlineData("x tag=1 mode=native-untagged", "x")]
    [InlineData("x tag=1 mode=native-tagged", "x/1")]
    [InlineData("x tag=1 mode=native-tagged trunks=2", "x/1")]
    [InlineData("x tag=1 set=NO_FLOOD", "")]
    [InlineData("x tag=1 set=NO_FWD", "")]
    [InlineData("x tag=1 number=-1", "")]
    public void Frames_leave_by_the_rules_of_their_port(string port, string ways) => Assert.Equal(ways, Sent(["a tag=1", port], Arp()));

    [Fact]
    public void A_native_port_does_not_carry_vlan_0_unless_that_is_its_own() =>
        Assert.Equal("own", Sent(["a", "n tag=1 mode=native-tagged", "own mode=native-untagged"], Arp()));

    [Fact]
    public void A_trunk_sends_a_frame_of_priority_0_alone_without_a_tag_unless_it_keeps_them() =>
        Assert.Equal("keeps/0 t", Sent(["a", "t", "keeps other=priority-tags:always"], Arp() with { Vlan = 0 }));

    [Fact]
    public void An_access_port_that_keeps_priority_tags_adds_none_of_its_own() =>
        Assert.Equal("x", Sent(["a tag=1", "x tag=1 other=priority-tags:always"], Arp()));

    [Fact]
    public void A_second_tag_does_not_get_through_an_access_port()
    {
        var host = Switch(Bridge("br", ["a tag=1", "t"], "table=0, priority=0 actions=push_vlan:0x8100,NORMAL"));

        Assert.Equal("br/1 t/1", SwitchRun.Forward(host, "br", "a", Arp() with { Vlan = 5 }).Ways());
    }

    [Fact]
    public void A_second_tag_gets_through_a_native_port()
    {
        var host = Switch(Bridge("br", ["a tag=1 mode=native-tagged", "t", "x tag=1"], "table=0, priority=0 actions=push_vlan:0x8100,NORMAL"));

        Assert.Equal("br/1/5 t/1/5", SwitchRun.Forward(host, "br", "a", Arp() with { Vlan = 5 }).Ways());
    }

    [Fact]
    public void A_second_tag_of_no_vlan_is_left_out()
    {
        var host = Switch(Bridge("br", ["a", "t"], "table=0, priority=0 actions=push_vlan:0x8100,set_field:4098->vlan_vid,NORMAL"));

        Assert.Equal("br/2 t/2", SwitchRun.Forward(host, "br", "a", Arp() with { Vlan = 0 }).Ways());
        Assert.Equal("br/2/5 t/2/5", SwitchRun.Forward(host, "br", "a", Arp() with { Vlan = 5 }).Ways());
    }

    [Fact]
    public void Two_tags_on_the_way_out()
    {
        string[] ports = ["a", "x tag=1", "n mode=native-untagged", "m tag=1 mode=native-untagged"];
        string Pushed(int outer, int inner) => SwitchRun.Forward(
            Switch(Bridge("br", ports, $"table=0, priority=0 actions=push_vlan:0x8100,set_field:{4096 + outer}->vlan_vid,NORMAL")), "br", "a", Arp() with { Vlan = inner }).Ways();

        Assert.Equal("br/1 m n/1 x", Pushed(1, 0));
        Assert.Equal("br/1/5 m/5 n/1/5", Pushed(1, 5));
        Assert.Equal("br n/2", Pushed(0, 2));
    }

    [Fact]
    public void Protected_ports_do_not_reach_each_other_by_flood_either()
    {
        string[] ports = ["a other=protected:true", "b other=protected:true", "c"];
        var host = Switch(Bridge("br", ports, "table=0, priority=0 actions=FLOOD"));

        Assert.Equal("c", Sent(ports, Arp()));
        Assert.Equal("br c", SwitchRun.Forward(host, "br", "a", Arp()).Ways());
    }

    [Fact]
    public void What_was_learned_decides_even_where_the_port_is_of_another_vlan()
    {
        Assert.Equal("x", Sent(["a tag=1", "x tag=2", "y tag=1"], Ping(), new LearnedMac("x", 1, Router, 0)));
        Assert.Equal("y", Sent(["a tag=1", "x tag=2", "y tag=1"], Ping(), new LearnedMac("x", 2, Router, 0)));
        Assert.Equal("", Sent(["a tag=1", "x tag=1"], Ping(), new LearnedMac("a", 1, Router, 0)));
        Assert.Equal("x", Sent(["a tag=1", "x tag=1"], Ping(), new LearnedMac("2", 1, Router, 0)));
    }

    [Theory]
    [InlineData("01:80:c2:00:00:0e", "")]
    [InlineData("01:80:c2:00:00:10", "x")]
    [InlineData("01:00:0c:cc:cc:cd", "")]
    public void Groups_of_bridges_themselves_are_not_forwarded(string mac, string ways) =>
        Assert.Equal(ways, Sent(["a tag=1", "x tag=1"], Arp(MacAddress.Parse(mac))));

    [Fact]
    public void The_reason_is_in_words()
    {
        Assert.Equal("NORMAL: port a is an access port of VLAN 1: a frame tagged 5 is dropped", Run(["a tag=1", "x"], Arp() with { Vlan = 5 }).LastWords());
        Assert.Equal("NORMAL: port a does not carry VLAN 7: dropped", Run(["a trunks=1", "x"], Arp() with { Vlan = 7 }).LastWords());
        Assert.Equal("port x is set to send nothing (NO_FWD): dropped", Run(["a tag=1", "x tag=1 set=NO_FWD"], Arp()).LastWords());
        Assert.Equal("port a is set to receive nothing (NO_RECV): dropped", Run(["a tag=1 set=NO_RECV", "x tag=1"], Arp()).LastWords());
    }
}

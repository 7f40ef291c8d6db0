using Tapline.Core.Doctor;
using Tapline.Core.Doctor.Switching;
using static Tapline.Tests.Doctor.SwitchText;

namespace Tapline.Tests.Doctor;

public sealed class SwitchingPipelineTests
{
    private static SwitchResult Run(Packet packet, params string[] flows) =>
        SwitchRun.Forward(Switch(Bridge("br", ["a", "b", "c"], flows)), "br", "a", packet);

    [Theory]
    [InlineData("output:2,output:3", "b c")]
    [InlineData("b,\"c\"", "b c")]
    [InlineData("output:a,IN_PORT", "a")]
    [InlineData("LOCAL", "br")]
    [InlineData("FLOOD", "b br c")]
    [InlineData("mod_vlan_vid:5,output:b,strip_vlan,output:c", "b/5 c")]
    [InlineData("push_vlan:0x8100,set_field:4098->vlan_vid,output:b", "b/2")]
    [InlineData("mod_vlan_vid:3,push_vlan:0x8100,mod_vlan_vid:4,push_vlan:0x8100,mod_vlan_vid:5,output:b,pop_vlan,output:c,pop_vlan,output:b", "b b/5/4 c/4")]
    [InlineData("set_vlan_vid:5,output:b", "b")]
    [InlineData("load:0x1005->NXM_OF_VLAN_TCI[],output:b,load:0->NXM_OF_VLAN_TCI[],output:c", "b/5 c")]
    [InlineData("load:0x3->NXM_NX_REG0[],output:NXM_NX_REG0[0..15]", "c")]
    [InlineData("clone(mod_vlan_vid:5,output:b),output:c", "b/5 c")]
    [InlineData("write_actions(output:b,push_vlan:0x8100),goto_table:1", "b/0")]
    [InlineData("write_actions(output:b),clear_actions,goto_table:1", "")]
    [InlineData("exit,output:b", "")]
    [InlineData("resubmit(b,2),output:c", "b c")]
    [InlineData("learn(table=9,output:NXM_OF_IN_PORT[]),note:01,set_queue:1,output(port=b,max_len=9)", "b")]
    [InlineData("bundle(eth_src,50,active_backup,ofport,members:b),output:c", "? c")]
    public void Actions_do_what_they_say(string actions, string ways) => Assert.Equal(ways, Run(
        Arp(), $"table=0,priority=1 actions={actions}", "table=1,priority=1 actions=drop", "table=2,priority=1,in_port=b actions=output:b").Ways());

    [Fact]
    public void A_third_tag_is_unknown_where_the_inner_one_came_with_the_frame() =>
        Assert.StartsWith("?", Run(Arp() with { Vlan = 4, InnerVlan = 5 }, "table=0,priority=1 actions=push_vlan:0x8100,output:b").Ways(), StringComparison.Ordinal);

    [Theory]
    [InlineData("arp,arp_spa=10.0.0.0/24,arp_tpa=10.0.0.1,arp_op=1", true)]
    [InlineData("arp,arp_op=2", false)]
    [InlineData("ip", false)]
    [InlineData("dl_src=fa:16:3e:00:00:00/ff:ff:ff:00:00:00,dl_dst=01:00:00:00:00:00/01:00:00:00:00:00", true)]
    [InlineData("vlan_tci=0x0000/0x1fff,reg0=0,metadata=0,tun_id=0,ct_state=-trk,pkt_mark=0", true)]
    [InlineData("dl_vlan=1", false)]
    [InlineData("in_port=1", true)]
    [InlineData("in_port=LOCAL", false)]
    public void Matches_mean_what_they_say(string match, bool matches) =>
        Assert.Equal(matches ? "b" : "c", Run(Arp(), $"table=0,priority=9,{match} actions=output:b", "table=0,priority=1 actions=output:c").Ways());

    [Fact]
    public void A_match_that_is_not_understood_is_unknown_where_it_matters()
    {
        Assert.Equal("? c", Run(Arp(), "table=0,priority=9,conj_id=4 actions=output:b", "table=0,priority=1 actions=output:c").Ways());
        Assert.Equal("c", Run(Arp(), "table=0,priority=9,conj_id=4,ip actions=output:b", "table=0,priority=1 actions=output:c").Ways());
        Assert.Equal("c", Run(Arp(), "table=0,priority=9,conj_id=4 actions=output:c", "table=0,priority=1 actions=output:c").Ways());
    }

    [Fact]
    public void A_tie_is_unknown_where_its_flows_act_differently()
    {
        Assert.StartsWith("?", Run(Arp(), "table=0,priority=1,arp actions=output:b", "table=0,priority=1,in_port=a actions=output:c").Ways(), StringComparison.Ordinal);
        Assert.Equal("b", Run(Arp(), "table=0,priority=1,arp actions=output:b", "table=0,priority=1,in_port=a actions=output:b").Ways());
    }

    [Fact]
    public void A_clone_ends_with_the_actions_written_so_far() =>
        Assert.Equal("b c c", Run(Arp(), "table=0,priority=1 actions=write_actions(output:c),goto_table:1", "table=1,priority=1 actions=clone(output:b)").Ways());

    [Fact]
    public void A_port_that_does_not_exist_is_told()
    {
        var result = Run(Arp(), "table=0,priority=1 actions=output:775");

        Assert.Equal(("", "port 775 does not exist: dropped"), (result.Ways(), result.LastWords()));
    }

    [Fact]
    public void What_is_cut_short_does_not_go_through_a_patch_port()
    {
        var host = Switch(
            Bridge("br", ["a", "p peer=q"], "table=0,priority=1 actions=output(port=p,max_len=100),output(port=LOCAL,max_len=100)"),
            Bridge("other", ["q peer=p", "x"], "table=0,priority=1 actions=NORMAL"));

        Assert.Equal("br", SwitchRun.Forward(host, "br", "a", Arp()).Ways());
    }

    [Fact]
    public void Flows_that_lead_to_themselves_lose_the_whole_frame()
    {
        var result = Run(Arp(), "table=0,priority=1 actions=output:b,resubmit(,0)");

        Assert.Equal("", result.Ways());
        Assert.EndsWith("gives up", result.LastWords(), StringComparison.Ordinal);
    }

    [Fact]
    public void Behind_a_patch_port_only_what_follows_is_lost()
    {
        var host = Switch(
            Bridge("br", ["a", "b", "p peer=q"], "table=0,priority=1 actions=output:b,output:p,LOCAL"),
            Bridge("other", ["q peer=p", "x", "y"], "table=0,priority=1 actions=output:x,resubmit(,1),output:y", "table=1,priority=1 actions=resubmit(,1)"));

        Assert.Equal("b br x", SwitchRun.Forward(host, "br", "a", Arp()).Ways());
    }

    [Fact]
    public void Conntrack_is_unknown_only_where_its_state_is_asked_for()
    {
        Assert.Equal("b", Run(Ping(), "table=0,priority=1,ip actions=ct(table=1,zone=5)", "table=1,priority=1,ct_state=+trk actions=output:b").Ways());
        Assert.StartsWith("?", Run(Ping(), "table=0,priority=1,ip actions=ct(table=1)", "table=1,priority=1,ct_state=+new+trk actions=output:b").Ways(), StringComparison.Ordinal);
        Assert.Equal("b", Run(Ping(), "table=0,priority=1,ip actions=ct(commit,zone=5),output:b").Ways());
    }

    [Fact]
    public void Groups_are_followed_and_a_choice_is_unknown()
    {
        var bridge = Bridge("br", ["a", "b down", "c"], "table=0,priority=1,arp actions=group:1", "table=0,priority=1,icmp actions=group:2",
            "table=0,priority=1,tcp actions=group:3") with
        {
            Groups =
            [
                " group_id=1,type=all,bucket=bucket_id:0,actions=output:b,bucket=bucket_id:1,actions=mod_vlan_vid:4,output:c",
                " group_id=2,type=ff,bucket=watch_port:b,actions=output:b,bucket=watch_port:c,actions=output:c",
                " group_id=3,type=select,bucket=weight:50,actions=output:b,bucket=weight:50,actions=output:c",
            ],
        };
        var host = Switch(bridge);

        Assert.Equal("b c/4", SwitchRun.Forward(host, "br", "a", Arp()).Ways());
        Assert.Equal("c", SwitchRun.Forward(host, "br", "a", Ping()).Ways());
        Assert.Equal("? ", SwitchRun.Forward(host, "br", "a", Ping() with { Protocol = Packet.Tcp }).Ways());
    }
}

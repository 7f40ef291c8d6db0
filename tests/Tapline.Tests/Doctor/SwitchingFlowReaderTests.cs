using Tapline.Core.Doctor.Switching;

namespace Tapline.Tests.Doctor;

public sealed class SwitchingFlowReaderTests
{
    [Fact]
    public void A_flow_is_read_with_its_counters_and_shown_without()
    {
        var rule = FlowReader.Read(
            """ cookie=0x7a91000000000001, duration=3.463s, table=24, n_packets=17, n_bytes=1020, idle_timeout=60, hard_timeout=300, idle_age=4, send_flow_rem priority=2,arp,in_port="int-br-eth1",arp_spa=10.0.0.5 actions=resubmit(,25)""");

        Assert.Equal((24, 2, 0x7a91000000000001UL, 17L, 60, 300), (rule.Table, rule.Priority, rule.Cookie, rule.Packets, rule.IdleTimeout, rule.HardTimeout));
        Assert.Equal([new("arp", ""), new("in_port", "int-br-eth1"), new("arp_spa", "10.0.0.5")], rule.Matches);
        Assert.Equal("""table=24,priority=2,arp,in_port="int-br-eth1",arp_spa=10.0.0.5 actions=resubmit(,25)""", rule.Text);
        Assert.Equal(new FlowAction.Resubmit(null, 25) { Text = "resubmit(,25)" }, Assert.Single(rule.Actions));
    }

    [Theory]
    [InlineData(" cookie=0x0, duration=1s, table=0, n_packets=0, n_bytes=0, actions=NORMAL", 0, 32768, "table=0,priority=32768 actions=NORMAL")]
    [InlineData("duration=9s, n_packets=4, n_bytes=5, priority=3,ip,actions=NORMAL", 0, 3, "table=0,priority=3,ip actions=NORMAL")]
    [InlineData("table_id=60, duration=9s, n_packets=4, n_bytes=5, priority=3,actions=drop", 60, 3, "table=60,priority=3 actions=drop")]
    [InlineData("    table=60,priority=3, actions=NORMAL", 60, 3, "table=60,priority=3 actions=NORMAL")]
    public void All_programs_lines_are_read(string line, int table, int priority, string text)
    {
        var rule = FlowReader.Read(line);

        Assert.Equal((table, priority, text), (rule.Table, rule.Priority, rule.Text));
    }

    [Fact]
    public void Actions_are_taken_apart_and_what_is_not_understood_is_kept()
    {
        var rule = FlowReader.Read("table=2,priority=1 actions=push_vlan:0x8100,set_field:4098->vlan_vid,mod_vlan_vid:7,load:0x5->NXM_NX_REG0[4..7],"
            + "move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[],learn(table=20,priority=1,NXM_OF_VLAN_TCI[0..11],output:NXM_OF_IN_PORT[]),clone(output:2,drop),"
            + "output:NXM_NX_REG0[0..15],\"int-br-eth1\",ct(commit,table=3,zone=5,nat(src=1.2.3.4)),multipath(eth_src,50,modulo_n,1,0,NXM_NX_REG0[]),goto_table:9");

        Assert.Collection(
            rule.Actions,
            action => Assert.IsType<FlowAction.PushVlan>(action),
            action => Assert.Equal((Num(4098), UInt128.MaxValue), Assert.IsType<FlowAction.Assign>(action) is var set ? (set.Value, set.Mask) : default),
            action => Assert.Equal((7, true), Assert.IsType<FlowAction.SetVlan>(action) is var set ? (set.Vid, set.Pushes) : default),
            action => Assert.Equal((Num(0x50), Num(0xf0)), Assert.IsType<FlowAction.Assign>(action) is var set ? (set.Value, set.Mask) : default),
            action => Assert.IsType<FlowAction.Move>(action),
            action => Assert.IsType<FlowAction.Passive>(action),
            action => Assert.Equal(2, Assert.IsType<FlowAction.Copy>(action).Actions.Count),
            action => Assert.Equal(new FieldRange("NXM_NX_REG0", 0, 16), Assert.IsType<FlowAction.OutputField>(action).From),
            action => Assert.Equal("int-br-eth1", Assert.IsType<FlowAction.Output>(action).Port),
            action => Assert.Equal((3, 5, true), Assert.IsType<FlowAction.Track>(action) is var track ? (track.Table, track.Zone, track.Translates) : default),
            action => Assert.Equal("multipath(eth_src,50,modulo_n,1,0,NXM_NX_REG0[])", Assert.IsType<FlowAction.Opaque>(action).Text),
            action => Assert.Equal(9, Assert.IsType<FlowAction.Goto>(action).Table));
    }

    [Fact]
    public void A_line_that_is_no_flow_is_refused() =>
        Assert.Throws<FormatException>(() => FlowReader.Read("NXST_FLOW reply (xid=0x4):"));

    private static UInt128 Num(int value) => (UInt128)value;
}

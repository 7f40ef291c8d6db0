using Tapline.Core.Doctor.Switching;
using static Tapline.Tests.Doctor.SwitchText;

namespace Tapline.Tests.Doctor;

public sealed class SwitchingTraceTests
{
    private const string Trace = """
        Flow: arp,in_port="int-br-eth1",vlan_tci=0x0000

        bridge("br-int")
        ----------------
         0. in_port=oqg,vlan_tci=0x0000, priority 4, cookie 0x5
            output:"int-br-eth1"

            bridge("br-eth1")
            -----------------
                 0. in_port="phy-br-eth1", priority 2
                    drop
            resubmit(,3)
         3. reg0=0x2, priority 0
            drop
            resubmit(,60)
        60. priority 3
            NORMAL
             -> no learned MAC for destination, flooding

        Final flow: unchanged
        Megaflow: recirc_id=0,eth,arp
        Datapath actions: push_vlan(vid=2,pcp=0),br-int,pop_vlan,set(eth(dst=fa:16:3e:00:00:09)),oqr
        """;

    private static readonly Core.Host.Observed.ObservedSwitch Host = Switch(
        Bridge("br-int", ["oqg tag=2", "oqr tag=2", "int-br-eth1 peer=phy-br-eth1"], "table=0,priority=4,in_port=1,vlan_tci=0x0000/0x1fff actions=output:3,resubmit(,3),resubmit(,60)"),
        Bridge("br-eth1", ["phy-br-eth1 peer=int-br-eth1", "eth1"]));

    [Fact]
    public void A_trace_gives_bridges_flows_and_outputs()
    {
        var result = SwitchTraceReader.Read(Trace, Host, "br-int", "oqg", Arp());

        Assert.Equal(
            [
                ("br-int", "oqg", 0, """table=0,priority=4,in_port=oqg,vlan_tci=0x0000/0x1fff actions=output:"int-br-eth1",resubmit(,3),resubmit(,60)"""),
                ("br-eth1", "phy-br-eth1", 0, "table=0,priority=2,in_port=\"phy-br-eth1\""),
                ("br-int", "oqg", 3, ""),
                ("br-int", "oqg", 60, "table=60,priority=3"),
            ],
            result.Steps.Where(step => step.Table is not null).Select(step => (step.Bridge, step.Port, step.Table ?? -1, step.Flow)));
        Assert.Equal("drop", result.Steps[1].Does);
        Assert.Equal("br-int/2 oqr", result.Ways());
        Assert.Equal("fa:16:3e:00:00:09", result.Outputs[1].Packet.EtherDestination.ToString());
        Assert.Equal("no learned MAC for destination, flooding", result.LastWords());
    }

    [Fact]
    public void Numbers_of_the_datapath_are_read_by_its_own_list()
    {
        var result = SwitchTraceReader.Read("Datapath actions: 4", Host, "br-int", "oqg", Arp(), "dummy@ovs-dummy: hit:0 missed:0\n  br-eth1:\n    eth1 2/4: (dummy)\n");

        Assert.Equal("eth1", result.Ways());
    }

    [Fact]
    public void A_failed_translation_sends_nothing()
    {
        var result = SwitchTraceReader.Read("Datapath actions: oqr\nTranslation failed (Recursion too deep), packet is dropped.", Host, "br-int", "oqg", Arp());

        Assert.Equal(("", "Translation failed (Recursion too deep), packet is dropped."), (result.Ways(), result.LastWords()));
    }

    [Fact]
    public void Conntracks_answer_is_a_guess_and_so_unknown() =>
        Assert.StartsWith("?", SwitchTraceReader.Read("Datapath actions: ct,recirc(0x3)\nDatapath actions: oqr", Host, "br-int", "oqg", Ping()).Ways(), StringComparison.Ordinal);

    [Fact]
    public void A_frame_is_asked_for_in_the_traces_own_words()
    {
        Assert.Equal(
            """in_port="int-br-eth1",dl_src=fa:16:3e:00:00:05,dl_dst=fa:16:3e:00:00:01,dl_vlan=2,icmp,nw_src=10.0.0.5,nw_dst=8.8.8.8,nw_ttl=64,nw_tos=0,icmp_type=8,icmp_code=0""",
            SwitchTraceReader.Question(Ping() with { Vlan = 2 }, "int-br-eth1"));
        Assert.EndsWith(",arp,arp_op=1,arp_spa=10.0.0.5,arp_tpa=10.0.0.1,arp_sha=fa:16:3e:00:00:05,arp_tha=00:00:00:00:00:00", SwitchTraceReader.Question(Arp(), "qvo1"), StringComparison.Ordinal);
    }
}

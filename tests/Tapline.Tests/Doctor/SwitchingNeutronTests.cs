using Tapline.Core.Doctor.Switching;
using Tapline.Core.Host.Observed;
using static Tapline.Tests.Doctor.SwitchText;

namespace Tapline.Tests.Doctor;

/// <summary>Hosts as Neutron's OVS agent lays them out, and as Tapline does.</summary>
public sealed class SwitchingNeutronTests
{
    private static readonly string[] Neutron =
    [
        "table=0, n_packets=0, priority=65535,dl_vlan=4095 actions=drop",
        "table=0, priority=10,arp,in_port=qvo1 actions=resubmit(,24)",
        "table=0, priority=10,icmp6,in_port=qvo1,icmp_type=136 actions=resubmit(,24)",
        "table=0, priority=9,in_port=qvo1 actions=resubmit(,25)",
        """table=0, priority=3,in_port="int-br-eth1",vlan_tci=0x0000/0x1fff actions=mod_vlan_vid:2,resubmit(,60)""",
        """table=0, priority=2,in_port="int-br-eth1" actions=drop""",
        "table=0, priority=0 actions=resubmit(,60)",
        "table=23, priority=0 actions=drop",
        "table=24, priority=2,arp,in_port=qvo1,arp_spa=10.0.0.5 actions=resubmit(,25)",
        "table=24, priority=0 actions=drop",
        "table=25, priority=2,in_port=qvo1,dl_src=fa:16:3e:00:00:05 actions=resubmit(,60)",
        "table=60, priority=3 actions=NORMAL",
    ];

    private static readonly string[] Tapline =
    [
        "table=0,priority=65535,vlan_tci=0x1fff/0x1fff actions=drop",
        "table=0,priority=3,in_port=int-br-eth1,vlan_tci=0x0000/0x1fff actions=push_vlan:0x8100,set_field:4098->vlan_vid,goto_table:60",
        "table=0,priority=2,in_port=int-br-eth1 actions=drop",
        "table=0,priority=0, actions=goto_table:60",
        "table=23,priority=0, actions=drop",
        "table=60,priority=3, actions=NORMAL",
    ];

    private static readonly string[] Provider =
    [
        """table=0, priority=4,in_port="phy-br-eth1",dl_vlan=2 actions=strip_vlan,NORMAL""",
        """table=0, priority=2,in_port="phy-br-eth1" actions=drop""",
        "table=0, priority=0 actions=NORMAL",
    ];

    private static ObservedSwitch Host(string[] integration, string qvo = "qvo1 tag=1", string provider = "phy-br-eth1 peer=int-br-eth1", string[]? flows = null) => Switch(
        Bridge("br-int", [qvo, "oqr tag=1", "oqg tag=2", "int-br-eth1 peer=phy-br-eth1"], integration),
        Bridge("br-eth1", [provider, "eth1"], flows ?? Provider));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_guests_request_for_its_gateway_stays_in_its_network(bool neutrons)
    {
        var result = SwitchRun.Forward(Host(neutrons ? Neutron : Tapline), "br-int", "qvo1", Arp());

        Assert.Equal("br-int/1 oqr", result.Ways());
        Assert.Equal(("br-eth1", "phy-br-eth1", 0, "drop"), (result.Steps[^1].Bridge, result.Steps[^1].Port, result.Steps[^1].Table, result.Steps[^1].Does));
        Assert.Contains(result.Steps, step => step is { Bridge: "br-int", Table: 60 } && step.Flow.EndsWith("actions=NORMAL", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_router_reaches_the_wire_untagged_and_the_wire_the_router(bool neutrons)
    {
        var host = Host(neutrons ? Neutron : Tapline);

        Assert.Equal("br-eth1 br-int/2 eth1", SwitchRun.Forward(host, "br-int", "oqg", Arp()).Ways());
        Assert.Equal("br-eth1 br-int/2 oqg", SwitchRun.Forward(host, "br-eth1", "eth1", Arp()).Ways());
        Assert.Equal("br-eth1/7", SwitchRun.Forward(host, "br-eth1", "eth1", Arp() with { Vlan = 7 }).Ways());
    }

    [Fact]
    public void Another_address_in_arp_dies_in_table_24()
    {
        var spoofed = Arp() with { Source = Core.Primitives.IpAddress.Parse("10.0.0.6") };

        var result = SwitchRun.Forward(Host(Neutron), "br-int", "qvo1", spoofed);

        Assert.Equal("", result.Ways());
        Assert.Equal((24, "table=24,priority=0 actions=drop", "drop"), (result.Steps[^1].Table, result.Steps[^1].Flow, result.Steps[^1].Does));
    }

    [Fact]
    public void Another_hardware_address_finds_no_flow_in_table_25()
    {
        var result = SwitchRun.Forward(Host(Neutron), "br-int", "qvo1", Ping() with { EtherSource = Router });

        Assert.Equal(new SwitchStep("br-int", "qvo1", 25, "", "no flow matches: dropped"), result.Steps[^1]);
    }

    [Fact]
    public void A_port_of_the_dead_vlan_reaches_nobody()
    {
        var result = SwitchRun.Forward(Host(Neutron, "qvo1 tag=4095"), "br-int", "qvo1", Arp());

        Assert.Equal("br-int/4095", result.Ways());
        Assert.Equal("drop", result.LastWords());
    }

    [Fact]
    public void Without_flows_a_secure_bridge_drops()
    {
        var result = SwitchRun.Forward(Host([]), "br-int", "qvo1", Arp());

        Assert.Equal(new SwitchStep("br-int", "qvo1", 0, "", "no flow matches: dropped"), Assert.Single(result.Steps));
    }

    [Fact]
    public void A_missing_translation_drops_at_the_provider_bridge()
    {
        var result = SwitchRun.Forward(Host(Neutron, flows: Provider[1..]), "br-int", "oqg", Arp());

        Assert.Equal("br-int/2", result.Ways());
        Assert.Equal("""table=0,priority=2,in_port="phy-br-eth1" actions=drop""", result.Steps[^1].Flow);
    }

    [Fact]
    public void A_patch_port_without_a_peer_leads_nowhere()
    {
        var gone = SwitchRun.Forward(Host(Neutron, provider: "other"), "br-int", "oqg", Arp());
        var astray = SwitchRun.Forward(Host(Neutron, provider: "phy-br-eth1 peer=elsewhere"), "br-int", "oqg", Arp());

        Assert.Equal("br-int/2", gone.Ways());
        Assert.Equal("patch port int-br-eth1 leads nowhere: there is no patch port phy-br-eth1", gone.LastWords());
        Assert.Equal("patch port int-br-eth1 leads nowhere: its peer phy-br-eth1 has elsewhere as its own peer", astray.LastWords());
    }

    [Fact]
    public void What_is_learned_is_sent_there_alone()
    {
        var host = Host(Neutron);
        var learned = host with { Bridges = [host.Bridges[0] with { Fdb = [new LearnedMac("oqr", 1, Router, 3), new LearnedMac("oqg", 2, Router, 3)] }, host.Bridges[1]] };

        var result = SwitchRun.Forward(learned, "br-int", "qvo1", Ping());

        Assert.Equal("oqr", result.Ways());
        Assert.False(result.Outputs[0].Flooded);
        Assert.Equal("NORMAL: VLAN 1: to port oqr, where fa:16:3e:00:00:01 was learned", result.LastWords());
    }

    [Fact]
    public void A_silent_daemon_is_unknown() =>
        Assert.StartsWith("ovs-vswitchd does not answer", SwitchRun.Forward(Host(Neutron) with { DaemonAnswers = false }, "br-int", "qvo1", Arp()).Unknown, StringComparison.Ordinal);
}

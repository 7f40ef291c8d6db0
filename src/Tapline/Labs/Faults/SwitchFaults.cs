namespace Tapline.Labs.Faults;

/// <summary>What goes wrong in Open vSwitch.</summary>
internal static class SwitchFaults
{
    private const string Vsctl = "ovs-vsctl --timeout=5";
    private const string Ofctl = "ovs-ofctl -O OpenFlow13 --strict";
    private const string ToWire = $"priority=4,in_port=phy-br-eth1,dl_vlan=$({Vsctl} get Port {{oqg}} tag)";

    public static IReadOnlyList<Fault> All { get; } =
    [
        new() { Id = "o1-dead-vlan", Title = "the port is on the dead VLAN", Needs = Fault.Instance, Codes = "ovs.dead-vlan",
            Inject = $"{Vsctl} set Port {{qvo}} tag=4095" },
        new() { Id = "o1-other-vlan", Title = "the port is on another network's local VLAN", Needs = Fault.Router, Codes = "ovs.vlan-mismatch",
            Inject = $"{Vsctl} set Port {{qvo}} tag=777" },
        new() { Id = "o3-port-gone", Title = "the port is not on br-int", Needs = Fault.Instance, Codes = "ovs.port-missing",
            Inject = $"{Vsctl} del-port br-int {{qvo}}" },
        new() { Id = "o5-patch-gone", Title = "the patch to the provider bridge is gone", Needs = "", Codes = "ovs.port-missing ovs.patch-missing",
            Inject = $"{Vsctl} del-port br-int int-br-eth1" },
        new() { Id = "o7-flows-gone", Title = "br-int has lost its flows", Needs = "", Codes = "ovs.flows-missing",
            Inject = "ovs-ofctl -O OpenFlow13 del-flows br-int" },
        new() { Id = "o7-foreign-flow", Title = "a foreign flow of br-int drops what the instance sends", Needs = Fault.Instance, Codes = "ovs.flow-drop",
            Inject = $"{Ofctl} add-flow br-int priority=200,in_port={{qvo}},actions=drop", Undo = $"{Ofctl} del-flows br-int priority=200,in_port={{qvo}}" },
        new() { Id = "o9-translation-gone", Title = "the provider bridge does not translate the local VLAN", Needs = Fault.Router, Codes = "ovs.translation-missing",
            Inject = $"{Ofctl} del-flows br-eth1 \"{ToWire}\"" },
        new() { Id = "o9-foreign-flow", Title = "a foreign flow drops what goes to the wire", Needs = "", Codes = "ovs.flow-drop ovs.translation-missing",
            Inject = $"{Ofctl} add-flow br-eth1 priority=100,in_port=phy-br-eth1,actions=drop",
            Undo = $"{Ofctl} del-flows br-eth1 priority=100,in_port=phy-br-eth1" },
        new() { Id = "o11-other-segment", Title = "the provider bridge sends with another VLAN", Needs = Fault.Router, Codes = "ovs.wrong-segment",
            Inject = $"{Ofctl} mod-flows br-eth1 \"{ToWire},actions=mod_vlan_vid:777,NORMAL\"" },
        new() { Id = "o12-nic-without-bridge", Title = "the NIC is not in the provider bridge", Needs = "", Codes = "ovs.port-missing",
            Inject = $"{Vsctl} del-port br-eth1 eth1" },
        new() { Id = "o14-nic-down", Title = "the NIC is down", Needs = "", Codes = "link.down",
            Inject = "ip link set eth1 down", Undo = "ip link set eth1 up" },
        new() { Id = "o18-switch-hangs", Title = "ovs-vswitchd hangs", Needs = "", Codes = "ovs.daemon-dead",
            Inject = "kill -STOP $(cat /run/openvswitch/ovs-vswitchd.pid)", Undo = "kill -CONT $(cat /run/openvswitch/ovs-vswitchd.pid)" },
        new() { Id = "o20-no-such-port", Title = "a flow sends to a port that does not exist", Needs = Fault.Instance, Codes = "ovs.no-such-port",
            Inject = $"{Ofctl} add-flow br-int priority=20,in_port={{qvo}},actions=output:775",
            Undo = $"{Ofctl} del-flows br-int priority=20,in_port={{qvo}}" },
    ];
}

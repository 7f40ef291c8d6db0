using System.Text.RegularExpressions;

namespace Tapline.HostTests.Doctor.Oracle;

/// <summary>Open vSwitch: its database and its flows.</summary>
internal static partial class SwitchMutations
{
    private static readonly string[] Ports = ["$QVO", "$OQR", "$OQG", "int-$PROVIDER"];
    private const string Vsctl = "ovs-vsctl --timeout=5";
    private const string Ofctl = "ovs-ofctl -O OpenFlow13";
    private const string RestoreFlows = $"for b in br-int $PROVIDER; do {Ofctl} replace-flows $b /run/oracle-flows.$b; done";
    private const string SaveFlows = $"for b in br-int $PROVIDER; do {Ofctl} --no-stats dump-flows $b > /run/oracle-flows.$b; done; ";

    public static Mutation Column(Chance chance)
    {
        var port = chance.Of(Ports);
        var (set, undo) = chance.Any<(string, string)>(
        [
            ($"set Port {port} tag=4095", ""), ($"set Port {port} tag=77", ""), ($"clear Port {port} tag", ""), ($"set Port {port} vlan_mode=native-tagged", ""), ($"set Port {port} vlan_mode=native-untagged", ""),
            ($"set Port {port} trunks=1,2,3", ""), ($"set Port {port} vlan_mode=trunk", ""), ($"set Port {port} vlan_mode=access", ""), ($"set Port {port} protected=true", ""),
            ($"set Port {port} other_config:priority-tags=always", ""), ($"set Port {port} trunks=999", ""),
            ("del-port br-int $QVO", ""), ("del-port br-int $OQR", ""), ("del-port br-int $OQG", ""), ("del-port $PROVIDER $NIC", ""), ("del-port br-int int-$PROVIDER", ""), ("del-port $PROVIDER phy-$PROVIDER", ""),
            ("set Interface int-$PROVIDER options:peer=nowhere", "set Interface int-$PROVIDER options:peer=phy-$PROVIDER"), ("set Bridge br-int fail_mode=standalone", "set Bridge br-int fail_mode=secure"),
            ("set Bridge br-int mcast_snooping_enable=true", "set Bridge br-int mcast_snooping_enable=false"), ("set Bridge br-int other_config:mac-aging-time=15", "remove Bridge br-int other_config mac-aging-time"),
            ("set Bridge br-int flood_vlans=1", "clear Bridge br-int flood_vlans"), ("set Port $NIC tag=5", "clear Port $NIC tag"), ("set Port $NIC trunks=7", "clear Port $NIC trunks"),
            ("set Port int-$PROVIDER tag=3", "clear Port int-$PROVIDER tag"), ("set Port phy-$PROVIDER tag=3", "clear Port phy-$PROVIDER tag"),
            ("set Interface $QVO external_ids:iface-id=other", ""), ("set Interface $NIC ingress_policing_rate=10", "set Interface $NIC ingress_policing_rate=0"),
            ("-- --id=@m create Mirror name=other select_all=true -- set Bridge br-int mirrors=@m", "clear Bridge br-int mirrors"),
        ]);
        var restore = undo.Length > 0 ? $"{Vsctl} {undo}"
            : set.Contains(" Port ", StringComparison.Ordinal) ? $"{Vsctl} clear Port {port} vlan_mode trunks protected; {Vsctl} remove Port {port} other_config priority-tags; "
                + $"t=$(cat /run/oracle-tag); if [ \"$t\" = '[]' ]; then {Vsctl} clear Port {port} tag; else {Vsctl} set Port {port} tag=$t; fi"
            : "true";
        return new("ovs column", $"{Vsctl} get Port {port} tag > /run/oracle-tag; {Vsctl} {set}", restore);
    }

    public static Mutation PortState(Chance chance)
    {
        var (bridge, port) = chance.Any<(string, string)>([("br-int", "$QVO"), ("br-int", "$OQR"), ("br-int", "$OQG"), ("br-int", "int-$PROVIDER"), ("$PROVIDER", "phy-$PROVIDER"), ("$PROVIDER", "$NIC")]);
        var (set, undo) = chance.Any<(string, string)>([("down", "up"), ("no-flood", "flood"), ("no-receive", "receive"), ("no-forward", "forward"), ("no-packet-in", "packet-in"), ("no-stp", "stp")]);
        return new("ovs port", $"{Ofctl} mod-port {bridge} {port} {set}", $"{Ofctl} mod-port {bridge} {port} {undo}");
    }

    public static Task<Mutation?> NewFlowAsync(Chance chance, OracleHost host)
    {
        var provider = chance.OneIn(4);
        var ports = provider ? (string[])["phy-$PROVIDER", "$NIC"] : Ports;
        var match = string.Join(',', Enumerable.Range(0, 1 + chance.Below(2)).Select(_ => chance.Of(
            $"in_port={chance.Of(ports)}", $"in_port={chance.Of(ports)}", "ip", "arp", "icmp", "ip,nw_src=$FIXED", "ip,nw_dst=$FIXED", "ip,nw_dst=$FAR", "arp,arp_op=1", "arp,arp_op=2", "dl_src=$MAC", "dl_dst=$MAC",
            "icmp,icmp_type=8", "icmp,icmp_type=0", "dl_vlan=1", "dl_vlan=2", "vlan_tci=0/0x1fff", "ip,nw_ttl=64", "tcp", "dl_dst=01:00:00:00:00:00/01:00:00:00:00:00", "ip,nw_tos=0", "arp,arp_tpa=$GATEWAY",
            "arp,arp_spa=$FIXED")).Distinct());
        var action = chance.Of(
            "drop", "drop", "NORMAL", "NORMAL", $"output:{chance.Of(ports)}", $"output:{chance.Of(ports)}", "FLOOD", "ALL", "LOCAL", "IN_PORT", "mod_vlan_vid:9,NORMAL", "strip_vlan,NORMAL", "dec_ttl,NORMAL",
            "mod_dl_dst:fa:16:3e:00:00:96,NORMAL", "mod_dl_src:fa:16:3e:00:00:96,NORMAL", "mod_nw_dst:192.0.2.7,NORMAL", "mod_nw_src:192.0.2.7,NORMAL", "output:999", "NORMAL,NORMAL", "controller", "mod_nw_ttl:2,NORMAL",
            "load:0x5->NXM_NX_REG3[],NORMAL", "set_queue:1,NORMAL", "mod_nw_tos:16,NORMAL", "resubmit(,60)", "resubmit(,77)", "goto_table:60", "learn(table=70,NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[]),NORMAL",
            "ct(commit),NORMAL", "ct(table=60)", "mod_tp_dst:5,NORMAL", "push_vlan:0x8100,mod_vlan_vid:9,NORMAL", "write_actions(drop)", "apply_actions(NORMAL)", "write_actions(output:1)", "clear_actions,NORMAL");
        return Task.FromResult<Mutation?>(new("new flow",
            $"{SaveFlows}{Ofctl} add-flow {(provider ? "$PROVIDER" : "br-int")} \"table={(provider ? "0" : chance.Of("0", "0", "0", "60", "25"))},priority={chance.Of("1", "6", "12", "200")},{match},actions={action}\"",
            RestoreFlows));
    }

    /// <summary>One of the flows that are there goes, or gets another priority or other actions.</summary>
    public static async Task<Mutation?> ChangedFlowAsync(Chance chance, OracleHost host)
    {
        var bridge = chance.Of("br-int", "br-int", "$PROVIDER");
        var flows = (await host.LinesAsync($"{Ofctl} --no-stats dump-flows {bridge} | grep actions= | sort")).Select(line => Cookie().Replace(line, "")).ToArray();
        if (flows.Length == 0)
        {
            return null;
        }

        var flow = chance.Of(flows);
        var match = flow[..flow.IndexOf("actions=", StringComparison.Ordinal)].Trim().TrimEnd(',').Replace(", ", ",", StringComparison.Ordinal).Replace(" ", ",", StringComparison.Ordinal);
        var gone = $"{Ofctl} --strict del-flows {bridge} \"{match}\"";
        var inject = chance.Below(4) switch
        {
            0 => $"{gone}; {Ofctl} add-flow {bridge} \"{Priority().Replace(match, $"priority={chance.Of("1", "5", "500")}")},{flow[flow.IndexOf("actions=", StringComparison.Ordinal)..]}\"",
            1 => $"{Ofctl} --strict mod-flows {bridge} \"{match},actions={chance.Of("drop", "NORMAL", "resubmit(,60)", "resubmit(,25)", "output:1", "mod_vlan_vid:2,NORMAL")}\"",
            2 when chance.OneIn(4) => $"{Ofctl} del-flows {bridge}",
            _ => gone,
        };
        return new("changed flow", SaveFlows + inject, RestoreFlows);
    }

    [GeneratedRegex("cookie=0x[0-9a-f]+, ")]
    private static partial Regex Cookie();

    [GeneratedRegex("priority=[0-9]+")]
    private static partial Regex Priority();
}

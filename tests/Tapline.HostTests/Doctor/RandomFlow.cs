using CsCheck;

namespace Tapline.HostTests.Doctor;

/// <summary>Generates flows that ovs-ofctl accepts, in the words of OpenFlow 1.0 or of later ones.</summary>
internal static class RandomFlow
{
    private const int Tables = 4;

    /// <summary>Matches with what they require of actions: <c>ip</c>, <c>tag</c>, <c>untagged</c>, <c>arp</c>, <c>tcp</c>.</summary>
    private static readonly Gen<(string Text, string Kind)> Protocols = Gen.OneOf(
        Gen.Const(("", "")), Gen.Const(("", "")), Gen.Const(("", "")),
        Pick("arp", "arp,arp_op=1", "arp,arp_spa=10.0.0.1", "arp,arp_tpa=10.0.0.0/23", "arp,arp_sha=fa:16:3e:00:00:01").Select(text => (text, "arp")),
        Pick("ip", "ip,nw_src=10.0.0.0/24", "ip,nw_dst=10.0.0.1", "ip,nw_dst=10.0.0.1/255.255.0.255", "icmp", "icmp,icmp_type=8", "ip,nw_tos=184",
            "ip,nw_ttl=64", "ip,nw_frag=no", "ip,nw_proto=17").Select(text => (text, "ip")),
        Pick("tcp", "tcp,tp_dst=80", "tcp,tp_src=0x40/0xffc0", "tcp,tcp_flags=+syn-ack").Select(text => (text, "tcp")),
        Pick("udp,tp_dst=53", "ipv6", "icmp6", "icmp6,icmp_type=128", "dl_type=0x88b5", "ipv6,ipv6_src=fe80::/10").Select(text => (text, "")));

    private static readonly Gen<(string Text, string Kind)> Tags = Pick(
        ("", ""), ("", ""), ("", ""), ("dl_vlan=1", "tag"), ("dl_vlan=2", "tag"), ("vlan_tci=0x0000/0x1fff", "untagged"), ("vlan_tci=0x1000/0x1000", "tag"),
        ("vlan_tci=0x0000", "untagged"), ("vlan_tci=0x1001/0x1fff", "tag"), ("dl_vlan=0", "tag"), ("vlan_tci=0x1fff/0x1fff", "tag"), ("dl_vlan=3,dl_vlan_pcp=0", "tag"));

    private static readonly Gen<string> Others = Pick(
        "", "", "", "", "dl_src=fa:16:3e:00:00:01", "dl_dst=fa:16:3e:00:00:02", "dl_dst=01:00:00:00:00:00/01:00:00:00:00:00", "reg0=0x5", "reg0=0x1/0x1", "metadata=0x3",
        "dl_dst=ff:ff:ff:ff:ff:ff", "reg1=0", "ct_state=-trk", "tun_id=0", "pkt_mark=0");

    internal static Gen<T> Pick<T>(params T[] items) => Gen.Int[0, items.Length - 1].Select(index => items[index]);

    internal static Gen<string[]> Flows(string[] ports, bool modern) =>
        from flows in One(ports, modern).Array[3, 14]
        from fallback in Pick("NORMAL", "NORMAL", "resubmit(,2)", "drop", "flood")
        select flows.Select((flow, index) => flow.Replace("priority=?", $"priority={10 + index}", StringComparison.Ordinal))
            .Append($"table=0,priority=1,actions={fallback}").Append("table=2,priority=1,actions=NORMAL").ToArray();

    internal static Gen<string[]> Groups(string[] ports) =>
        from first in Bucket(ports).Array[1, 3]
        from second in Bucket(ports)
        from watched in Pick(ports[..^1])
        from third in Bucket(ports)
        select new[]
        {
            $"group_id=1,type=all,{string.Join(',', first)}",
            $"group_id=2,type=indirect,{second}",
            $"group_id=3,type=ff,{third.Replace("bucket=", $"bucket=watch_port:{watched},", StringComparison.Ordinal)}",
            $"group_id=4,type=select,selection_method=hash,fields=eth_src,{third}",
            "group_id=5,type=all",
        };

    private static Gen<string> Bucket(string[] ports) =>
        from port in Pick(ports)
        from before in Pick("", "", "mod_dl_dst:fa:16:3e:00:00:09,", "push_vlan:0x8100,set_field:4099->vlan_vid,")
        select $"bucket=actions={before}{To(port)}";

    private static Gen<string> One(string[] ports, bool modern) =>
        from table in Pick(0, 0, 0, 1, 2, 3)
        from input in Pick(["", "", "", .. ports])
        from protocol in Protocols
        from tag in Tags
        from other in Others
        from actions in Actions(table, protocol.Kind, tag.Kind, ports, modern)
        select string.Join(',', new[] { $"table={table},priority=?", input.Length == 0 ? "" : $"in_port={input}", protocol.Text, tag.Text, other }
            .Where(part => part.Length > 0)) + $",actions={actions}";

    private static Gen<string> Actions(int table, string protocol, string tag, string[] ports, bool modern) =>
        from changes in Change(protocol, tag, modern).Array[0, 2]
        from ways in Way(table, ports, modern).Array[1, 2]
        from last in Pick("", "", "", modern && table < Tables - 1 ? $"goto_table:{table + 1}" : "", modern && table < 3 ? "write_actions(output:1,set_field:fa:16:3e:00:00:0a->eth_dst),goto_table:3" : "")
        let parts = changes.Concat(ways).Append(last).Where(part => part.Length > 0).ToArray()
        select parts.Contains("drop") || parts.Length == 0 ? "drop" : string.Join(',', parts);

    private static Gen<string> Way(int table, string[] ports, bool modern)
    {
        var port = Pick(ports);
        var deeper = Gen.Int[Math.Min(table + 1, Tables - 1), Tables - 1];
        return Gen.Frequency(
            (4, Gen.Const("NORMAL")),
            (4, port.Select(To)),
            (4, deeper.Select(next => $"resubmit(,{next})")),
            (1, Gen.Select(port, deeper).Select((from, next) => $"resubmit({from},{next})")),
            (1, Gen.Int[0, Tables - 1].Select(next => $"resubmit(,{next})")),
            (2, Gen.Const("drop")),
            (1, Pick("FLOOD", "ALL", "IN_PORT", "LOCAL", "output:775", "output:NXM_NX_REG0[0..15]", "CONTROLLER:128", "exit")),
            (1, Pick("note:00.01", "learn(table=9,NXM_OF_VLAN_TCI[0..11],output:NXM_OF_IN_PORT[])", "fin_timeout(idle_timeout=5)", "set_queue:1")
                .Select(text => text.StartsWith("fin", StringComparison.Ordinal) ? "note:02" : text)),
            (1, port.Select(to => $"clone(mod_dl_src:fa:16:3e:00:00:0b,{To(to)})")),
            (modern ? 2 : 0, Gen.Int[1, 5].Select(group => $"group:{group}")),
            (1, port.Select(to => $"output(port={to},max_len=100)")));
    }

    private static Gen<string> Change(string protocol, string tag, bool modern)
    {
        var any = new List<string>
        {
            "load:0x5->NXM_NX_REG0[]", "load:0x1->NXM_NX_REG0[0..3]", "move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[]", "load:0x2->NXM_NX_REG0[0..15]",
            "load:0x3->OXM_OF_METADATA[]", "mod_dl_src:fa:16:3e:00:00:02", "mod_dl_dst:fa:16:3e:00:00:03", "set_field:fa:16:3e:00:00:01->eth_dst",
            "move:NXM_NX_REG0[0..15]->NXM_NX_REG1[8..23]", "load:0->NXM_OF_IN_PORT[]", "load:0x2->NXM_OF_IN_PORT[]", "set_tunnel:0x5", "load:0x7->NXM_NX_PKT_MARK[]",
        };
        if (!modern)
        {
            any.AddRange(["mod_vlan_vid:1", "mod_vlan_vid:2", "strip_vlan", "mod_vlan_vid:3", "mod_vlan_pcp:3", "strip_vlan", "load:0->NXM_OF_VLAN_TCI[]", "load:0x1002->NXM_OF_VLAN_TCI[]"]);
        }
        else if (tag == "tag")
        {
            any.AddRange(["pop_vlan", "set_field:4097->vlan_vid", "set_field:4098->vlan_vid", "pop_vlan", "push_vlan:0x8100", "push_vlan:0x8100,set_field:4099->vlan_vid"]);
        }
        else
        {
            any.AddRange(["push_vlan:0x8100,set_field:4097->vlan_vid", "push_vlan:0x8100,set_field:4098->vlan_vid", "push_vlan:0x8100"]);
        }

        if (protocol is "ip" or "tcp")
        {
            any.AddRange(["dec_ttl", "mod_nw_src:10.0.0.2", "mod_nw_dst:10.0.0.1", "mod_nw_tos:184", "mod_nw_ttl:2", "load:0x0a000001->NXM_OF_IP_DST[]"]);
        }

        if (protocol == "tcp")
        {
            any.AddRange(["mod_tp_dst:443", "mod_tp_src:80"]);
        }

        if (protocol == "arp")
        {
            any.AddRange(["load:0x2->NXM_OF_ARP_OP[]", "move:NXM_NX_ARP_SHA[]->NXM_NX_ARP_THA[]", "load:0xfa163e000007->NXM_NX_ARP_SHA[]", "move:NXM_OF_ARP_SPA[]->NXM_OF_ARP_TPA[]"]);
        }

        return Pick([.. any]);
    }

    private static string To(string port) => port == "LOCAL" ? "LOCAL" : $"output:{port}";
}

namespace Tapline.HostTests.Doctor.Oracle;

/// <summary>Devices, Linux bridges and their queues.</summary>
internal static class LinkMutations
{
    /// <summary>By the command that speaks to its namespace.</summary>
    private static readonly (string Ip, string Exec, string Device)[] Devices =
    [
        ("ip", "", "$TAP"), ("ip", "", "$QBR"), ("ip", "", "$QVB"), ("ip", "", "$QVO"), ("ip", "", "$OQR"), ("ip", "", "$OQG"), ("ip", "", "$NIC"),
        ("ip", "", "br-int"), ("ip", "", "$PROVIDER"), ("$RN ip", "$RN", "$QR"), ("$RN ip", "$RN", "$QG"), ("$RN ip", "$RN", "lo"), ("$G ip", "$G", "eth0"),
    ];

    public static Mutation Link(Chance chance)
    {
        var (ip, exec, device) = chance.Any(Devices);
        var change = chance.Of(
            "down", "down", "mtu 576", "mtu 68", "mtu 1280", "mtu 1400", "mtu 1499", "mtu 1501", "mtu 9000", "arp off", "promisc on", "multicast off", "allmulticast on", "txqueuelen 0",
            "address fa:16:3e:00:00:99", "alias other", "group 7", "nomaster", "addrgenmode none", "protodown on", "carrier off");
        var undo = change.Split(' ') is [var what, ..] ? what switch
        {
            "down" => $"{ip} link set {device} up",
            "mtu" => $"{ip} link set {device} mtu 1500",
            "arp" or "multicast" => $"{ip} link set {device} {what} on",
            "promisc" or "allmulticast" or "protodown" => $"{ip} link set {device} {what} off",
            "carrier" => $"{ip} link set {device} carrier on",
            "txqueuelen" => $"{ip} link set {device} txqueuelen 1000",
            "group" => $"{ip} link set {device} group default",
            "alias" => $"{ip} link set {device} alias ''",
            "address" => $"{ip} link set {device} address $was",
            "nomaster" => $"test ! -e /run/oracle-port || {ip} link set {device} master $QBR", // a refused change is undone as well
            _ => "true",
        }
        : "true";
        var remember = change.StartsWith("address", StringComparison.Ordinal)
            ? $"{exec} cat /sys/class/net/{device}/address > /run/oracle-address; "
            : change == "nomaster" ? $"rm -f /run/oracle-port; test -e /sys/class/net/{device}/brport || exit 1; touch /run/oracle-port; " : "";
        return chance.OneIn(12)
            ? new("link gone", $"{ip} link del {device}")
            : new("link", $"{remember}{ip} link set {device} {change}", $"was=$(cat /run/oracle-address 2> /dev/null); {undo}");
    }

    public static Mutation Bridge(Chance chance)
    {
        var (set, undo) = chance.Any<(string, string)>(
        [
            ("stp_state 1 forward_delay 3000", "stp_state 0 forward_delay 0"), ("vlan_filtering 1", "vlan_filtering 0"), ("vlan_filtering 1 vlan_default_pvid 0", "vlan_filtering 0 vlan_default_pvid 1"),
            ("vlan_default_pvid 0", "vlan_default_pvid 1"), ("ageing_time 30000", "ageing_time 0"), ("mcast_snooping 1", "mcast_snooping 0"), ("group_fwd_mask 8", "group_fwd_mask 0"),
            ("nf_call_iptables 1", "nf_call_iptables 0"), ("vlan_stats_enabled 1", "vlan_stats_enabled 0"), ("vlan_protocol 802.1ad", "vlan_protocol 802.1q"),
            ("mcast_router 0", "mcast_router 1"), ("no_linklocal_learn 1", "no_linklocal_learn 0"),
        ]);
        return new("bridge", $"ip link set $QBR type bridge {set}", $"ip link set $QBR type bridge {undo}");
    }

    public static Mutation BridgePort(Chance chance)
    {
        var port = chance.Of("$TAP", "$QVB");
        var other = port == "$TAP" ? "$QVB" : "$TAP";
        return chance.Below(4) switch
        {
            0 => new("bridge port", $"bridge link set dev {port} isolated on; bridge link set dev {other} isolated {chance.Of("on", "off")}",
                $"bridge link set dev {port} isolated off; bridge link set dev {other} isolated off"),
            1 => new("bridge port", $"bridge link set dev {port} state {chance.Below(5)}", $"bridge link set dev {port} state 3"),
            2 => new("bridge VLAN", $"ip link set $QBR type bridge vlan_filtering 1; bridge vlan {chance.Of("del vid 1", "add vid 5", "add vid 5 pvid untagged", "add vid 1 pvid")} dev {port}",
                $"bridge vlan del vid 5 dev {port}; bridge vlan add vid 1 pvid untagged dev {port}; ip link set $QBR type bridge vlan_filtering 0"),
            _ when chance.Of("learning off", "flood off", "bcast_flood off", "mcast_flood off", "guard on", "root_block on", "hairpin on", "fastleave on", "neigh_suppress on",
                "locked on", "cost 7", "priority 3", "vlan_tunnel on") is var flag => new("bridge port", $"bridge link set dev {port} {flag}",
                $"bridge link set dev {port} {(flag.EndsWith("off", StringComparison.Ordinal) ? flag[..^3] + "on" : flag.EndsWith("on", StringComparison.Ordinal) ? flag[..^2] + "off" : "cost 2")}"),
            _ => throw new InvalidOperationException("no such change"),
        };
    }

    public static Mutation Forwarding(Chance chance)
    {
        var port = chance.Of("$TAP", "$QVB", "$QBR");
        var mac = chance.Of("$MAC", "$($RN cat /sys/class/net/$QR/address)", "fa:16:3e:00:00:98");
        var how = chance.Of("master static", "master permanent", "self permanent", "master local");
        return new("FDB", $"bridge fdb replace {mac} dev {port} {how}", $"bridge fdb del {mac} dev {port} {how.Split(' ')[0]}");
    }

    public static Mutation Queue(Chance chance)
    {
        var (ip, exec, device) = chance.Any(Devices);
        var egress = chance.Of("netem loss 100%", "netem delay 5ms", "tbf rate 8mbit burst 16kb latency 50ms", "netem duplicate 100%", "fq_codel", "pfifo limit 100", "prio", "netem corrupt 100%");
        var hooked = $"{exec} tc qdisc add dev {device} clsact; {exec} tc filter add dev {device} {chance.Of("ingress", "egress")} ";
        var filter = chance.Of(
            "matchall action drop", "protocol ip u32 match ip protocol 1 0xff action drop", "protocol arp matchall action drop", "protocol ip flower ip_proto icmp action drop",
            "protocol ip u32 match ip dst $FIXED/32 action drop", "protocol ip u32 match ip protocol 6 0xff action drop", "matchall action pass", "protocol ipv6 matchall action drop");
        return chance.OneIn(2)
            ? new("tc", $"{exec} tc qdisc replace dev {device} root {egress}", $"{exec} tc qdisc del dev {device} root")
            : new("tc", hooked + filter, $"{exec} tc qdisc del dev {device} clsact");
    }
}

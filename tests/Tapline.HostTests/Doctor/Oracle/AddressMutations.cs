namespace Tapline.HostTests.Doctor.Oracle;

/// <summary>Addresses, routes, policy rules, neighbours and sysctls.</summary>
internal static class AddressMutations
{
    private static readonly (string Exec, string[] Devices)[] Places = [("$RN", ["$QR", "$QG", "lo"]), ("$G", ["eth0", "lo"]), ("", ["$QBR", "$QVO", "$TAP", "br-int", "$PROVIDER", "lo"])];

    private static readonly string[] Addresses = ["$FIXED/32", "$FIXED/24", "$GATEWAY/24", "$GATEWAY/32", "$FLOATING/32", "$OUTER/24", "$OUTER/32", "$FAR/32", "192.0.2.7/24", "$FAR/24"];

    private static readonly string[] Targets = ["default", "$FAR/32", "$FIXED/32", "0.0.0.0/1", "128.0.0.0/1", "$FLOATING/32", "$GATEWAY/32", "192.0.2.0/24", "10.0.0.0/8", "198.51.100.0/24", "8.0.0.0/8"];

    public static Mutation Address(Chance chance)
    {
        var (exec, devices) = chance.Any(Places);
        var (device, address) = (chance.Of(devices), chance.Of(Addresses));
        var gone = chance.Of("$RN ip addr del $FLOATING/32 dev $QG", "$RN ip addr del $GATEWAY/24 dev $QR", "$RN ip addr flush dev $QG scope global", "$G ip addr flush dev eth0",
            "$RN ip addr flush dev $QR scope global");
        return chance.OneIn(3)
            ? new("address gone", $"{Save(gone)}{gone}", Restore(gone))
            : new("address", $"{exec} ip addr add {address} dev {device}", $"{exec} ip addr del {address} dev {device}");
    }

    public static Mutation Route(Chance chance)
    {
        var (exec, devices) = chance.Any(Places.Take(2).ToList());
        var target = chance.Of(Targets);
        var kind = chance.Below(8);
        var metric = chance.OneIn(3) ? $" metric {chance.Of("5", "500")}" : "";
        var way = kind switch
        {
            0 => $"{chance.Of("blackhole", "unreachable", "prohibit", "throw")} {target}{metric}",
            1 or 2 => $"{target} dev {chance.Of(devices)}{metric}",
            3 => $"{target} via $GATEWAY{metric}",
            4 => $"{target} via {chance.Of("$FIXED", "$FAR", "$OUTER", "$FLOATING")} dev {chance.Of(devices)} onlink{metric}",
            5 => $"{target} dev {chance.Of(devices)} src {chance.Of("$OUTER", "$GATEWAY", "$FIXED", "192.0.2.7")}{metric}",
            6 => $"local {target} dev lo{metric}",
            _ => $"{target} dev {chance.Of(devices)} mtu 900{metric}",
        };
        var undo = $"{exec} ip route del {way}";
        var before = kind == 6 && chance.OneIn(2) ? $"{exec} ip rule add pref 99 lookup 99; {exec} ip rule del pref 99; " : ""; // from then on the kernel looks local up first
        return chance.OneIn(5) && exec is var place
            ? new("route gone", $"{Save(place + " ")}{place} ip route {chance.Of("del default", "flush table main", "flush table local", "flush scope link")}", Restore(place + " "))
            : new("route", $"{before}{exec} ip route {chance.Of("add", "add", "replace", "append")} {way}", target == "default" && exec == "$G" ? $"{undo}; $G ip route replace default via $GATEWAY" : undo);
    }

    public static Mutation Rule(Chance chance)
    {
        var (exec, devices) = chance.Any(Places.Take(2).ToList());
        var selector = string.Join(' ', Enumerable.Range(0, 1 + chance.Below(2)).Select(_ => chance.Of(
            "from $FIXED", "from $FLOATING", "from $FAR", "to $FAR", "to $FIXED", $"iif {chance.Of(devices)}", $"oif {chance.Of(devices)}", "fwmark 0x1", "fwmark 0/0x1", "tos 0x10",
            "ipproto icmp", "ipproto tcp", "from all", "to 192.0.2.0/24", "not from $FIXED")).Distinct());
        var action = chance.Of("lookup 100", "blackhole", "unreachable", "prohibit", "lookup main suppress_prefixlength 0", "lookup default", "lookup local", "goto 32766", "nop", "lookup 100");
        var table = action == "lookup 100" ? $"{exec} ip route add {chance.Of("default via $GATEWAY", "blackhole default", $"default dev {chance.Of(devices)}", "throw default", "192.0.2.0/24 dev lo")} table 100; " : "";
        return new("rule", $"{table}{exec} ip rule add pref {chance.Of("10", "500", "32766", "40000")} {selector} {action}",
            $"{exec} ip rule del {selector} {action}; {exec} ip route flush table 100");
    }

    public static Mutation Neighbour(Chance chance)
    {
        var (exec, device, address) = chance.Any<(string, string, string)>(
            [("$RN", "$QR", "$FIXED"), ("$RN", "$QG", "$($RN ip route show default | awk '{print $3}')"), ("$G", "eth0", "$GATEWAY"), ("$RN", "$QG", "$FAR"), ("$RN", "$QR", "192.0.2.7")]);
        var mac = chance.Of("fa:16:3e:00:00:97", "$MAC", "$($RN cat /sys/class/net/$QR/address)", "ff:ff:ff:ff:ff:ff");
        var state = chance.Of("nud permanent", "nud permanent", "nud noarp", "nud reachable", "nud stale");
        return chance.OneIn(8)
            ? new("proxy neighbour", $"{exec} ip neigh add proxy {address} dev {device}", $"{exec} ip neigh del proxy {address} dev {device}")
            : new("neighbour", $"{exec} ip neigh replace {address} lladdr {mac} dev {device} {state}", $"{exec} ip neigh del {address} dev {device}");
    }

    public static Mutation Sysctl(Chance chance)
    {
        var (exec, devices) = chance.Any(Places);
        var scope = chance.OneIn(3) ? chance.Of("all", "default") : chance.Of(devices);
        var (key, value) = chance.Any<(string, string)>(
        [
            ("ip_forward", "0"), ("conf.X.forwarding", "0"), ("conf.X.rp_filter", "1"), ("conf.X.rp_filter", "2"), ("conf.X.accept_local", "1"), ("conf.X.arp_ignore", "1"), ("conf.X.arp_ignore", "2"),
            ("conf.X.arp_ignore", "8"), ("conf.X.arp_announce", "2"), ("conf.X.arp_filter", "1"), ("conf.X.proxy_arp", "1"), ("conf.X.arp_accept", "1"), ("conf.X.route_localnet", "1"),
            ("conf.X.src_valid_mark", "1"), ("conf.X.send_redirects", "0"), ("conf.X.disable_policy", "1"), ("conf.X.drop_unicast_in_l2_multicast", "1"), ("conf.X.proxy_arp_pvlan", "1"),
            ("icmp_echo_ignore_all", "1"), ("ip_default_ttl", "1"), ("ip_default_ttl", "3"), ("icmp_ratelimit", "100"), ("ip_forward_use_pmtu", "1"), ("conf.X.arp_notify", "1"),
            ("conf.X.accept_source_route", "0"), ("conf.X.forwarding", "1"), ("conf.X.secure_redirects", "0"), ("conf.X.medium_id", "1"), ("conf.X.arp_evict_nocarrier", "0"),
        ]);
        var name = "net.ipv4." + key.Replace("X", scope, StringComparison.Ordinal);
        if (exec.Length == 0 && chance.OneIn(2))
        {
            (name, value) = chance.Any<(string, string)>(
            [
                ("net.bridge.bridge-nf-call-iptables", "0"), ("net.bridge.bridge-nf-call-arptables", "1"), ("net.bridge.bridge-nf-call-arptables", "0"), ("net.bridge.bridge-nf-call-ip6tables", "0"),
                ("net.bridge.bridge-nf-filter-vlan-tagged", "1"), ("net.bridge.bridge-nf-pass-vlan-input-dev", "1"), ("net.ipv6.conf.all.disable_ipv6", "1"),
            ]);
        }

        return new("sysctl", $"{exec} sysctl -n {name} > /run/oracle-sysctl && {exec} sysctl -qw {name}={value}", $"{exec} sysctl -qw {name}=$(cat /run/oracle-sysctl)");
    }

    private static string Exec(string command) => command.StartsWith("$RN", StringComparison.Ordinal) ? "$RN" : command.StartsWith("$G", StringComparison.Ordinal) ? "$G" : "";

    private static string Save(string command) => $"{Exec(command)} ip addr save > /run/oracle-addr; {Exec(command)} ip route save table all > /run/oracle-route; ";

    private static string Restore(string command) => $"{Exec(command)} ip addr restore < /run/oracle-addr; for i in 1 2; do {Exec(command)} ip route restore < /run/oracle-route; done";
}

namespace Tapline.HostTests.Doctor.Oracle;

/// <summary>iptables of both kinds, ebtables, nftables of every family, and sets.</summary>
internal static class FirewallMutations
{
    private static readonly string[] Places = ["", "", "$RN", "$RN", "$G"];
    private const string DropOther = "for f in ip inet bridge arp netdev; do for e in '' \"$RN\" \"$G\"; do $e nft delete table $f other; done; done; true";

    public static Mutation Iptables(Chance chance)
    {
        var exec = chance.Of(Places);
        var program = chance.Of("iptables", "iptables-legacy");
        var (table, chain) = chance.Any<(string, string)>(
        [
            ("filter", "FORWARD"), ("filter", "FORWARD"), ("filter", "FORWARD"), ("filter", "INPUT"), ("filter", "OUTPUT"), ("raw", "PREROUTING"), ("raw", "OUTPUT"), ("mangle", "PREROUTING"), ("mangle", "FORWARD"),
            ("mangle", "POSTROUTING"), ("nat", "PREROUTING"), ("nat", "POSTROUTING"), ("nat", "POSTROUTING"), ("security", "FORWARD"), ("mangle", "INPUT"), ("nat", "OUTPUT"),
        ]);
        if (table is "filter" && chance.OneIn(5))
        {
            return new("iptables policy", $"{exec} {program} -P {chain} DROP", $"{exec} {program} -P {chain} ACCEPT");
        }

        string[] conditions =
        [
            "-p icmp", "-p icmp --icmp-type 8", "-p icmp --icmp-type 0", "-p tcp", "-s $FIXED", "-d $FIXED", "! -s $FIXED", "-d $FAR", "-s $FAR", "-d $FLOATING", "-m conntrack --ctstate NEW",
            "-m conntrack --ctstate ESTABLISHED", "-m conntrack --ctstate INVALID", "-m mark --mark 1", "-m length --length 0:60", "-m ttl --ttl-lt 64", "-m ttl --ttl-eq 64", "-m mac --mac-source $MAC",
            "-m pkttype --pkt-type broadcast", "-m addrtype --dst-type LOCAL", "-m comment --comment other", "-f", "-m state --state NEW", "-m conntrack --ctstate DNAT", "-m conntrack --ctdir REPLY", "-m tos --tos 0/0xff",
            .. chain is "FORWARD" or "PREROUTING" or "INPUT" ? (string[])["-i $QBR", "-i $QR", "-i $QG", "-i eth0", "-m physdev --physdev-in $TAP", "-m physdev --physdev-in $QVB", "-m physdev --physdev-is-bridged"] : [],
            .. chain is "FORWARD" or "POSTROUTING" ? (string[])["-o $QG", "-o $QR", "-m physdev --physdev-is-bridged --physdev-out $TAP"] : [],
        ];
        var target = table switch
        {
            "raw" => chance.Of("DROP", "CT --notrack", "CT --zone 7", "ACCEPT", "MARK --set-mark 1"),
            "nat" when chain == "POSTROUTING" => chance.Of("ACCEPT", "MASQUERADE", "SNAT --to-source 192.0.2.9", "SNAT --to-source $FLOATING", "NETMAP --to 192.0.2.0/24"),
            "nat" => chance.Of("ACCEPT", "REDIRECT", "DNAT --to-destination 192.0.2.9", "DNAT --to-destination $FIXED"),
            "mangle" => chance.Of("DROP", "MARK --set-mark 1", "TTL --ttl-set 1", "TTL --ttl-set 200", "DSCP --set-dscp 4", "CONNMARK --set-mark 3", "ACCEPT", "TTL --ttl-dec 1"),
            "filter" => chance.Of("DROP", "DROP", "ACCEPT", "REJECT", "RETURN", "LOG", "REJECT --reject-with icmp-admin-prohibited"),
            _ => chance.Of("DROP", "ACCEPT"),
        };
        var rule = $"{chain} {string.Join(' ', Enumerable.Range(0, chance.Below(3)).Select(_ => chance.Of(conditions)).Distinct())}";
        return new("iptables", $"{exec} {program} -t {table} {(chance.OneIn(4) ? "-A" : "-I")} {rule} -j {target}", $"{exec} {program} -t {table} -D {rule} -j {target}");
    }

    public static async Task<Mutation?> WithoutIptablesRuleAsync(Chance chance, OracleHost host)
    {
        var exec = chance.Of("", "$RN");
        var table = chance.Of("filter", "filter", "nat", "raw");
        var rules = await host.LinesAsync($"{exec} iptables-save -t {table} 2> /dev/null | grep '^-A'");
        if (rules.Length == 0)
        {
            return null;
        }

        var rule = chance.Of(rules);
        var change = chance.Below(4) switch
        {
            0 => $"-D {rule[3..]}\n-I {rule[3..]}",
            1 when rule.Contains(" -j RETURN", StringComparison.Ordinal) => $"-I {rule[3..].Replace(" -j RETURN", " -j DROP", StringComparison.Ordinal)}",
            _ => $"-D {rule[3..]}",
        };
        return new("iptables rule", $"{exec} iptables-save -t {table} > /run/oracle-rules; {exec} iptables-restore -n <<'E'\n*{table}\n{change}\nCOMMIT\nE", $"{exec} iptables-restore < /run/oracle-rules");
    }

    public static Mutation Nft(Chance chance)
    {
        var (exec, family) = (chance.Of(Places), chance.Of("ip", "ip", "inet", "inet", "bridge", "arp", "netdev"));
        if (family is "bridge" or "netdev")
        {
            exec = chance.OneIn(2) ? "" : exec;
        }

        var device = exec switch { "" => chance.Of("$TAP", "$QVB", "$QVO", "$NIC"), "$RN" => chance.Of("$QR", "$QG"), _ => "eth0" };
        var nat = family is "ip" or "inet" && chance.OneIn(4);
        var hook = family switch
        {
            "arp" => chance.Of("input", "output"),
            "netdev" => "ingress",
            _ => nat ? chance.Of("prerouting", "postrouting", "output") : chance.Of("prerouting", "forward", "forward", "postrouting", "input", "output"),
        };
        var type = nat ? "nat" : hook == "output" && family is "ip" or "inet" && chance.OneIn(4) ? "route" : "filter";
        string[] conditions = family == "arp"
            ? ["arp operation request", "arp operation reply", "arp saddr ip $FIXED", "arp daddr ip $GATEWAY", "arp htype 1", "iifname lo"]
            : ["ip protocol icmp", "icmp type echo-request", "icmp type echo-reply", "ip saddr $FIXED", "ip daddr $FIXED", "ip daddr { $FAR, 192.0.2.1 }", "ip saddr != $FAR", "ip ttl 64", "ip ttl < 63", "meta l4proto tcp",
                "meta length > 90", "meta mark 1", "ip daddr $FLOATING", "meta pkttype broadcast", "udp dport 53", "ip dscp cs1", "meta protocol ip", "meta nfproto ipv4", "ether type arp", "ether saddr $MAC",
                "ip length 84", "ip id 0", "ip frag-off & 0x1fff != 0", "meta iif lo", $"iifname {device}", "iifname \"q*\"", "ip daddr 224.0.0.0/4", "@nh,72,8 1", "meta l4proto { icmp, udp }", "ip saddr 10.0.0.0-10.255.255.255",
                .. family is "ip" or "inet" or "bridge" ? (string[])["ct state new", "ct state established", "ct state invalid", "ct direction reply", "ct mark 0"] : [],
                .. family is "ip" or "inet" ? (string[])["fib daddr type local", "fib saddr . iif oif missing", "rt ip nexthop $FAR", "ct status dnat"] : []];
        var verdicts = nat
            ? hook == "postrouting" ? (string[])["masquerade", "snat ip to 192.0.2.9", "snat ip to $FLOATING", "accept"] : ["dnat ip to 192.0.2.9", "dnat ip to $FIXED", "redirect", "accept"]
            : ["drop", "drop", "drop", "accept", "return", "counter", "meta mark set 1", .. family == "arp" ? (string[])[] : ["ip ttl set 1", "ip dscp set cs1"], .. family is "ip" or "inet" ? (string[])["ct mark set 5", "notrack"] : [],
                .. family is "ip" or "inet" && hook is "input" or "forward" or "output" ? (string[])["reject", "reject with icmp type admin-prohibited"] : [],
                .. family == "netdev" ? (string[])[$"fwd to {device}", "dup to lo"] : []];
        var policy = !nat && chance.OneIn(8) ? " policy drop;" : "";
        var priority = chance.Of("-400", "-200", "-150", "-100", "-10", "0", "10", "50", "100", "300");
        var rule = $"{string.Join(' ', Enumerable.Range(0, chance.Below(3)).Select(_ => chance.Of(conditions)).Distinct())} {chance.Of(verdicts)}";
        var at = family == "netdev" ? $"hook ingress device \"{device}\"" : $"hook {hook}";
        return new("nft", $"{exec} nft -f - <<E\ntable {family} other {{ chain other {{ type {type} {at} priority {priority};{policy}\n {rule}\n }}\n}}\nE", DropOther);
    }

    /// <summary>A rule of an nftables table that is there goes, or a whole chain is flushed.</summary>
    public static async Task<Mutation?> WithoutNftRuleAsync(Chance chance, OracleHost host)
    {
        var exec = chance.Of("", "$RN");
        var rules = (await host.LinesAsync($"{exec} nft -j -a list ruleset | python3 -c '{ListRules}'")).Where(line => !line.Contains(" other ", StringComparison.Ordinal)).ToArray();
        if (rules.Length == 0 || chance.Of(rules).Split(' ') is not [var family, var table, var chain, var handle])
        {
            return null;
        }

        return new("nft rule", chance.OneIn(10)
            ? $"{exec} nft add table {family} {table} '{{ flags dormant; }}'"
            : chance.OneIn(6)
            ? $"{exec} nft flush chain {family} {table} {chain}"
            : $"{exec} nft delete rule {family} {table} {chain} handle {handle}");
    }

    public static Mutation Ebtables(Chance chance)
    {
        var chain = chance.Of("FORWARD", "FORWARD", "INPUT", "OUTPUT");
        var rule = $"{chain} {chance.Of("-p ARP", "-p IPv4", "-p IPv4 --ip-proto icmp", "-s $MAC", "-d $MAC", "-i $TAP", "-o $TAP", "-p ARP --arp-opcode 2", "-p IPv6", "--pkttype-type broadcast", "-p IPv4 --ip-src $FIXED", "")}"
            .Replace(chain == "INPUT" ? "-o $TAP" : chain == "OUTPUT" ? "-i $TAP" : "\0", "", StringComparison.Ordinal);
        var target = chance.Of("DROP", "DROP", "ACCEPT", "CONTINUE", "mark --mark-set 1");
        return chance.OneIn(6)
            ? new("ebtables policy", $"ebtables -P {chain} DROP", $"ebtables -P {chain} ACCEPT")
            : new("ebtables", $"ebtables -A {rule} -j {target}", $"ebtables -D {rule} -j {target}");
    }

    public static async Task<Mutation?> SetMemberAsync(Chance chance, OracleHost host)
    {
        var sets = await host.LinesAsync("ipset list -n 2> /dev/null");
        if (sets.Length == 0)
        {
            return null;
        }

        var set = chance.Of(sets);
        return chance.OneIn(2)
            ? new("ipset", $"ipset add {set} $FAR", $"ipset del {set} $FAR")
            : new("ipset", $"ipset save {set} > /run/oracle-set; ipset flush {set}", "ipset restore -! < /run/oracle-set");
    }

    private const string ListRules = """import json, sys; [print(r["family"], r["table"], r["chain"], r["handle"]) for r in (i.get("rule") for i in json.load(sys.stdin)["nftables"]) if r and not r.get("expr", [{}])[0].get("xt")]""";
}

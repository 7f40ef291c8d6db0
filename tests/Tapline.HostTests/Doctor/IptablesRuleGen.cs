using CsCheck;

namespace Tapline.HostTests.Doctor;

/// <summary>Rule sets as iptables-restore takes them.</summary>
internal static class IptablesRuleGen
{
    /// <summary>For <c>ipset restore</c>; rules ask for them only where ipset is there.</summary>
    public const string Sets = """
        create hosts hash:ip family inet
        add hosts 10.1.0.10
        add hosts 10.2.0.11
        create nets hash:net family inet
        add nets 10.1.0.0/24
        add nets 10.1.0.10/31 nomatch
        add nets 10.2.0.10
        create pairs hash:ip,port family inet
        add pairs 10.2.0.10,tcp:22
        add pairs 10.2.0.11,udp:53
        add pairs 10.2.0.10,icmp:echo-request
        create legs hash:net,iface family inet
        add legs 10.1.0.0/24,l0
        create all list:set
        add all hosts

        """;

    private static readonly Gen<string> Not = Gens.Weighted((4, Gen.Const("")), (1, Gen.Const("! ")));

    private static readonly Gen<string> Address = Gens.OneOf(
        "10.1.0.10", "10.1.0.11", "10.2.0.10", "10.2.0.12", "10.1.0.0/16", "10.2.0.0/31", "10.2.0.8/30", "0.0.0.1/0.0.0.1", "10.0.0.11/255.0.0.255");

    private static readonly string[] SetConditions =
    [
        "-m set --match-set hosts src", "-m set ! --match-set hosts dst", "-m set --match-set nets src", "-m set --match-set nets dst",
        "-m set --match-set pairs dst,dst", "-m set --match-set legs src,src", "-m set --match-set all src", "-m set ! --match-set nets src",
    ];

    private static readonly string[] Words =
    [
        "-m state --state NEW", "-m conntrack --ctstate RELATED,ESTABLISHED", "-m conntrack ! --ctstate NEW", "-m conntrack --ctstate INVALID",
        "-m conntrack --ctstate UNTRACKED,NEW", "-m conntrack --ctstate DNAT", "-m conntrack --ctstate SNAT,ESTABLISHED", "-m conntrack --ctdir REPLY",
        "-m conntrack --ctdir ORIGINAL", "-m conntrack --ctstatus CONFIRMED", "-m conntrack --ctorigsrc 10.1.0.0/30", "-m conntrack --ctorigdst 10.2.0.10",
        "-m conntrack ! --ctreplsrc 10.2.0.11", "-m conntrack --ctorigdstport 22", "-m conntrack --ctproto 6", "-m conntrack --ctstatus SEEN_REPLY",
        "-m mark --mark 5", "-m mark --mark 0x10/0x10", "-m mark ! --mark 0", "-m connmark --mark 7", "-m connmark ! --mark 0/0xf",
        "-m mac --mac-source 02:00:00:00:09:09", "-m mac ! --mac-source 02:00:00:00:09:09", "-m addrtype --dst-type LOCAL", "-m addrtype ! --dst-type LOCAL",
        "-m addrtype --src-type UNICAST", "-m pkttype --pkt-type unicast", "-m pkttype ! --pkt-type broadcast", "-m comment --comment \"some words\"",
        "-m iprange --src-range 10.1.0.11-10.1.0.12", "-m iprange ! --dst-range 10.2.0.10-10.2.0.11", "-m length --length 36", "-m length ! --length 0:36",
        "-m ttl --ttl-lt 64", "-m ttl --ttl-eq 64", "-m ttl --ttl-gt 10", "-f", "! -f", "-m physdev --physdev-is-in", "-m dscp --dscp 8", "-m dscp ! --dscp 8", "-m tos --tos 0x20/0xfc",
        "-m tos ! --tos 0x10/0xfc", "-m tos --tos 0x20/0xff", "-m tos --tos 0/0xff",
    ];

    private static readonly Gen<string> Transport = Gens.OneOf(
        "-p tcp", "! -p tcp", "-p udp", "-p icmp", "! -p icmp", "-p tcp --dport 22", "-p tcp ! --dport 22", "-p udp --dport 50:60", "-p tcp --sport 1000:3000",
        "-p tcp --syn", "-p tcp ! --syn", "-p tcp --tcp-flags SYN,ACK SYN", "-p tcp --tcp-flags ALL ACK", "-p icmp --icmp-type echo-request",
        "-p icmp ! --icmp-type echo-request", "-p icmp --icmp-type 3", "-p icmp --icmp-type 3/3", "-p icmp ! --icmp-type 3/3", "-p icmp --icmp-type any",
        "-p tcp -m multiport --dports 22,80:90", "-p udp -m multiport ! --dports 53", "-p tcp -m multiport --ports 443,22", "-p tcp -m multiport --sports 2000:2002",
        "", "", "", "");

    public static Gen<string> Ruleset(bool hasSets)
    {
        var single = Gens.OneOf(hasSets ? [.. Words, .. SetConditions, .. SetConditions] : Words);
        var condition = Gens.Either(single, single, Gen.Select(Not, Gens.OneOf("-s", "-d"), Address, (not, end, address) => $"{not}{end} {address}"));
        var basic = Gen.Select(condition.Array[0, 2], Transport, (conditions, transport) => string.Join(' ', [transport, .. Distinct(conditions)]));

        Gen<string> Of(string chain, params (int, Gen<string>)[] targets) => Gen.Select(
            Device(chain), basic, Gens.Weighted(targets), (device, conditions, target) => $"-A {chain} {device} {conditions} -j {target}");

        Gen<string> Lines(string chain, int most, params (int, Gen<string>)[] targets) => Of(chain, targets).Array[0, most].Select(lines => string.Join('\n', lines));

        var marks = (3, Gens.OneOf(
            "MARK --set-mark 5", "MARK --set-xmark 0x10/0x10", "MARK --or-mark 1", "MARK --and-mark 0xfe", "CONNMARK --set-mark 7", "CONNMARK --save-mark",
            "CONNMARK --restore-mark", "CONNMARK --save-mark --nfmask 0xf --ctmask 0xff", "CONNMARK --restore-mark --nfmask 0xff --ctmask 0xf",
            "DSCP --set-dscp 8", "DSCP --set-dscp 8", "TOS --set-tos 0x20/0xfc", "TOS --or-tos 0x20", "TOS --xor-tos 0x24", "MARK --xor-mark 0x11",
            "TTL --ttl-set 63", "TTL --ttl-inc 250", "TTL --ttl-dec 10", "TTL --ttl-inc 1"));
        var reverse = Gens.OneOf("DROP -m rpfilter --invert", "DROP -m rpfilter --validmark --invert", "ACCEPT -m rpfilter --loose", "DROP -m rpfilter --accept-local --invert", "ACCEPT -m rpfilter");
        var fates = (5, Gens.OneOf("ACCEPT", "ACCEPT", "ACCEPT", "DROP", "RETURN"));
        var filter = new[] { fates, (1, Gens.OneOf("REJECT", "REJECT --reject-with icmp-host-prohibited")), (3, Gens.OneOf("u1", "u2")) };
        var inner = new[] { fates, (1, Gen.Const("RETURN")) };
        return Gen.Select(
            Lines("PREROUTING", 2, (2, Gens.OneOf("CT --zone 3", "CT --notrack", "NOTRACK", "CT --zone 4")), (1, Gens.OneOf("ACCEPT", "DROP")), (1, reverse)),
            Gen.Select(Lines("PREROUTING", 3, marks, (1, Gens.OneOf("ACCEPT", "DROP")), (1, reverse)), Lines("FORWARD", 2, marks), Lines("POSTROUTING", 2, marks, (1, Gens.OneOf("ACCEPT", "DROP")))),
            Gen.Select(
                Lines("PREROUTING", 3, (3, Gens.OneOf("DNAT --to-destination 10.2.0.50", "DNAT --to-destination 10.1.0.51", "NETMAP --to 10.2.0.128/25")), (1, Gen.Const("ACCEPT"))),
                Lines("POSTROUTING", 3, (3, Gens.OneOf("SNAT --to-source 10.1.0.99", "SNAT --to-source 10.2.0.98", "MASQUERADE", "NETMAP --to 10.2.0.64/26")), (1, Gen.Const("ACCEPT")))),
            Gen.Select(Gens.OneOf("ACCEPT", "ACCEPT", "DROP"), Lines("FORWARD", 6, filter), Lines("u1", 3, [.. inner, (1, Gen.Const("u2"))]), Lines("u2", 3, inner)),
            (raw, mangle, nat, filters) => $"""
                *raw
                :PREROUTING ACCEPT [0:0]
                {raw}
                COMMIT
                *mangle
                :PREROUTING ACCEPT [0:0]
                :FORWARD ACCEPT [0:0]
                :POSTROUTING ACCEPT [0:0]
                {mangle.Item1}
                {mangle.Item2}
                {mangle.Item3}
                COMMIT
                *nat
                :PREROUTING ACCEPT [0:0]
                :POSTROUTING ACCEPT [0:0]
                {nat.Item1}
                {nat.Item2}
                COMMIT
                *filter
                :FORWARD {filters.Item1} [0:0]
                :u1 - [0:0]
                :u2 - [0:0]
                {filters.Item2}
                {filters.Item3}
                {filters.Item4}
                COMMIT

                """);
    }

    /// <summary>Which ends a chain may ask for.</summary>
    private static Gen<string> Device(string chain) => chain switch
    {
        "PREROUTING" => Gens.OneOf("", "", "-i l0", "! -i l0", "-i l+"),
        "POSTROUTING" => Gens.OneOf("", "", "-o l1", "! -o l1", "-o l+"),
        "FORWARD" => Gens.OneOf("", "", "-i l0", "-o l1", "-i l1 -o l0", "! -o l0", "-i + -o l1"),
        _ => Gens.OneOf("", "-i l0", "-o l1"),
    };

    /// <summary>One of a kind: iptables refuses an option twice.</summary>
    private static IEnumerable<string> Distinct(string[] conditions) =>
        conditions.DistinctBy(condition => string.Join(' ', condition.Replace("! ", "", StringComparison.Ordinal).Split(' ').Take(condition.Contains("-m ", StringComparison.Ordinal) ? 2 : 1)));
}

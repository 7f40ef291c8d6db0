using System.Collections.Frozen;

namespace Tapline.Core.Doctor.Netfilter;

/// <summary>The names that nft prints for numbers, by data type (<c>nft describe</c>), and the data type of each field.</summary>
internal static class NftNames
{
    private static readonly FrozenDictionary<string, int> Protocols = Of(
        "ip 0 icmp 1 igmp 2 ipencap 4 tcp 6 udp 17 dccp 33 ipv6 41 gre 47 esp 50 ah 51 ipv6-icmp 58 icmpv6 58 ospf 89 pim 103 comp 108 ipcomp 108 vrrp 112 l2tp 115 sctp 132 udplite 136");

    private static readonly FrozenDictionary<string, int> Icmp = Of(
        "echo-reply 0 destination-unreachable 3 source-quench 4 redirect 5 echo-request 8 router-advertisement 9 router-solicitation 10 time-exceeded 11 parameter-problem 12 timestamp-request 13 timestamp-reply 14 info-request 15 info-reply 16 address-mask-request 17 address-mask-reply 18");

    private static readonly FrozenDictionary<string, int> Icmpv6 = Of(
        "destination-unreachable 1 packet-too-big 2 time-exceeded 3 parameter-problem 4 echo-request 128 echo-reply 129 mld-listener-query 130 mld-listener-report 131 mld-listener-done 132 mld-listener-reduction 132 nd-router-solicit 133 nd-router-advert 134 nd-neighbor-solicit 135 nd-neighbor-advert 136 nd-redirect 137 router-renumbering 138 ind-neighbor-solicit 141 ind-neighbor-advert 142 mld2-listener-report 143");

    private static readonly FrozenDictionary<string, FrozenDictionary<string, int>> ByType = new Dictionary<string, FrozenDictionary<string, int>>
    {
        ["inet_proto"] = Protocols,
        ["icmp_type"] = Icmp,
        ["icmpv6_type"] = Icmpv6,
        ["icmp_code"] = Of("net-unreachable 0 host-unreachable 1 prot-unreachable 2 port-unreachable 3 frag-needed 4 net-prohibited 9 host-prohibited 10 admin-prohibited 13"),
        ["icmpv6_code"] = Of("no-route 0 admin-prohibited 1 addr-unreachable 3 port-unreachable 4 policy-fail 5 reject-route 6"),
        ["ether_type"] = Of("ip 2048 arp 2054 8021q 33024 vlan 33024 ip6 34525 8021ad 34984"),
        ["arp_op"] = Of("request 1 reply 2 rrequest 3 rreply 4 inrequest 8 inreply 9 nak 10"),
        ["ct_state"] = Of("invalid 1 established 2 related 4 new 8 untracked 64"),
        ["ct_status"] = Of("expected 1 seen-reply 2 assured 4 confirmed 8 snat 16 dnat 32 dying 512"),
        ["ct_dir"] = Of("original 0 reply 1"),
        ["pkt_type"] = Of("host 0 unicast 0 broadcast 1 multicast 2 other 3"),
        ["nf_proto"] = Of("ipv4 2 ipv6 10"),
        ["tcp_flag"] = Of("fin 1 syn 2 rst 4 psh 8 ack 16 urg 32 ecn 64 cwr 128"),
        ["fib_addrtype"] = Of("unspec 0 unicast 1 local 2 broadcast 3 anycast 4 multicast 5 blackhole 6 unreachable 7 prohibit 8"),
        ["dscp"] = Of("cs0 0 cs1 8 cs2 16 cs3 24 cs4 32 cs5 40 cs6 48 cs7 56 df 0 be 0 lephb 1 af11 10 af12 12 af13 14 af21 18 af22 20 af23 22 af31 26 af32 28 af33 30 af41 34 af42 36 af43 38 va 44 ef 46"),
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, string> TypeOfField = new Dictionary<string, string>
    {
        ["meta iifname"] = "ifname",
        ["meta oifname"] = "ifname",
        ["meta iif"] = "ifname",
        ["meta oif"] = "ifname",
        ["meta ibrname"] = "ifname",
        ["meta obrname"] = "ifname",
        ["meta sdifname"] = "ifname",
        ["meta l4proto"] = "inet_proto",
        ["ip protocol"] = "inet_proto",
        ["ip6 nexthdr"] = "inet_proto",
        ["ct protocol"] = "inet_proto",
        ["meta nfproto"] = "nf_proto",
        ["ct l3proto"] = "nf_proto",
        ["meta protocol"] = "ether_type",
        ["ether type"] = "ether_type",
        ["vlan type"] = "ether_type",
        ["arp ptype"] = "ether_type",
        ["meta pkttype"] = "pkt_type",
        ["icmp type"] = "icmp_type",
        ["icmp code"] = "icmp_code",
        ["icmpv6 type"] = "icmpv6_type",
        ["icmpv6 code"] = "icmpv6_code",
        ["arp operation"] = "arp_op",
        ["ct state"] = "ct_state",
        ["ct status"] = "ct_status",
        ["ct direction"] = "ct_dir",
        ["tcp flags"] = "tcp_flag",
        ["ip dscp"] = "dscp",
        ["ip6 dscp"] = "dscp",
    }.ToFrozenDictionary();

    /// <summary>The data type of a field; empty for plain numbers and addresses.</summary>
    public static string TypeOf(string field) =>
        TypeOfField.TryGetValue(field, out var type) ? type
        : field.StartsWith("fib ", StringComparison.Ordinal) && field.EndsWith(" type", StringComparison.Ordinal) ? "fib_addrtype"
        : "";

    /// <summary>The number that a name stands for.</summary>
    public static int? NumberOf(string type, string name) =>
        ByType.TryGetValue(type, out var names) && names.TryGetValue(name, out var number) ? number : null;

    private static FrozenDictionary<string, int> Of(string pairs)
    {
        var words = pairs.Split(' ');
        return Enumerable.Range(0, words.Length / 2).ToFrozenDictionary(index => words[2 * index], index => int.Parse(words[(2 * index) + 1]));
    }
}

using CsCheck;

namespace Tapline.HostTests.Doctor;

/// <summary>Rule sets in nft's language, of all that a filter or translator of hosts is made of.</summary>
internal static class NftRuleGen
{
    private static readonly Gen<string> Device = Gens.OneOf("\"l0\"", "\"l1\"", "\"l*\"", "{ \"l0\", \"x9\" }", "{ \"l1\", \"y*\" }", "@legs");
    private static readonly Gen<string> Equality = Gens.Weighted((4, Gen.Const("")), (1, Gen.Const("!= ")));

    private static readonly Gen<string> Address = Gens.OneOf(
        "10.1.0.10", "10.1.0.11", "10.2.0.10", "10.2.0.12", "10.1.0.0/16", "10.2.0.0/31", "10.2.0.8/30", "10.1.0.11-10.1.0.12",
        "{ 10.1.0.10, 10.2.0.11 }", "{ 10.1.0.0/24, 10.2.0.10-10.2.0.11 }", "@hosts");

    private static readonly Gen<string> Port = Gens.OneOf("22", "80", "{ 22, 443 }", "{ 20-25, 80 }", "53-100", "> 79", "< 80", ">= 443", "<= 53", "!= 22");

    private static readonly Gen<string> Condition = Gens.Either(
        Gen.Select(Equality, Device, (not, device) => $"iifname {not}{device}"),
        Gen.Select(Equality, Device, (not, device) => $"oifname {not}{device}"),
        Gen.Select(Gens.OneOf("ip saddr ", "ip daddr "), Equality, Address, (field, not, address) => field + not + address),
        Gens.OneOf(
            "ct state new", "ct state established,related", "ct state { new, invalid }", "ct state != established", "ct state invalid",
            "ct state related", "ct state untracked", "ct status dnat", "ct status & snat == 0", "ct status snat,dnat", "ct direction reply",
            "ct direction original", "ct mark 7", "ct mark != 0", "ct zone 3", "ct original ip saddr 10.1.0.0/30", "ct original ip daddr 10.2.0.10",
            "ct reply ip saddr 10.2.0.11", "ct status confirmed", "ct status seen-reply"),
        Gens.OneOf(
            "meta mark 5", "meta mark & 0x10 != 0", "meta mark & 0x3 == 1", "meta mark != 0", "meta mark 1-6", "meta mark { 1, 5, 16 }",
            "meta protocol ip", "meta protocol { ip6, arp }", "meta pkttype host", "meta pkttype != host", "ip ttl < 64", "ip ttl 64",
            "ip length 30-36", "meta length < 40", "fib daddr type local", "fib daddr type unicast", "ether saddr 02:00:00:00:09:09",
            "ether type ip", "ip saddr & 0.0.0.1 == 0.0.0.1", "ip version 4", "ip frag-off & 0x1fff != 0", "@nh,96,32 0x0a01000a",
            "rt ip nexthop 10.2.0.10", "rt ip nexthop != 10.2.0.0/24", "fib saddr . iif oif missing", "fib saddr . iif oif exists", "fib daddr oif exists",
            "fib saddr oif missing", "fib daddr oifname \"l1\"", "fib saddr . mark oifname != \"l0\""),
        Gens.OneOf(
            "iifname . oifname { \"l0\" . \"l1\", \"l1\" . \"l0\" }", "ip saddr . ip daddr { 10.1.0.10 . 10.2.0.10, 10.1.0.0/31 . 10.2.0.8-10.2.0.13 }",
            "ip saddr . ip daddr @pairs", "iifname . ip saddr != @spoof", "meta l4proto . th dport @services", "ip protocol . ip saddr { tcp . 10.1.0.10, icmp . 10.2.0.10 }"));

    /// <summary>At most one of these a rule: two protocols at once nft refuses.</summary>
    private static readonly Gen<string> Transport = Gens.Either(
        Gen.Select(Gens.OneOf("tcp dport ", "udp dport ", "tcp sport ", "udp sport "), Port, (field, port) => field + port),
        Gens.OneOf(
            "icmp type echo-request", "icmp type { echo-request, echo-reply }", "icmp type != echo-request", "icmp code 0", "icmp type destination-unreachable",
            "meta l4proto icmp", "meta l4proto { tcp, udp }", "meta l4proto != tcp", "ip protocol udp", "tcp flags syn", "tcp flags & (syn|ack) == syn",
            "tcp flags & (fin|syn|rst|ack) != syn", "tcp flags ! ack", "meta l4proto tcp th dport 22", "th dport { 22, 53 } meta l4proto { tcp, udp }",
            "ip saddr . tcp dport { 10.1.0.10 . 22, 10.0.0.0/8 . 80-90 }", "@th,16,16 22 meta l4proto tcp", "icmp id != 0"));

    private static readonly Gen<string> Conditions = Gen.Select(
        Condition.Array[0, 2], Gens.Weighted((1, Gen.Const("")), (1, Transport)), (conditions, transport) => string.Join(' ', [.. conditions, transport]));

    private static readonly Gen<string> Ending = Gens.Weighted(
        (6, Gen.Const("accept")),
        (3, Gen.Const("drop")),
        (1, Gen.Const("counter drop")),
        (1, Gen.Const("reject")),
        (1, Gen.Const("return")),
        (1, Gen.Const("continue")),
        (2, Gen.Const("jump u1")),
        (1, Gen.Const("goto u1")),
        (1, Gen.Const("jump u2")),
        (1, Gen.Const("goto u2")),
        (1, Gen.Const("log prefix \"x\"")),
        (1, Gen.Const("limit rate 100000/second burst 100000 packets accept")),
        (1, Gens.OneOf(
            "ct state vmap { new : jump u2, established : accept, invalid : drop }", "iifname vmap { \"l0\" : jump u2, \"l1\" : accept }",
            "ip daddr vmap @fates", "tcp dport vmap { 22 : accept, 80-90 : drop, 443 : goto u2 }", "ip saddr . ip daddr vmap { 10.1.0.10 . 10.2.0.10 : accept, * : continue }",
            "iifname . ip saddr vmap { \"l0\" . 10.1.0.0/24 : accept }")),
        (3, Gens.OneOf(
            "meta mark set 5", "meta mark set 1", "meta mark set meta mark | 0x10", "meta mark set meta mark & 0xfffffffe", "meta mark set ct mark",
            "ct mark set meta mark", "ct mark set 7", "ct mark set ct mark | 0x10", "meta mark set meta mark and 0xf or 0x20", "meta mark set meta mark ^ 0x11",
            "meta mark set ip daddr map @marks", "ip dscp set cs1", "counter", "meta mark set ip saddr map { 10.1.0.10 : 1, 10.1.0.11 : 5, 10.2.0.0/16 : 16 }")));

    private static readonly Gen<string> Rule = Gen.Select(Conditions, Ending, (conditions, ending) => $"{conditions} {ending}".Trim());

    private static readonly Gen<string> EarlyRule = Gen.Select(Conditions, Gens.Weighted(
        (2, Gen.Const("notrack")), (2, Gen.Const("ct zone set 3")), (1, Gen.Const("ct zone set iifname map { \"l0\" : 3, \"l1\" : 4 }")), (2, Ending)),
        (conditions, ending) => $"{conditions} {ending}".Trim());

    private static readonly Gen<string> SourceRule = Gen.Select(Conditions, Gens.OneOf(
        "snat ip to 10.1.0.99", "snat ip to 10.2.0.98", "masquerade", "snat ip to ip saddr map @sources", "snat ip to ip saddr", "accept", "return",
        "meta l4proto { tcp, udp } snat ip to 10.2.0.97:7000", "drop"), (conditions, ending) => $"{conditions} {ending}".Trim());

    private static readonly Gen<string> DestinationRule = Gen.Select(Conditions, Gens.OneOf(
        "dnat ip to 10.2.0.50", "dnat ip to 10.1.0.51", "dnat ip to ip daddr map @targets", "dnat ip to ip daddr", "accept", "return", "jump u1",
        "meta l4proto tcp dnat ip to 10.2.0.52:8080", "meta l4proto tcp redirect to :3128", "drop"), (conditions, ending) => $"{conditions} {ending}".Trim());

    private static readonly Gen<string> Filter = Gen.Select(
        Gens.OneOf("prerouting", "forward", "forward", "postrouting"),
        Gens.OneOf(-250, -160, -150, -10, 0, 0, 5, 50, 120),
        Gens.Weighted((4, Gen.Const("accept")), (1, Gen.Const("drop"))),
        Rule.Array[1, 6],
        (hook, priority, policy, rules) => Chain("filter", hook, priority, policy, hook == "forward" ? rules : [.. rules.Select(WithoutReject)]));

    /// <summary>Elsewhere the kernel does not take it.</summary>
    private static string WithoutReject(string rule) => rule.EndsWith("reject", StringComparison.Ordinal) ? rule[..^"reject".Length] + "drop" : rule;

    private static readonly Gen<string> Early = Gen.Select(
        Gens.OneOf(-450, -300), EarlyRule.Array[1, 2], (priority, rules) => Chain("filter", "prerouting", priority, "accept", rules));

    private static readonly Gen<string> Nat = Gens.Either(
        Gen.Select(Gens.OneOf(-110, -100, -90), DestinationRule.Array[1, 3], (priority, rules) => Chain("nat", "prerouting", priority, "accept", rules)),
        Gen.Select(Gens.OneOf(90, 100, 110), SourceRule.Array[1, 3], (priority, rules) => Chain("nat", "postrouting", priority, "accept", rules)));

    private static readonly Gen<string> Chains = Gens.Either(Filter, Filter, Filter, Nat, Nat, Early);

    private static readonly Gen<string> Inner = Gen.Select(Conditions, Gens.OneOf("accept", "drop", "return", "meta mark set 5", "counter"),
        (conditions, ending) => $"{conditions} {ending}".Trim());

    private static readonly Gen<string> Table = Gen.Select(
        Gens.OneOf("ip", "inet"), Chains.Array[1, 3], Inner.Array[0, 3], Inner.Array[0, 2],
        (family, chains, u1, u2) => $$"""
            table {{family}} NAME {
              set legs { type ifname; elements = { "l0", "z9" } }
              set hosts { type ipv4_addr; flags interval; elements = { 10.1.0.10-10.1.0.11, 10.2.0.12/30 } }
              set pairs { type ipv4_addr . ipv4_addr; flags interval; elements = { 10.1.0.0/24 . 10.2.0.10, 10.2.0.10-10.2.0.12 . 10.1.0.10 } }
              set spoof { type ifname . ipv4_addr; flags interval; elements = { "l0" . 10.1.0.0/30, "l0" . 10.1.0.10, "l1" . 10.2.0.0/16 } }
              set services { type inet_proto . inet_service; elements = { tcp . 22, udp . 53 } }
              map fates { type ipv4_addr : verdict; flags interval; elements = { 10.2.0.10 : accept, 10.2.0.11 : jump u2, 10.1.0.0/24 : drop } }
              map marks { type ipv4_addr : mark; elements = { 10.2.0.10 : 5, 10.2.0.11 : 16 } }
              map sources { type ipv4_addr : ipv4_addr; elements = { 10.1.0.10 : 10.2.0.90, 10.1.0.11 : 10.2.0.91, 10.2.0.10 : 10.1.0.90 } }
              map targets { type ipv4_addr : ipv4_addr; elements = { 10.2.0.10 : 10.2.0.60, 10.2.0.11 : 10.1.0.61, 10.1.0.10 : 10.1.0.62 } }
              chain u2 {
                {{string.Join("\n", u2)}}
              }
              chain u1 {
                {{string.Join("\n", u1)}}
                jump u2
              }
            {{string.Join("\n", chains.Select((chain, index) => chain.Replace("NAME", $"c{index}", StringComparison.Ordinal)))}}
            }
            """);

    public static readonly Gen<string> Ruleset =
        Table.Array[1, 2].Select(tables => string.Join("\n", tables.Select((table, index) => table.Replace("NAME", $"t{index}", StringComparison.Ordinal))));

    private static string Chain(string type, string hook, int priority, string policy, string[] rules) =>
        $"  chain NAME {{\n    type {type} hook {hook} priority {priority}; policy {policy};\n    {string.Join("\n    ", rules)}\n  }}";
}

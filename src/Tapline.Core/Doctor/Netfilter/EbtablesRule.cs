using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Netfilter;

/// <summary>A rule of ebtables.</summary>
internal static class EbtablesRule
{
    public static ValueList<Statement> Read(IReadOnlyList<RuleOption> options, Func<string, bool> isChain)
    {
        var statements = new List<Statement>();
        foreach (var option in options)
        {
            if (option.Name is "-j")
            {
                statements.AddRange(Target(option.Value, options, isChain));
            }
            else if (!IsOfTarget(option.Name))
            {
                statements.Add(Match(option) ?? Terms.Doubtful(option.Text));
            }
        }

        return statements.ToValueList();
    }

    private static bool IsOfTarget(string name) =>
        name is "-c" or "--log" or "--nflog" or "--ulog" || name.StartsWith("--log-", StringComparison.Ordinal) || name.StartsWith("--nflog-", StringComparison.Ordinal)
        || name.StartsWith("--mark-", StringComparison.Ordinal) || name.StartsWith("--to-", StringComparison.Ordinal)
        || name.EndsWith("-target", StringComparison.Ordinal) || name is "--arpreply-mac" or "--limit-burst" or "--snat-arp";

    private static Statement? Match(RuleOption option) => option.Name switch
    {
        "-p" => Protocol(option),
        "-i" or "--in-interface" => Terms.Is("meta iifname", Terms.Device(option.Value), option.IsInverted),
        "-o" or "--out-interface" => Terms.Is("meta oifname", Terms.Device(option.Value), option.IsInverted),
        "--logical-in" => Terms.Is("meta ibrname", Terms.Device(option.Value), option.IsInverted),
        "--logical-out" => Terms.Is("meta obrname", Terms.Device(option.Value), option.IsInverted),
        "-s" => Mac("ether saddr", option),
        "-d" => Mac("ether daddr", option),
        "--mark" => Terms.Mark("meta mark", option.Value, option.IsInverted),
        "--pkttype-type" => NftNames.NumberOf("pkt_type", option.Value == "otherhost" ? "other" : option.Value) is { } type
            ? Terms.Is("meta pkttype", Terms.Constant((UInt128)type), option.IsInverted) : null,
        "--vlan-id" => Numbers("vlan id", option),
        "--vlan-encap" => EtherType(option.Value) is { } inner ? Terms.Is("vlan type", Terms.Constant(inner), option.IsInverted) : null,
        "--ip-src" or "--ip-source" => Terms.Address("ip saddr", option.Value, option.IsInverted),
        "--ip-dst" or "--ip-destination" => Terms.Address("ip daddr", option.Value, option.IsInverted),
        "--ip6-src" or "--ip6-source" => Terms.Address("ip6 saddr", option.Value, option.IsInverted),
        "--ip6-dst" or "--ip6-destination" => Terms.Address("ip6 daddr", option.Value, option.IsInverted),
        "--ip-proto" or "--ip-protocol" or "--ip6-proto" or "--ip6-protocol" => Terms.Protocol(option.Value) is { } protocol
            ? Terms.Is("meta l4proto", Terms.Constant(protocol), option.IsInverted) : null,
        "--ip-sport" or "--ip-source-port" or "--ip6-sport" or "--ip6-source-port" => Numbers("th sport", option),
        "--ip-dport" or "--ip-destination-port" or "--ip6-dport" or "--ip6-destination-port" => Numbers("th dport", option),
        "--ip-icmp-type" => Icmp("icmp", option),
        "--ip6-icmp-type" => Icmp("icmpv6", option),
        "--arp-op" or "--arp-opcode" => ArpOperation(option),
        "--arp-ip-src" => Terms.Address("arp saddr ip", option.Value, option.IsInverted),
        "--arp-ip-dst" => Terms.Address("arp daddr ip", option.Value, option.IsInverted),
        "--arp-mac-src" => Mac("arp saddr ether", option),
        "--arp-mac-dst" => Mac("arp daddr ether", option),
        "--arp-htype" => Numbers("arp htype", option),
        _ => null,
    };

    public static Statement? ArpOperation(RuleOption option) =>
        (Terms.Number(option.Value) ?? (NftNames.NumberOf("arp_op", option.Value.ToLowerInvariant()) is { } named ? (uint)named : null)) is { } operation
            ? Terms.Is("arp operation", Terms.Constant(operation), option.IsInverted) : null;

    private static Statement.Match? Protocol(RuleOption option) => EtherType(option.Value) is { } type
        ? Terms.Is("ether type", Terms.Constant(type), option.IsInverted)
        : null; // LENGTH: an 802.3 frame

    /// <summary>By number (without 0x too, as /etc/ethertypes is hexadecimal) or by name.</summary>
    private static uint? EtherType(string text) => text.ToLowerInvariant() switch
    {
        "ipv4" => Packet.EtherIpv4,
        "ipv6" => Packet.EtherIpv6,
        "arp" => Packet.EtherArp,
        "802_1q" => Packet.EtherVlan,
        "802_1ad" => 0x88a8,
        "lldp" => 0x88cc,
        "pae" or "eapol" => 0x888e,
        "rarp" => 0x8035,
        var other => other.StartsWith("0x", StringComparison.Ordinal) ? Terms.Number(other) : Terms.Number("0x" + other),
    };

    /// <summary>A MAC with or without a mask, or one of ebtables' names for groups of them.</summary>
    private static Statement.Match? Mac(string field, RuleOption option) => Terms.Mac(field, option.Value switch
    {
        "Unicast" => "00:00:00:00:00:00/01:00:00:00:00:00",
        "Multicast" => "01:00:00:00:00:00/01:00:00:00:00:00",
        "Broadcast" => "ff:ff:ff:ff:ff:ff",
        "BGA" => "01:80:c2:00:00:00",
        var mac => mac,
    }, option.IsInverted);

    private static Statement.Match? Numbers(string field, RuleOption option) =>
        Terms.Numbers(option.Value) is { } numbers ? Terms.Is(field, numbers, option.IsInverted) : null;

    /// <summary>TYPE, TYPE:TYPE or TYPE/CODE, each by name or number.</summary>
    private static Statement.Match? Icmp(string field, RuleOption option)
    {
        var type = option.Value switch
        {
            "router-advertisement" => "nd-router-advert",
            "router-solicitation" => "nd-router-solicit",
            "neighbour-advertisement" or "neighbor-advertisement" => "nd-neighbor-advert",
            "neighbour-solicitation" or "neighbor-solicitation" => "nd-neighbor-solicit",
            "redirect" when field == "icmpv6" => "nd-redirect",
            var other => other,
        };
        return NftNames.NumberOf(field + "_type", type) is { } number ? Terms.Is(field + " type", Terms.Constant((UInt128)number), option.IsInverted)
            : type.Contains('/', StringComparison.Ordinal) ? null
            : Numbers(field + " type", option);
    }

    private static IEnumerable<Statement> Target(string target, IReadOnlyList<RuleOption> options, Func<string, bool> isChain)
    {
        string? Value(string name) => options.FirstOrDefault(option => option.Name == name)?.Value;
        Statement Then(string name, string otherwise) => Verdict(Value(name) ?? otherwise);
        switch (target)
        {
            case "mark" when Terms.Number(Value("--mark-set") ?? "") is { } mark:
                return [new Statement.Assign("meta mark", Terms.Constant(mark)), Then("--mark-target", "ACCEPT")];
            case "mark" when Terms.Number(Value("--mark-or") ?? "") is { } bits:
                return [new Statement.Assign("meta mark", new Operand.Bits(Terms.Field("meta mark"), "|", Terms.Constant(bits))), Then("--mark-target", "ACCEPT")];
            case "mark" when Terms.Number(Value("--mark-and") ?? "") is { } mask:
                return [new Statement.Assign("meta mark", Terms.Masked(Terms.Field("meta mark"), mask)), Then("--mark-target", "ACCEPT")];
            case "dnat" when MacAddress.TryParse(Value("--to-dst") ?? Value("--to-destination"), out var destination):
                return [new Statement.Assign("ether daddr", Terms.Constant(destination.Value)), Then("--dnat-target", "ACCEPT")];
            case "snat" when MacAddress.TryParse(Value("--to-src") ?? Value("--to-source"), out var source):
                return [new Statement.Assign("ether saddr", Terms.Constant(source.Value)), Then("--snat-target", "ACCEPT")];
            case "redirect":
                return [new Statement.Assign("meta pkttype", Terms.Constant(0)), Then("--redirect-target", "ACCEPT")];
            default:
                return [isChain(target) ? new Statement.Decide(new Verdict(VerdictKind.Jump, target)) : Verdict(target)];
        }
    }

    private static Statement Verdict(string name) => name switch
    {
        "ACCEPT" => new Statement.Decide(new Verdict(VerdictKind.Accept)),
        "DROP" => new Statement.Decide(new Verdict(VerdictKind.Drop)),
        "RETURN" => new Statement.Decide(new Verdict(VerdictKind.Return)),
        "CONTINUE" => new Statement.Decide(new Verdict(VerdictKind.Continue)),
        _ => new Statement.Opaque($"-j {name}"),
    };
}

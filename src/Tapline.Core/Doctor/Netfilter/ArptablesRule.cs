using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Netfilter;

/// <summary>A rule of arptables; its target may stand anywhere in it, and comes last here.</summary>
internal static class ArptablesRule
{
    public static ValueList<Statement> Read(IReadOnlyList<RuleOption> options, Func<string, bool> isChain) =>
    [
        .. options.Where(option => option.Name is not ("-j" or "-c")).Select(option => Match(option) ?? Terms.Doubtful(option.Text)),
        .. options.Where(option => option.Name == "-j").Select(option => Target(option.Value, isChain)),
    ];

    private static Statement? Match(RuleOption option) => option.Name switch
    {
        "-i" => Terms.Is("meta iifname", Terms.Device(option.Value), option.IsInverted),
        "-o" => Terms.Is("meta oifname", Terms.Device(option.Value), option.IsInverted),
        "-s" => Terms.Address("arp saddr ip", option.Value, option.IsInverted),
        "-d" => Terms.Address("arp daddr ip", option.Value, option.IsInverted),
        "--src-mac" or "--source-mac" => Terms.Mac("arp saddr ether", option.Value, option.IsInverted),
        "--dst-mac" or "--destination-mac" => Terms.Mac("arp daddr ether", option.Value, option.IsInverted),
        "--opcode" => EbtablesRule.ArpOperation(option),
        "--h-length" or "--hlen" => Number("arp hlen", option),
        "--h-type" or "--htype" => Number("arp htype", option),
        "--proto-type" or "--ptype" => Number("arp ptype", option),
        _ => null,
    };

    private static Statement.Match? Number(string field, RuleOption option) =>
        Terms.Number(option.Value) is { } number ? Terms.Is(field, Terms.Constant(number), option.IsInverted) : null;

    private static Statement Target(string name, Func<string, bool> isChain) => name switch
    {
        _ when isChain(name) => new Statement.Decide(new Verdict(VerdictKind.Jump, name)),
        "ACCEPT" => new Statement.Decide(new Verdict(VerdictKind.Accept)),
        "DROP" => new Statement.Decide(new Verdict(VerdictKind.Drop)),
        "RETURN" => new Statement.Decide(new Verdict(VerdictKind.Return)),
        "CONTINUE" => new Statement.Decide(new Verdict(VerdictKind.Continue)),
        _ => new Statement.Opaque($"-j {name}"),
    };
}

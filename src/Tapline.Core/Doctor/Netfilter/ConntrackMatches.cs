namespace Tapline.Core.Doctor.Netfilter;

/// <summary>iptables' <c>state</c> and <c>conntrack</c>.</summary>
internal static class ConntrackMatches
{
    private const uint Translated = NatStep.SourceTranslated | NatStep.DestinationTranslated;

    public static Statement? Read(string family, RuleOption option) => option.Name switch
    {
        "--state" or "--ctstate" => State(option),
        "--ctstatus" => Status(option),
        "--ctdir" => Terms.Is("ct direction", Terms.Constant(option.Value == "REPLY" ? 1u : 0u), option.IsInverted),
        "--ctproto" => Terms.Protocol(option.Value) is { } protocol ? Terms.Is("ct protocol", Terms.Constant(protocol), option.IsInverted) : null,
        "--ctorigsrc" => Address("original", "saddr", family, option),
        "--ctorigdst" => Address("original", "daddr", family, option),
        "--ctreplsrc" => Address("reply", "saddr", family, option),
        "--ctrepldst" => Address("reply", "daddr", family, option),
        "--ctorigsrcport" => Port("ct original proto-src", option),
        "--ctorigdstport" => Port("ct original proto-dst", option),
        "--ctreplsrcport" => Port("ct reply proto-src", option),
        "--ctrepldstport" => Port("ct reply proto-dst", option),
        _ => null,
    };

    private static Statement.Match? State(RuleOption option)
    {
        var (states, translations) = (0u, 0u);
        foreach (var name in option.Value.Split(','))
        {
            switch (name)
            {
                case "SNAT":
                    translations |= NatStep.SourceTranslated;
                    break;
                case "DNAT":
                    translations |= NatStep.DestinationTranslated;
                    break;
                case "INVALID" or "NEW" or "RELATED" or "ESTABLISHED" or "UNTRACKED":
                    states |= TrackingReader.StateBit(name.ToLowerInvariant());
                    break;
                default:
                    return null;
            }
        }

        if (translations == 0)
        {
            return Terms.Any(Terms.Field("ct state"), states, option.IsInverted);
        }

        if (states == 0)
        {
            return Terms.Any(Terms.Field("ct status"), translations, option.IsInverted);
        }

        // Either of both: the status bits put beside the state's.
        var beside = new Operand.Bits(Terms.Masked(Terms.Field("ct status"), Translated), "<<", Terms.Constant(8));
        return Terms.Any(new Operand.Bits(beside, "|", Terms.Field("ct state")), states | (translations << 8), option.IsInverted);
    }

    private static Statement.Match? Status(RuleOption option)
    {
        var bits = 0u;
        foreach (var name in option.Value.Split(','))
        {
            if (name == "NONE")
            {
                continue;
            }

            if (NftNames.NumberOf("ct_status", name.ToLowerInvariant().Replace('_', '-')) is not { } number)
            {
                return null;
            }

            bits |= (uint)number;
        }

        return Terms.Any(Terms.Field("ct status"), bits, option.IsInverted);
    }

    private static Statement.Match? Address(string direction, string end, string family, RuleOption option) =>
        Terms.Address($"ct {direction} {family} {end}", option.Value, option.IsInverted);

    private static Statement.Match? Port(string field, RuleOption option) =>
        Terms.Numbers(option.Value) is { } ports ? Terms.Is(field, ports, option.IsInverted) : null;
}

using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Netfilter;

/// <summary>The targets of iptables and ip6tables.</summary>
internal sealed class IptablesTargets(string family)
{
    private readonly string _ip = family;

    /// <param name="target">Behind <c>-j</c>.</param>
    /// <param name="options">The target's.</param>
    /// <param name="chain">The rule's chain: built-in ones tell NETMAP what to map.</param>
    /// <param name="isChain">Whether a chain has the target's name.</param>
    public IEnumerable<Statement> Read(string target, IReadOnlyList<RuleOption> options, string chain, bool isChain) =>
        target == "CT" && !isChain ? Conntrack(options) : [One(target, options, chain, isChain)];

    private Statement One(string target, IReadOnlyList<RuleOption> options, string chain, bool isChain) => target switch
    {
        _ when isChain => new Statement.Decide(new Verdict(VerdictKind.Jump, target)),
        "ACCEPT" => new Statement.Decide(new Verdict(VerdictKind.Accept)),
        "DROP" => new Statement.Decide(new Verdict(VerdictKind.Drop)),
        "RETURN" => new Statement.Decide(new Verdict(VerdictKind.Return)),
        "QUEUE" or "NFQUEUE" => new Statement.Decide(new Verdict(VerdictKind.Queue)),
        "REJECT" => new Statement.Refuse(Value(options, "--reject-with") ?? ""),
        "SNAT" => Translation(TranslationKind.Source, Value(options, "--to-source")),
        "DNAT" => Translation(TranslationKind.Destination, Value(options, "--to-destination")),
        "MASQUERADE" => new Statement.Translate(TranslationKind.Masquerade, null, Ports(Value(options, "--to-ports"))),
        "REDIRECT" => new Statement.Translate(TranslationKind.Redirect, null, Ports(Value(options, "--to-ports"))),
        "NETMAP" => Netmap(Value(options, "--to"), chain),
        "MARK" => (Statement?)Mark("meta mark", options) ?? Opaque(target, options),
        "CONNMARK" => (Statement?)ConnectionMark(options) ?? Opaque(target, options),
        "NOTRACK" => new Statement.Untrack(),
        "TTL" or "HL" => TimeToLive(target, options),
        "DSCP" or "TOS" => (Statement?)ServiceClass(options) ?? Opaque(target, options),
        "LOG" or "NFLOG" or "ULOG" or "TRACE" or "CHECKSUM" or "TCPMSS" or "TCPOPTSTRIP" or "CLASSIFY" or "ECN" or "AUDIT"
            or "SECMARK" or "CONNSECMARK" or "RATEEST" or "IDLETIMER" or "LED" or "SET" or "TEE" or "HMARK" => new Statement.Passive($"-j {target}"),
        _ => Opaque(target, options),
    };

    private static Statement.Opaque Opaque(string target, IEnumerable<RuleOption> options) =>
        new($"-j {target} {string.Join(' ', options.Select(option => option.Text))}".TrimEnd());

    private static string? Value(IEnumerable<RuleOption> options, string name) => options.FirstOrDefault(option => option.Name == name)?.Value;

    private static Operand? Ports(string? text) => text is null ? null : Terms.Numbers(text) ?? new Operand.Unreadable(text);

    /// <summary>ADDRESS, ADDRESS-ADDRESS, each with :PORT or :PORT-PORT; IPv6 with brackets before a port; :PORT alone.</summary>
    private Statement Translation(TranslationKind kind, string? to)
    {
        if (to is null)
        {
            return new Statement.Opaque($"translation without an address");
        }

        var (address, port) = (to, (string?)null);
        var close = to.IndexOf(']', StringComparison.Ordinal);
        if (close >= 0)
        {
            address = to[1..close];
            port = close + 1 < to.Length ? to[(close + 2)..] : null;
        }
        else if (_ip == "ip" && to.IndexOf(':', StringComparison.Ordinal) is var colon and >= 0)
        {
            (address, port) = (to[..colon], to[(colon + 1)..]);
        }

        return new Statement.Translate(kind, address.Length == 0 ? null : Addresses(address), Ports(port));
    }

    private static Operand Addresses(string text)
    {
        var ends = text.Split('-');
        return IpAddress.TryParse(ends[0], out var low) && IpAddress.TryParse(ends[^1], out var high)
            ? low == high ? Terms.Constant(low.Bits) : new Operand.Range(FieldValue.Of(low.Bits), FieldValue.Of(high.Bits))
            : new Operand.Unreadable(text);
    }

    /// <summary>The prefix's bits are replaced, the host's stay.</summary>
    private Statement Netmap(string? to, string chain)
    {
        if (!IpPrefix.TryParse(to, out var prefix))
        {
            return new Statement.Opaque($"-j NETMAP --to {to}");
        }

        var kind = chain is "PREROUTING" or "OUTPUT" ? TranslationKind.Destination : TranslationKind.Source;
        var host = prefix.Last.Bits ^ prefix.First.Bits;
        var field = _ip + (kind == TranslationKind.Destination ? " daddr" : " saddr");
        return new Statement.Translate(kind, new Operand.Bits(Terms.Masked(Terms.Field(field), host), "|", Terms.Constant(prefix.First.Bits)), null);
    }

    /// <summary>VALUE/MASK: the mask's bits are cleared, then the value is xored in.</summary>
    private static Statement.Assign? Mark(string field, IReadOnlyList<RuleOption> options) => options switch
    {
        [{ Name: "--set-xmark" or "--set-mark", Value: var text }] when Numbers(text) is var (value, mask) =>
            new Statement.Assign(field, mask == uint.MaxValue
                ? Terms.Constant(value)
                : new Operand.Bits(Terms.Masked(Terms.Field(field), ~mask), "^", Terms.Constant(value))),
        _ => null,
    };

    private static Statement.Assign? ConnectionMark(IReadOnlyList<RuleOption> options)
    {
        var packet = Masked("meta mark", Value(options, "--nfmask"));
        var connection = Masked("ct mark", Value(options, "--ctmask"));
        return options.Count == 0 ? null : options[0].Name switch
        {
            "--set-xmark" or "--set-mark" => Mark("ct mark", options),
            "--save-mark" => new Statement.Assign("ct mark", Mixed("ct mark", Value(options, "--ctmask"), packet)),
            "--restore-mark" => new Statement.Assign("meta mark", Mixed("meta mark", Value(options, "--nfmask"), connection)),
            _ => null,
        };
    }

    private static Operand Masked(string field, string? mask) =>
        (mask is null ? null : Terms.Number(mask)) is { } bits and not uint.MaxValue ? Terms.Masked(Terms.Field(field), bits) : Terms.Field(field);

    private static Operand Mixed(string field, string? mask, Operand with) =>
        (mask is null ? null : Terms.Number(mask)) is { } bits and not uint.MaxValue
            ? new Operand.Bits(Terms.Masked(Terms.Field(field), ~bits), "^", with)
            : with;

    private static (uint Value, uint Mask)? Numbers(string text) => text.Split('/') switch
    {
        [var value] when Terms.Number(value) is { } number => (number, uint.MaxValue),
        [var value, var mask] when Terms.Number(value) is { } number && Terms.Number(mask) is { } bits => (number, bits),
        _ => null,
    };

    /// <summary>All but "notrack" gives the packet a template of a connection, if only for a helper; what is untracked already stays so.</summary>
    private static IEnumerable<Statement> Conntrack(IReadOnlyList<RuleOption> options)
    {
        if (options.Any(option => option.Name == "--notrack"))
        {
            return [new Statement.Untrack()];
        }

        var zone = Value(options, "--zone") ?? "0";
        var value = zone == "mark" ? Terms.Masked(Terms.Field("meta mark"), 0xffff)
            : Terms.Number(zone) is { } number ? (Operand)Terms.Constant(number)
            : null;
        return value is null || options.Any(option => option.Name is "--zone-orig" or "--zone-reply")
            ? [Opaque("CT", options)]
            : [Terms.Any(Terms.Field("ct state"), TrackingReader.StateBit("untracked"), inverted: true), new Statement.Assign("ct zone", value)];
    }

    /// <summary>The type of service's upper six bits are the DSCP; of VALUE/MASK the mask's bits are cleared, then the value is xored in.</summary>
    private Statement.Assign? ServiceClass(IReadOnlyList<RuleOption> options)
    {
        var field = _ip + " dscp";
        return options switch
        {
            [{ Name: "--set-dscp", Value: var text }] when Terms.Number(text) is { } dscp => new Statement.Assign(field, Terms.Constant(dscp)),
            [{ Name: "--set-tos", Value: var text }] when Numbers(text) is var (value, mask) =>
                new Statement.Assign(field, new Operand.Bits(Terms.Masked(Terms.Field(field), ~mask >> 2 & 0x3f), "^", Terms.Constant(value >> 2))),
            _ => null,
        };
    }

    private Statement TimeToLive(string target, IReadOnlyList<RuleOption> options)
    {
        var field = _ip == "ip" ? "ip ttl" : "ip6 hoplimit";
        return options is not [{ Name: var name, Value: var text }] || Terms.Number(text) is not { } value ? Opaque(target, options) : name switch
        {
            "--ttl-set" or "--hl-set" => new Statement.Assign(field, Terms.Constant(value)),
            "--ttl-inc" or "--hl-inc" => new Statement.Assign(field, new Operand.Bits(Terms.Field(field), "+", Terms.Constant(value))),
            "--ttl-dec" or "--hl-dec" => new Statement.Assign(field, new Operand.Bits(Terms.Field(field), "-", Terms.Constant(value))),
            _ => Opaque(target, options),
        };
    }
}

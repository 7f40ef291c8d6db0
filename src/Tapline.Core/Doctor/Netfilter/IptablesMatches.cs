using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Netfilter;

/// <summary>The matches of iptables and ip6tables; an option that is not understood may hold or not.</summary>
internal sealed class IptablesMatches(string family, IReadOnlyDictionary<string, Ipset> ipsets)
{
    private readonly string _ip = family;

    /// <summary>Options before any <c>-m</c>.</summary>
    public Statement Basic(RuleOption option) => option.Name switch
    {
        "-s" => Terms.Address(_ip + " saddr", option.Value, option.IsInverted) ?? Terms.Doubtful(option.Text),
        "-d" => Terms.Address(_ip + " daddr", option.Value, option.IsInverted) ?? Terms.Doubtful(option.Text),
        "-i" => Terms.Is("meta iifname", Terms.Device(option.Value), option.IsInverted),
        "-o" => Terms.Is("meta oifname", Terms.Device(option.Value), option.IsInverted),
        "-p" when option.Value is "all" or "0" => option.IsInverted ? Terms.Never("meta l4proto") : new Statement.Passive(option.Text),
        "-p" when Terms.Protocol(option.Value) is { } protocol => Terms.Is("meta l4proto", Terms.Constant(protocol), option.IsInverted),

        // Later fragments: none is traced.
        "-f" => option.IsInverted ? new Statement.Passive(option.Text) : Terms.Never("meta l4proto"),
        _ => Terms.Doubtful(option.Text),
    };

    /// <summary>The options of one <c>-m MODULE</c>.</summary>
    public IEnumerable<Statement> Module(string module, IReadOnlyList<RuleOption> options) => module switch
    {
        "comment" => [new Statement.Passive($"-m comment {string.Join(' ', options.Select(option => option.Text))}")],
        "addrtype" when options.Any(option => option.Name.StartsWith("--limit-iface", StringComparison.Ordinal)) => [Doubtful(module, options)],
        "limit" or "hashlimit" or "statistic" or "recent" or "time" or "u32" or "bpf" or "string" or "owner" or "quota" or "connlimit"
            or "socket" or "policy" or "connbytes" or "tcpmss" or "cgroup" => [Doubtful(module, options)],
        "rpfilter" when _ip == "ip" => [Terms.Is(FibReader.ReversePath(options), Terms.Constant(1), inverted: options.Any(option => option.Name == "--invert"))],
        "rpfilter" => [Doubtful(module, options)],
        _ when options.Count == 0 => module is "tcp" or "udp" or "icmp" or "icmp6" or "sctp" or "physdev" ? [] : [Doubtful(module, options)],
        _ => options.Select(option => Read(module, option) ?? Doubtful(module, [option])),
    };

    private Statement? Read(string module, RuleOption option) => (module, option.Name) switch
    {
        ("tcp" or "udp" or "udplite" or "sctp" or "dccp", "--sport" or "--source-port") => Port(module + " sport", option),
        ("tcp" or "udp" or "udplite" or "sctp" or "dccp", "--dport" or "--destination-port") => Port(module + " dport", option),
        ("tcp", "--tcp-flags") => TcpFlags(option.Arguments, option.IsInverted),
        ("tcp", "--syn") => TcpFlags(["FIN,SYN,RST,ACK", "SYN"], option.IsInverted),
        ("multiport", _) => Multiport(option),
        ("icmp", "--icmp-type") => Icmp("icmp", option),
        ("icmp6", "--icmpv6-type") => Icmp("icmpv6", option),
        ("physdev", "--physdev-in") => Terms.Is("physdev in", Terms.Device(option.Value), option.IsInverted),
        ("physdev", "--physdev-out") => Terms.Is("physdev out", Terms.Device(option.Value), option.IsInverted),
        ("physdev", "--physdev-is-in" or "--physdev-is-out" or "--physdev-is-bridged") =>
            Terms.Is("physdev " + option.Name["--physdev-".Length..], Terms.Constant(1), option.IsInverted),
        ("state" or "conntrack", _) => ConntrackMatches.Read(_ip, option),
        ("set", "--match-set") => SetMatch(option),
        ("mac", "--mac-source") => Terms.Mac("ether saddr", option.Value, option.IsInverted),
        ("mark", "--mark") => Terms.Mark("meta mark", option.Value, option.IsInverted),
        ("connmark", "--mark") => Terms.Mark("ct mark", option.Value, option.IsInverted),
        ("addrtype", "--src-type") => AddressType("fib saddr type", option),
        ("addrtype", "--dst-type") => AddressType("fib daddr type", option),
        ("pkttype", "--pkt-type") => Named("meta pkttype", "pkt_type", option),
        ("iprange", "--src-range") => AddressRange(_ip + " saddr", option),
        ("iprange", "--dst-range") => AddressRange(_ip + " daddr", option),
        ("length", "--length") => Terms.Numbers(option.Value) is { } length ? Terms.Is("meta length", length, option.IsInverted) : null,
        ("ttl", _) => TimeToLive("ip ttl", option),
        ("hl", _) => TimeToLive("ip6 hoplimit", option),
        ("dscp", "--dscp") => Terms.Number(option.Value) is { } dscp ? Terms.Is(_ip + " dscp", Terms.Constant(dscp), option.IsInverted) : null,
        ("tos", "--tos") => TypeOfService(option),
        _ => null,
    };

    private static Statement.Match Doubtful(string module, IReadOnlyList<RuleOption> options) =>
        Terms.Doubtful($"-m {module} {string.Join(' ', options.Select(option => option.Text))}".TrimEnd());

    private static Statement.Match? Port(string field, RuleOption option) =>
        Terms.Numbers(option.Value) is { } ports ? Terms.Is(field, ports, option.IsInverted) : null;

    private static Statement.Match? TcpFlags(IReadOnlyList<string> arguments, bool inverted) =>
        arguments is [var mask, var set] && Flags(mask) is { } of && Flags(set) is { } are
            ? Terms.Is(Terms.Masked(Terms.Field("tcp flags"), of), Terms.Constant(are), inverted)
            : null;

    private static UInt128? Flags(string names)
    {
        var sum = UInt128.Zero;
        foreach (var name in names.Split(','))
        {
            var number = name switch { "NONE" => 0, "ALL" => 63, _ => NftNames.NumberOf("tcp_flag", name.ToLowerInvariant()) };
            if (number is null)
            {
                return null;
            }

            sum |= (UInt128)number.Value;
        }

        return sum;
    }

    private static Statement? Multiport(RuleOption option)
    {
        var ports = option.Value.Split(',').Select(Terms.Numbers).ToList();
        var any = new Operand.Range(FieldValue.Of(0), FieldValue.Of(65535));
        if (ports.Contains(null))
        {
            return null;
        }

        return option.Name switch
        {
            "--sports" or "--source-ports" => In(Terms.Field("th sport"), ports.Select(port => port!)),
            "--dports" or "--destination-ports" => In(Terms.Field("th dport"), ports.Select(port => port!)),
            "--ports" => In(
                new Operand.Tuple([Terms.Field("th sport"), Terms.Field("th dport")]),
                ports.SelectMany(port => new Operand[] { new Operand.Tuple([port!, any]), new Operand.Tuple([any, port!]) })),
            _ => null,
        };

        Statement In(Operand left, IEnumerable<Operand> keys) =>
            Terms.Is(left, new Operand.Elements([.. keys.Select(key => new SetElement(key))]), option.IsInverted);
    }

    /// <summary>TYPE or TYPE/CODE by number, a name, or any.</summary>
    private static Statement? Icmp(string field, RuleOption option)
    {
        var parts = option.Value.Split('/');
        if (parts[0] is "any" or "255")
        {
            return option.IsInverted ? Terms.Never(field + " type") : new Statement.Passive(option.Text);
        }

        var number = Terms.Number(parts[0]) ?? (NftNames.NumberOf(field + "_type", parts[0]) is { } named ? (uint)named : null);
        return number is not { } type ? null
            : parts.Length == 1 ? Terms.Is(field + " type", Terms.Constant(type), option.IsInverted)
            : Terms.Number(parts[1]) is { } code
                ? Terms.Is(
                    new Operand.Tuple([Terms.Field(field + " type"), Terms.Field(field + " code")]),
                    new Operand.Tuple([Terms.Constant(type), Terms.Constant(code)]),
                    option.IsInverted)
            : null;
    }

    private static Statement.Match? AddressType(string field, RuleOption option)
    {
        var numbers = option.Value.Split(',').Select(name => NftNames.NumberOf("fib_addrtype", name.ToLowerInvariant())).ToList();
        return numbers.Contains(null) ? null
            : Terms.Is(Terms.Field(field), new Operand.Elements([.. numbers.Select(number => new SetElement(Terms.Constant((UInt128)number!)))]), option.IsInverted);
    }

    private static Statement.Match? Named(string field, string type, RuleOption option) =>
        NftNames.NumberOf(type, option.Value) is { } number ? Terms.Is(field, Terms.Constant((UInt128)number), option.IsInverted) : null;

    private static Statement.Match? AddressRange(string field, RuleOption option) =>
        option.Value.Split('-') is [var from, var to] && IpAddress.TryParse(from, out var low) && IpAddress.TryParse(to, out var high)
            ? Terms.Is(field, new Operand.Range(FieldValue.Of(low.Bits), FieldValue.Of(high.Bits)), option.IsInverted)
            : null;

    private static Statement.Match? TimeToLive(string field, RuleOption option) => (Terms.Number(option.Value), option.Name[^3..]) switch
    {
        ({ } value, "-eq") => Terms.Is(field, Terms.Constant(value), option.IsInverted),
        ({ } value, "-lt") => new Statement.Match(Terms.Field(field), Comparison.Less, Terms.Constant(value)),
        ({ } value, "-gt") => new Statement.Match(Terms.Field(field), Comparison.Greater, Terms.Constant(value)),
        _ => null,
    };

    /// <summary>The type of service's upper six bits are the DSCP; the lower two (ECN) are 0 in what a question asks about.</summary>
    private Statement.Match? TypeOfService(RuleOption option) =>
        option.Value.Split('/') is [var value, .. var masks] && Terms.Number(value) is { } wanted && (masks is [] ? 0xff : Terms.Number(masks[0])) is { } bits
            ? Terms.Is(
                Terms.Masked(new Operand.Bits(Terms.Field(_ip + " dscp"), "<<", Terms.Constant(2)), bits), Terms.Constant(wanted), option.IsInverted)
            : null;

    /// <summary>A set of ipset's kind: which fields its parts are follows from the set's type and the directions.</summary>
    private Statement.Match? SetMatch(RuleOption option)
    {
        if (option.Arguments is not [var name, var directions] || !ipsets.TryGetValue(name, out var set))
        {
            return null;
        }

        var ends = directions.Split(',');
        if (ends.Length < set.Parts.Count)
        {
            return null;
        }

        var fields = set.Parts.SelectMany((part, index) => FieldsOf(part, ends[index] == "src")).Select(field => (Operand)Terms.Field(field)).ToValueList();

        // An IPv4 packet is in no IPv6 set.
        var elements = set.IsV6 == (_ip == "ip6") || set.Parts is ["port"] or ["mac"] ? (Operand)new Operand.Named(name) : new Operand.Elements([]);
        return Terms.Is(fields is [var only] ? only : new Operand.Tuple(fields), elements, option.IsInverted);
    }

    private IEnumerable<string> FieldsOf(string part, bool source) => part switch
    {
        "ip" or "net" or "set" => [_ip + (source ? " saddr" : " daddr")],
        "port" => ["meta l4proto", source ? "ipset sport" : "ipset dport"],
        "mac" => [source ? "ether saddr" : "ether daddr"],
        "iface" => source ? ["meta iifname", "physdev in"] : ["meta oifname", "physdev out"],
        _ => ["meta mark"],
    };
}

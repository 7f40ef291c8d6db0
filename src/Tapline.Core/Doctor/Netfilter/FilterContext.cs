using Tapline.Core.Doctor.Routing;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Netfilter;

/// <summary>A packet at a hook, with what the kernel knows around it.</summary>
public sealed record FilterContext
{
    public required Packet Packet { get; init; }

    /// <summary>The family whose hook it is at: <c>ip</c>, <c>ip6</c>, <c>arp</c>, <c>bridge</c> or <c>netdev</c>; chains of family inet serve ip and ip6.</summary>
    public required string Family { get; init; }

    public required HookPoint Hook { get; init; }

    /// <summary>The device it came by (a bridge's own name when br_netfilter calls an IP hook); null for what this host sends.</summary>
    public string? In { get; init; }

    /// <summary>The device it leaves by, where that is known at this hook.</summary>
    public string? Out { get; init; }

    /// <summary>Whom it is sent to there: a gateway, or its destination; null where no way has been sought yet.</summary>
    public IpAddress? NextHop { get; init; }

    /// <summary>Bridged frames at IP hooks: the bridge ports.</summary>
    public string? PhysicalIn { get; init; }

    public string? PhysicalOut { get; init; }

    /// <summary>The bridge whose ports these are, in family bridge.</summary>
    public string? Bridge { get; init; }

    /// <summary>To whom the frame is addressed: <c>host</c>, <c>broadcast</c>, <c>multicast</c>, <c>other</c>.</summary>
    public string PacketType { get; init; } = "host";

    /// <summary>Addresses of the device it leaves by, else all of the namespace that may leave it: masquerade takes the first that fits.</summary>
    public ValueList<IpAddress> OutAddresses { get; init; }

    /// <summary>Addresses of the device it came by: redirect takes the first that fits.</summary>
    public ValueList<IpAddress> InAddresses { get; init; }

    /// <summary>All addresses of the namespace: what <c>fib daddr type local</c> and <c>addrtype</c> ask for.</summary>
    public ValueList<IpAddress> LocalAddresses { get; init; }

    /// <summary>The broadcast addresses of the namespace's subnets; what is neither here nor local nor multicast is unicast.</summary>
    public ValueList<IpAddress> BroadcastAddresses { get; init; }

    /// <summary>How the routes of the namespace answer; null where they are not known.</summary>
    public Func<RouteQuery, RouteAnswer>? Routes { get; init; }

    /// <summary>The connections of this namespace: those that the host had, and those that packets of this trace have begun.</summary>
    public ConnectionTable Connections { get; init; } = ConnectionTable.Empty;

    /// <summary>What this packet is to conntrack; set once it has passed conntrack, kept until it leaves the namespace's stack.</summary>
    public Tracking? Tracking { get; init; }
}

/// <summary>What became of a packet at a hook.</summary>
public sealed record FilterResult
{
    public required FilterFate Fate { get; init; }

    /// <summary>As it goes on: marks set, addresses translated.</summary>
    public required Packet Packet { get; init; }

    public Tracking? Tracking { get; init; }

    public ConnectionTable Connections { get; init; } = ConnectionTable.Empty;

    /// <summary>The rule, policy or shortcoming that decided; null where nothing had a say.</summary>
    public FilterStep? Decision { get; init; }

    /// <summary>All rules that matched, in order: jumps, translations, verdicts.</summary>
    public ValueList<FilterStep> Passed { get; init; }

    /// <summary>Set where the fate is unknown: what was not understood.</summary>
    public string? Unknown { get; init; }
}

/// <summary>A packet's fate at a hook.</summary>
public enum FilterFate
{
    Accept,
    Drop,

    /// <summary>Dropped, and the sender is told.</summary>
    Reject,
    Unknown,
}

/// <summary>A rule that a packet met, or a chain's policy (then without a rule).</summary>
public sealed record FilterStep(FilterTable Table, FilterChain Chain, FilterRule? Rule)
{
    /// <summary>Family, table and chain, as nft names them.</summary>
    public string Place => $"{Table.Family} {Table.Name} {Chain.Name}";

    /// <summary>Which rule of which program; of a policy, which chain's.</summary>
    public string Words => $"{(Rule is { } rule ? $"the rule '{rule.Text}'" : "the policy")} ({Table.Program}, {Place})";

    /// <summary>Whether it gives packets another destination, or keeps them where they are.</summary>
    public bool TurnsDestination => Translates(TranslationKind.Destination) || Translates(TranslationKind.Redirect);

    /// <summary>Whether it gives packets another source.</summary>
    public bool TurnsSource => Translates(TranslationKind.Source) || Translates(TranslationKind.Masquerade);

    private bool Translates(TranslationKind kind) => Rule is { } rule && rule.Statements.OfType<Statement.Translate>().Any(translate => translate.Kind == kind);
}

using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Netfilter;

/// <summary>All that filters and rewrites in one network namespace, of nftables and of the iptables family alike, in nftables' words.</summary>
/// <param name="Tables">In no order: hooks run by priority.</param>
public sealed record Ruleset(ValueList<FilterTable> Tables)
{
    public static Ruleset Empty { get; } = new([]);
}

/// <summary>A table with its chains and sets; verdicts and sets reach no further than their table.</summary>
public sealed record FilterTable
{
    /// <summary><c>ip</c>, <c>ip6</c>, <c>inet</c>, <c>arp</c>, <c>bridge</c> or <c>netdev</c>.</summary>
    public required string Family { get; init; }

    public required string Name { get; init; }

    /// <summary>The program whose words mend it: <c>nft</c>, <c>iptables-legacy</c>, <c>iptables-nft</c>, <c>ip6tables-legacy</c>, <c>ebtables-nft</c> …</summary>
    public required string Program { get; init; }

    /// <summary>Its chains are not called.</summary>
    public bool IsDormant { get; init; }

    public ValueList<FilterChain> Chains { get; init; }

    public ValueList<FilterSet> Sets { get; init; }
}

/// <summary>A chain: one that the kernel calls at a hook, or one that rules jump to.</summary>
public sealed record FilterChain
{
    public required string Name { get; init; }

    /// <summary>Null for a chain that only rules jump to.</summary>
    public ChainHook? Hook { get; init; }

    public ValueList<FilterRule> Rules { get; init; }
}

/// <summary>Where and when the kernel calls a chain.</summary>
/// <param name="Type"><c>filter</c>, <c>nat</c> or <c>route</c>.</param>
/// <param name="Point">The hook.</param>
/// <param name="Priority">Lower first.</param>
/// <param name="Drops">The policy: what no rule decided is dropped.</param>
/// <param name="Device">Ingress and egress: the device (several with commas); null where it is not known, as nft 1.0.6 does not show it in JSON.</param>
public sealed record ChainHook(string Type, HookPoint Point, int Priority, bool Drops, string? Device = null);

/// <summary>The kernel's hooks.</summary>
public enum HookPoint
{
    Prerouting,
    Input,
    Forward,
    Output,
    Postrouting,
    Ingress,
    Egress,
}

/// <summary>
/// A rule: statements from left to right until one does not match or decides. What it says is read when it is first asked for: a host
/// with 200 ports has thousands of rules, of which a packet meets a few.
/// </summary>
/// <param name="position">1 for the first of its chain.</param>
/// <param name="handle">Null for what is not nft's.</param>
/// <param name="read">Takes it apart; called once at most.</param>
public sealed class FilterRule(int position, long? handle, Func<RuleBody> read) : IEquatable<FilterRule>
{
    private readonly Lazy<RuleBody> _body = new(read);

    /// <summary>1 for the first of its chain: iptables deletes by it.</summary>
    public int Position => position;

    /// <summary>nft deletes by it.</summary>
    public long? Handle => handle;

    /// <summary>As its own program shows it, without counters: what the reader of a verdict will find on the host.</summary>
    public string Text => _body.Value.Text;

    /// <summary>How many packets have matched; null where it does not count.</summary>
    public long? Packets => _body.Value.Packets;

    public ValueList<Statement> Statements => _body.Value.Statements;

    public bool Equals(FilterRule? other) => ReferenceEquals(this, other)
        || (other is not null && Position == other.Position && Handle == other.Handle && _body.Value == other._body.Value);

    public override bool Equals(object? obj) => Equals(obj as FilterRule);

    public override int GetHashCode() => HashCode.Combine(Position, Handle);
}

/// <summary>What a rule says.</summary>
/// <param name="Text">As its own program shows it, without counters.</param>
/// <param name="Packets">How many have matched; null where it does not count.</param>
/// <param name="Statements">From left to right.</param>
public sealed record RuleBody(string Text, long? Packets, ValueList<Statement> Statements);

/// <summary>A named set, map or verdict map; an ipset of iptables' kind as well.</summary>
public sealed record FilterSet
{
    public required string Name { get; init; }

    public ValueList<SetElement> Elements { get; init; }

    /// <summary>Holds what can not be taken apart: looking into it gives unknown.</summary>
    public string? Unreadable { get; init; }
}

/// <summary>An element of a set; of a map with its value, of a verdict map with its verdict.</summary>
/// <param name="Key">What it is for.</param>
/// <param name="Value">Of a map.</param>
/// <param name="Verdict">Of a verdict map.</param>
/// <param name="Excluded">What it is for is not in the set: ipset's <c>nomatch</c>. The first element that fits decides.</param>
public sealed record SetElement(Operand Key, Operand? Value = null, Verdict? Verdict = null, bool Excluded = false);

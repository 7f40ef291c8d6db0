namespace Tapline.Core.Doctor.Netfilter;

/// <summary>A part of a rule: a condition, a change of the packet, or a decision.</summary>
public abstract record Statement
{
    /// <summary>The rule goes on only where it holds.</summary>
    public sealed record Match(Operand Left, Comparison By, Operand Right) : Statement;

    /// <summary>The verdict of a rule that has come this far.</summary>
    public sealed record Decide(Verdict Verdict) : Statement;

    /// <summary><c>KEY vmap { … }</c> or <c>vmap @name</c>; where no element matches, the rule ends without a verdict.</summary>
    public sealed record Dispatch(Operand Key, Operand Map) : Statement;

    /// <summary>Address translation: this connection's binding, and accept.</summary>
    /// <param name="Kind">What of.</param>
    /// <param name="Address">Null for masquerade and redirect, and where only ports are translated.</param>
    /// <param name="Port">Null to keep it where possible.</param>
    public sealed record Translate(TranslationKind Kind, Operand? Address, Operand? Port) : Statement;

    /// <summary>Dropped, and the sender is told.</summary>
    /// <param name="With">As its program has it: <c>icmp-port-unreachable</c>, <c>tcp-reset</c> …</param>
    public sealed record Refuse(string With) : Statement;

    /// <summary>Sets a field: <c>meta mark set</c>, <c>ct zone set</c>, <c>ct mark set</c>, <c>ether daddr set</c> …</summary>
    public sealed record Assign(string Field, Operand Value) : Statement;

    /// <summary>The packet will not be tracked.</summary>
    public sealed record Untrack : Statement;

    /// <summary>Counts, logs, comments: no part in the packet's fate.</summary>
    public sealed record Passive(string Text) : Statement;

    /// <summary>Something that is not understood: it may match or not and do anything.</summary>
    public sealed record Opaque(string Text) : Statement;
}

/// <summary>How a <see cref="Statement.Match"/> compares.</summary>
public enum Comparison
{
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,

    /// <summary>Is in the set; of bits: any of them (as <c>ct state established,related</c>).</summary>
    In,
    NotIn,
}

/// <summary>Kinds of address translation.</summary>
public enum TranslationKind
{
    Source,
    Destination,
    Masquerade,
    Redirect,
}

/// <summary>What becomes of a packet, or where its rules go on.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Chain">Of jump and goto.</param>
public sealed record Verdict(VerdictKind Kind, string? Chain = null);

/// <summary>nftables' verdicts; a queue's is up to a program, so unknown.</summary>
public enum VerdictKind
{
    Accept,
    Drop,
    Continue,
    Return,
    Jump,
    Goto,
    Queue,
}

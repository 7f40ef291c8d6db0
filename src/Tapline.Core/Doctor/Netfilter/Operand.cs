using System.Globalization;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Netfilter;

/// <summary>A value, or what gives one for a packet.</summary>
public abstract record Operand
{
    public sealed record Constant(FieldValue Value) : Operand;

    /// <summary>From one to the other, both included: ranges and prefixes.</summary>
    public sealed record Range(FieldValue Low, FieldValue High) : Operand;

    /// <summary>An anonymous set or map; an element with the key <c>*</c> is for what no other is for.</summary>
    public sealed record Elements(ValueList<SetElement> Items) : Operand;

    /// <summary>A set or map of the rule's table by name.</summary>
    public sealed record Named(string Set) : Operand;

    /// <summary>A concatenation.</summary>
    public sealed record Tuple(ValueList<Operand> Parts) : Operand;

    /// <summary>
    /// Something of the packet or around it, in nft's words: <c>meta iifname</c>, <c>ip saddr</c>, <c>th dport</c>, <c>ct state</c>,
    /// <c>icmp type</c>, <c>arp operation</c>; iptables' own: <c>physdev in</c>, <c>physdev out</c>, <c>physdev is-bridged</c>.
    /// </summary>
    public sealed record Field(string Name) : Operand;

    /// <summary>
    /// <c>&amp;</c>, <c>|</c>, <c>^</c>, <c>&lt;&lt;</c> or <c>&gt;&gt;</c> of two others; the right one is a number but where marks are copied by a mask.
    /// <c>+</c> and <c>-</c> are a TTL's: they stop at 255 and 0 (net/netfilter/xt_HL.c).
    /// </summary>
    public sealed record Bits(Operand Left, string Operator, Operand Right) : Operand;

    /// <summary>The value that a map gives for a key.</summary>
    public sealed record Lookup(Operand Key, Operand Map) : Operand;

    /// <summary>What is not understood.</summary>
    public sealed record Unreadable(string Text) : Operand;
}

/// <summary>A field's value: a number (addresses and MACs too), or a name (an interface; <c>*</c> at its end stands for any rest).</summary>
public readonly record struct FieldValue(UInt128 Number, string? Name)
{
    public static FieldValue Of(UInt128 number) => new(number, null);

    public static FieldValue Of(string name) => new(0, name);

    public override string ToString() => Name ?? Number.ToString(CultureInfo.InvariantCulture);
}

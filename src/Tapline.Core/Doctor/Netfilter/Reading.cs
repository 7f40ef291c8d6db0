using System.Collections.Immutable;

namespace Tapline.Core.Doctor.Netfilter;

/// <summary>What an operand gives for a packet: values (several of a concatenation), nothing because the packet has no such part, or unknown.</summary>
internal readonly record struct Reading
{
    private Reading(ImmutableArray<FieldValue> values, bool isAbsent, string? unknown)
    {
        Values = values;
        IsAbsent = isAbsent;
        Why = unknown;
    }

    /// <summary>The packet has no such part: a condition on it does not hold, whatever it compares.</summary>
    public static Reading Absent { get; } = new([], isAbsent: true, null);

    public ImmutableArray<FieldValue> Values { get; }

    public bool IsAbsent { get; }

    /// <summary>What could not be told; null where it could.</summary>
    public string? Why { get; }

    public UInt128 Number => Values[0].Number;

    public static Reading Of(UInt128 number) => new([FieldValue.Of(number)], isAbsent: false, null);

    public static Reading Of(int number) => Of((UInt128)(uint)number);

    public static Reading Of(string name) => new([FieldValue.Of(name)], isAbsent: false, null);

    public static Reading Of(FieldValue value) => new([value], isAbsent: false, null);

    public static Reading Of(bool value) => Of(value ? UInt128.One : UInt128.Zero);

    public static Reading Unknown(string why) => new([], isAbsent: false, why);

    /// <summary>One after the other.</summary>
    public Reading With(Reading next) =>
        IsAbsent || next.IsAbsent ? Absent
        : Why is not null ? this
        : next.Why is not null ? next
        : new Reading([.. Values, .. next.Values], isAbsent: false, null);
}

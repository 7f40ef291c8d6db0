using System.Globalization;

namespace Tapline.Core.Primitives;

/// <summary>A point in the store's history: grows by one with each committed transaction, never repeats in one store.</summary>
public readonly record struct Revision(long Value) : IComparable<Revision>
{
    public static Revision None => default;

    public int CompareTo(Revision other) => Value.CompareTo(other.Value);

    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);

    public static bool operator <(Revision left, Revision right) => left.Value < right.Value;

    public static bool operator >(Revision left, Revision right) => left.Value > right.Value;

    public static bool operator <=(Revision left, Revision right) => left.Value <= right.Value;

    public static bool operator >=(Revision left, Revision right) => left.Value >= right.Value;
}

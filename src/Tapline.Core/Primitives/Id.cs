using System.Buffers;

namespace Tapline.Core.Primitives;

/// <summary>The UUID of a resource of type <typeparamref name="T"/>; prints in the hyphenated lower-case form that OpenStack uses.</summary>
public readonly record struct Id<T>(Guid Value) : IComparable<Id<T>>
{
    private static readonly SearchValues<char> Characters = SearchValues.Create("0123456789abcdefABCDEF-");

    /// <summary>The first 11 characters, as OpenStack puts them behind <c>tap</c>, <c>qbr</c>, <c>qr-</c> …</summary>
    public string Short
    {
        get
        {
            Span<char> text = stackalloc char[36];
            Value.TryFormat(text, out _, "D");
            return text[..11].ToString();
        }
    }

    public static Id<T> Parse(string text) =>
        TryParse(text, out var id) ? id : throw new FormatException($"'{text}' is not a UUID.");

    /// <summary>Accepts the hyphenated form alone.</summary>
    public static bool TryParse(string? text, out Id<T> id)
    {
        // .NET also takes spaces around it, and signs and 0x in the parts.
        var value = Guid.Empty;
        var ok = text is { Length: 36 } && text.AsSpan().IndexOfAnyExcept(Characters) < 0 && Guid.TryParseExact(text, "D", out value);
        id = new Id<T>(value);
        return ok;
    }

    /// <summary>The order of the printed forms: <see cref="Guid"/> compares its fields as unsigned, in the order they are printed.</summary>
    public int CompareTo(Id<T> other) => Value.CompareTo(other.Value);

    public override string ToString() => Value.ToString("D");

    public static bool operator <(Id<T> left, Id<T> right) => left.CompareTo(right) < 0;

    public static bool operator >(Id<T> left, Id<T> right) => left.CompareTo(right) > 0;

    public static bool operator <=(Id<T> left, Id<T> right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Id<T> left, Id<T> right) => left.CompareTo(right) >= 0;
}

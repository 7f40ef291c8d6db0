using System.Globalization;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Netfilter;

/// <summary>Conditions and values as the iptables family writes them.</summary>
internal static class Terms
{
    public static Statement.Match Is(string field, Operand value, bool inverted) => Is(new Operand.Field(field), value, inverted);

    public static Statement.Match Is(Operand left, Operand value, bool inverted) => value is Operand.Elements or Operand.Named
        ? new Statement.Match(left, inverted ? Comparison.NotIn : Comparison.In, value)
        : new Statement.Match(left, inverted ? Comparison.NotEqual : Comparison.Equal, value);

    /// <summary>Any of the bits.</summary>
    public static Statement.Match Any(Operand left, UInt128 bits, bool inverted) =>
        new(left, inverted ? Comparison.NotIn : Comparison.In, Constant(bits));

    /// <summary>A condition that may hold or not.</summary>
    public static Statement.Match Doubtful(string text) => Is(new Operand.Unreadable(text), Constant(1), inverted: false);

    public static Statement.Match Never(string field) => new(new Operand.Field(field), Comparison.In, new Operand.Elements([]));

    public static Operand.Constant Constant(UInt128 number) => new(FieldValue.Of(number));

    public static Operand.Field Field(string name) => new(name);

    public static Operand.Bits Masked(Operand operand, UInt128 mask) => new(operand, "&", Constant(mask));

    /// <summary>An interface; <c>+</c> at its end stands for any rest.</summary>
    public static Operand.Constant Device(string name) => new(FieldValue.Of(name.EndsWith('+') ? name[..^1] + "*" : name));

    /// <summary>ADDRESS, ADDRESS/LENGTH or ADDRESS/MASK against a field; null for what is none.</summary>
    public static Statement.Match? Address(string field, string text, bool inverted)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (!IpAddress.TryParse(slash < 0 ? text : text[..slash], out var address))
        {
            return null;
        }

        if (slash < 0)
        {
            return Is(field, Constant(address.Bits), inverted);
        }

        if (IpPrefix.TryParse(text, out var prefix))
        {
            return Is(field, Range(prefix), inverted);
        }

        return IpAddress.TryParse(text[(slash + 1)..], out var mask)
            ? Is(Masked(Field(field), mask.Bits), Constant(address.Bits & mask.Bits), inverted)
            : null;
    }

    public static Operand.Range Range(IpPrefix prefix) => new(FieldValue.Of(prefix.First.Bits), FieldValue.Of(prefix.Last.Bits));

    /// <summary>A MAC or MAC/MASK against a field; null for what is none.</summary>
    public static Statement.Match? Mac(string field, string text, bool inverted)
    {
        var parts = text.Split('/');
        if (!MacAddress.TryParse(parts[0], out var mac))
        {
            return null;
        }

        return parts.Length == 1 ? Is(field, Constant(mac.Value), inverted)
            : MacAddress.TryParse(parts[1], out var mask) ? Is(Masked(Field(field), mask.Value), Constant(mac.Value & mask.Value), inverted)
            : null;
    }

    /// <summary>VALUE or VALUE/MASK of marks, against a field; null for what is none.</summary>
    public static Statement.Match? Mark(string field, string text, bool inverted)
    {
        var parts = text.Split('/');
        if (Number(parts[0]) is not { } value)
        {
            return null;
        }

        return parts.Length == 1 ? Is(field, Constant(value), inverted)
            : Number(parts[1]) is { } mask ? Is(Masked(Field(field), mask), Constant(value), inverted)
            : null;
    }

    /// <summary>A number, or two with a colon or dash between them; null for what is none.</summary>
    public static Operand? Numbers(string text)
    {
        var split = text.IndexOfAny([':', '-']);
        if (split < 0)
        {
            return Number(text) is { } one ? Constant(one) : null;
        }

        var low = split == 0 ? 0 : Number(text[..split]);
        var high = split == text.Length - 1 ? 65535 : Number(text[(split + 1)..]);
        return low is { } from && high is { } to ? new Operand.Range(FieldValue.Of(from), FieldValue.Of(to)) : null;
    }

    /// <summary>Decimal, or hexadecimal after 0x.</summary>
    public static uint? Number(string text) => text.StartsWith("0x", StringComparison.Ordinal)
        ? uint.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hexadecimal) ? hexadecimal : null
        : uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var plain) ? plain : null;

    /// <summary>An IP protocol by name or number; null for what is none.</summary>
    public static uint? Protocol(string text) =>
        Number(text) ?? (NftNames.NumberOf("inet_proto", text) is { } named ? (uint)named : null);
}

using System.Globalization;

namespace Tapline.Core.Doctor.Switching;

/// <summary>The small parts of which flows, groups and traces are written.</summary>
internal static class FlowText
{
    /// <summary>Cut at commas (and spaces, where asked) that are in no brackets and no quotes; empty parts are left out.</summary>
    internal static List<string> Split(string text, string separators)
    {
        var parts = new List<string>();
        var (depth, quoted, start) = (0, false, 0);
        for (var i = 0; i <= text.Length; i++)
        {
            var c = i < text.Length ? text[i] : separators[0];
            quoted ^= c == '"';
            depth += quoted ? 0 : c is '(' or '{' ? 1 : c is ')' or '}' ? -1 : 0;
            if (i == text.Length || (depth == 0 && !quoted && separators.Contains(c, StringComparison.Ordinal)))
            {
                if (text[start..i].Trim() is { Length: > 0 } part)
                {
                    parts.Add(part);
                }

                start = i + 1;
            }
        }

        return parts;
    }

    internal static string Unquote(string text) => text is ['"', .. var inner, '"'] ? inner : text;

    /// <summary>A port's name as ovs-ofctl prints and takes it: quoted, unless it is a plain word.</summary>
    internal static string Quote(string name) =>
        name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') ? name : $"\"{name}\"";

    /// <summary>Decimal or 0x hexadecimal.</summary>
    internal static bool TryNumber(string text, out UInt128 number) => text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
        ? UInt128.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number)
        : UInt128.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    internal static bool TryInt(string text, out int number)
    {
        number = 0;
        if (!TryNumber(text, out var wide) || wide > int.MaxValue)
        {
            return false;
        }

        number = (int)wide;
        return true;
    }

    /// <summary>A field with bits: <c>NXM_NX_REG0[0..15]</c>, <c>reg0[3]</c>, <c>NXM_OF_ETH_SRC[]</c>, <c>eth_src</c>.</summary>
    internal static FieldRange? Range(string text)
    {
        var open = text.IndexOf('[', StringComparison.Ordinal);
        if (open < 0 || text[^1] != ']')
        {
            return open < 0 ? new FieldRange(text, 0, null) : null;
        }

        var bits = text[(open + 1)..^1].Split("..");
        return bits switch
        {
            [""] => new FieldRange(text[..open], 0, null),
            [var one] when TryInt(one, out var bit) => new FieldRange(text[..open], bit, 1),
            [var low, var high] when TryInt(low, out var from) && TryInt(high, out var to) && from <= to =>
                new FieldRange(text[..open], from, to - from + 1),
            _ => null,
        };
    }

    /// <summary>The part after a prefix; null for a text that does not begin so.</summary>
    internal static string? After(this string text, string prefix) =>
        text.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) ? text[prefix.Length..] : null;
}

using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Switching;

/// <summary>Values with masks as flows have them.</summary>
internal static class FlowValue
{
    private static readonly string[] TcpFlags = ["fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr", "ns"];
    private static readonly string[] ConnectionStates = ["new", "est", "rel", "rpl", "inv", "trk", "snat", "dnat"];

    /// <summary>Null for a text that is not understood.</summary>
    internal static (UInt128 Value, UInt128 Mask)? Parse(string field, string text)
    {
        if (field is "tcp_flags" or "ct_state" && text.Length > 0 && (text[0] is '+' or '-' || text.Contains('|', StringComparison.Ordinal)))
        {
            return Flags(field == "tcp_flags" ? TcpFlags : ConnectionStates, text);
        }

        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (Single(slash < 0 ? text : text[..slash]) is not { } value)
        {
            return null;
        }

        if (slash < 0)
        {
            return (value.Bits, UInt128.MaxValue);
        }

        var mask = text[(slash + 1)..];
        if (value.Width > 0 && FlowText.TryInt(mask, out var length) && length <= value.Width)
        {
            return (value.Bits, FieldBits.Mask(length) << (value.Width - length));
        }

        return Single(mask) is { } bits ? (value.Bits, bits.Bits) : null;
    }

    /// <summary>A number, MAC or address; the width of an address, whose mask may be a length.</summary>
    private static (UInt128 Bits, int Width)? Single(string text)
    {
        if (FlowText.TryNumber(text, out var number))
        {
            return (number, 0);
        }

        if (MacAddress.TryParse(text, out var mac))
        {
            return (mac.Value, 0);
        }

        return IpAddress.TryParse(text, out var address) ? (address.Bits, address.Width) : null;
    }

    private static (UInt128 Value, UInt128 Mask)? Flags(string[] names, string text)
    {
        var (value, mask) = (UInt128.Zero, UInt128.Zero);
        for (var at = 0; at < text.Length;)
        {
            var plus = text[at] != '-';
            var start = text[at] is '+' or '-' or '|' ? at + 1 : at;
            var end = text.AsSpan(start).IndexOfAny("+-|") is var next and >= 0 ? start + next : text.Length;
            var bit = Array.IndexOf(names, text[start..end]);
            if (bit < 0)
            {
                return null;
            }

            value |= plus ? UInt128.One << bit : 0;
            mask |= UInt128.One << bit;
            at = end;
        }

        return (value, mask);
    }
}

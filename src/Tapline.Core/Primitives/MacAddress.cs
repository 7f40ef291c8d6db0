using System.Globalization;

namespace Tapline.Core.Primitives;

/// <summary>A 48-bit Ethernet address; prints as <c>fa:16:3e:00:00:01</c>.</summary>
public readonly record struct MacAddress(ulong Value)
{
    /// <summary>The group bit: such an address can not be a port's own.</summary>
    public bool IsMulticast => (Value & 0x0100_0000_0000) != 0;

    public static MacAddress Parse(string text) =>
        TryParse(text, out var mac) ? mac : throw new FormatException($"'{text}' is not a MAC address.");

    /// <summary>Accepts six pairs of hexadecimal digits with <c>:</c> or <c>-</c> between them.</summary>
    public static bool TryParse(string? text, out MacAddress mac)
    {
        mac = default;
        if (text is not { Length: 17 })
        {
            return false;
        }

        var value = 0UL;
        for (var i = 0; i < 17; i += 3)
        {
            if (i > 0 && text[i - 1] is not (':' or '-'))
            {
                return false;
            }

            if (!byte.TryParse(text.AsSpan(i, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var octet))
            {
                return false;
            }

            value = (value << 8) | octet;
        }

        mac = new MacAddress(value);
        return true;
    }

    public static MacAddress FromBytes(ReadOnlySpan<byte> bytes)
    {
        var value = 0UL;
        foreach (var octet in bytes[..6])
        {
            value = (value << 8) | octet;
        }

        return new MacAddress(value);
    }

    public byte[] ToBytes()
    {
        var bytes = new byte[6];
        for (var i = 0; i < 6; i++)
        {
            bytes[i] = (byte)(Value >> (40 - (8 * i)));
        }

        return bytes;
    }

    /// <summary>The interface's own IPv6 link-local address by modified EUI-64 (RFC 4291, appendix A).</summary>
    public IpAddress LinkLocal()
    {
        var high = ((Value >> 24) ^ 0x02_0000UL) << 40;
        var low = high | 0xff_fe00_0000UL | (Value & 0xff_ffff);
        return new IpAddress(new UInt128(0xfe80_0000_0000_0000, low), IsV6: true);
    }

    public override string ToString() =>
        string.Create(17, Value, static (span, value) =>
        {
            const string digits = "0123456789abcdef";
            for (var i = 0; i < 6; i++)
            {
                var octet = (int)(value >> (40 - (8 * i))) & 0xff;
                span[i * 3] = digits[octet >> 4];
                span[(i * 3) + 1] = digits[octet & 15];
                if (i < 5)
                {
                    span[(i * 3) + 2] = ':';
                }
            }
        });
}

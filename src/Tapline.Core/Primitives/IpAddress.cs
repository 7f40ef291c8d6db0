using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Tapline.Core.Primitives;

/// <summary>An IPv4 or IPv6 address as a number: comparable, countable, without scope.</summary>
public readonly record struct IpAddress(UInt128 Bits, bool IsV6) : IComparable<IpAddress>
{
    /// <summary>32 or 128.</summary>
    public int Width => IsV6 ? 128 : 32;

    public bool IsMulticast => IsV6 ? (Bits >> 120) == 0xff : (Bits >> 28) == 0xe;

    public bool IsLoopback => IsV6 ? Bits == 1 : (Bits >> 24) == 127;

    public bool IsLinkLocal => IsV6 ? (Bits >> 118) == 0x3fa : (Bits >> 16) == 0xa9fe;

    public bool IsUnspecified => Bits == 0;

    public static IpAddress Parse(string text) =>
        TryParse(text, out var address) ? address : throw new FormatException($"'{text}' is not an IP address.");

    /// <summary>Accepts dotted quads in full (no "10.1", no leading zeros) and IPv6 text without scope or brackets.</summary>
    public static bool TryParse(string? text, out IpAddress address)
    {
        address = default;
        if (text is null || text.AsSpan().IndexOfAny('%', '[', '/') >= 0 || !IPAddress.TryParse(text, out var parsed))
        {
            return false;
        }

        if (parsed.AddressFamily == AddressFamily.InterNetwork && parsed.ToString() != text)
        {
            return false;
        }

        address = From(parsed);
        return true;
    }

    public static IpAddress From(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        return bytes.Length == 4
            ? new IpAddress(BinaryPrimitives.ReadUInt32BigEndian(bytes), IsV6: false)
            : new IpAddress(BinaryPrimitives.ReadUInt128BigEndian(bytes), IsV6: true);
    }

    public IPAddress ToIPAddress()
    {
        if (IsV6)
        {
            var wide = new byte[16];
            BinaryPrimitives.WriteUInt128BigEndian(wide, Bits);
            return new IPAddress(wide);
        }

        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)Bits);
        return new IPAddress(bytes);
    }

    /// <summary>The address <paramref name="offset"/> further on; the caller keeps it inside a prefix.</summary>
    public IpAddress Plus(UInt128 offset) => this with { Bits = Bits + offset };

    public int CompareTo(IpAddress other) =>
        IsV6 == other.IsV6 ? Bits.CompareTo(other.Bits) : IsV6.CompareTo(other.IsV6);

    /// <summary>As inet_ntop and so nft and ip print it (RFC 5952); .NET has quads in more places, such as <c>fe80::5efe:10.0.0.1</c>.</summary>
    public override string ToString() => IsV6 ? TextOfV6() : TextOfV4((uint)Bits);

    private static string TextOfV4(uint bits) =>
        string.Create(CultureInfo.InvariantCulture, $"{bits >> 24}.{(bits >> 16) & 0xff}.{(bits >> 8) & 0xff}.{bits & 0xff}");

    private string TextOfV6()
    {
        Span<ushort> words = stackalloc ushort[8];
        for (var i = 0; i < words.Length; i++)
        {
            words[i] = (ushort)(Bits >> (112 - (16 * i)));
        }

        var (start, length) = LongestZeros(words);
        if (start == 0 && (length == 6 || (length == 5 && words[5] == 0xffff)))
        {
            return (length == 6 ? "::" : "::ffff:") + TextOfV4((uint)Bits);
        }

        return length < 2 ? Join(words) : $"{Join(words[..start])}::{Join(words[(start + length)..])}";
    }

    private static string Join(ReadOnlySpan<ushort> words)
    {
        Span<char> text = stackalloc char[5 * 8]; // four digits and a colon a word
        var length = 0;
        foreach (var word in words)
        {
            word.TryFormat(text[length..], out var digits, "x", CultureInfo.InvariantCulture);
            text[length + digits] = ':';
            length += digits + 1;
        }

        return text[..Math.Max(length - 1, 0)].ToString();
    }

    private static (int Start, int Length) LongestZeros(ReadOnlySpan<ushort> words)
    {
        var longest = (Start: 0, Length: 0);
        for (var start = 0; start < words.Length; start++)
        {
            var length = words[start..].IndexOfAnyExcept((ushort)0) is var end and >= 0 ? end : words.Length - start;
            longest = length > longest.Length ? (start, length) : longest;
        }

        return longest;
    }

    public static bool operator <(IpAddress left, IpAddress right) => left.CompareTo(right) < 0;

    public static bool operator >(IpAddress left, IpAddress right) => left.CompareTo(right) > 0;

    public static bool operator <=(IpAddress left, IpAddress right) => left.CompareTo(right) <= 0;

    public static bool operator >=(IpAddress left, IpAddress right) => left.CompareTo(right) >= 0;
}

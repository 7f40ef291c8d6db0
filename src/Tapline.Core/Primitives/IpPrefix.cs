using System.Globalization;

namespace Tapline.Core.Primitives;

/// <summary>An address with a prefix length: a network (host bits zero) or an interface's address (host bits kept).</summary>
public readonly record struct IpPrefix(IpAddress Address, int Length) : IComparable<IpPrefix>
{
    private UInt128 HostMask => Length == 0 && Address.IsV6
        ? UInt128.MaxValue
        : (UInt128.One << (Address.Width - Length)) - 1;

    /// <summary>The same with host bits cleared.</summary>
    public IpPrefix Network => new(First, Length);

    public IpAddress First => Address with { Bits = Address.Bits & ~HostMask };

    public IpAddress Last => Address with { Bits = Address.Bits | HostMask };

    public bool Contains(IpAddress address) =>
        address.IsV6 == Address.IsV6 && address >= First && address <= Last;

    public bool Overlaps(IpPrefix other) =>
        other.Address.IsV6 == Address.IsV6 && other.First <= Last && First <= other.Last;

    public static IpPrefix Parse(string text) =>
        TryParse(text, out var prefix) ? prefix : throw new FormatException($"'{text}' is not an address with a prefix length.");

    /// <summary>Accepts <c>ADDRESS/LENGTH</c>; host bits may be set, compare with <see cref="Network"/> to refuse them.</summary>
    public static bool TryParse(string? text, out IpPrefix prefix)
    {
        prefix = default;
        var slash = text?.IndexOf('/', StringComparison.Ordinal) ?? -1;
        if (slash <= 0 || !IpAddress.TryParse(text![..slash], out var address)
            || !int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            || length > address.Width)
        {
            return false;
        }

        prefix = new IpPrefix(address, length);
        return true;
    }

    /// <summary>One address alone: /32 or /128.</summary>
    public static IpPrefix Host(IpAddress address) => new(address, address.Width);

    public int CompareTo(IpPrefix other) =>
        Address == other.Address ? Length.CompareTo(other.Length) : Address.CompareTo(other.Address);

    public override string ToString() => $"{Address}/{Length}";

    public static bool operator <(IpPrefix left, IpPrefix right) => left.CompareTo(right) < 0;

    public static bool operator >(IpPrefix left, IpPrefix right) => left.CompareTo(right) > 0;

    public static bool operator <=(IpPrefix left, IpPrefix right) => left.CompareTo(right) <= 0;

    public static bool operator >=(IpPrefix left, IpPrefix right) => left.CompareTo(right) >= 0;
}

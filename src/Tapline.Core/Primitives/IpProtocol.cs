using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;

namespace Tapline.Core.Primitives;

/// <summary>The protocols that a security group rule may name (neutron-lib's list), and their IANA numbers.</summary>
public static class IpProtocol
{
    public const int Icmp = 1;
    public const int Tcp = 6;
    public const int Udp = 17;
    public const int Dccp = 33;
    public const int Icmpv6 = 58;
    public const int Sctp = 132;
    public const int UdpLite = 136;

    private static readonly FrozenDictionary<string, int> Numbers = new Dictionary<string, int>
    {
        ["ah"] = 51,
        ["dccp"] = Dccp,
        ["egp"] = 8,
        ["esp"] = 50,
        ["gre"] = 47,
        ["hopopt"] = 0,
        ["icmp"] = Icmp,
        ["icmpv6"] = Icmpv6,
        ["igmp"] = 2,
        ["ip"] = 0,
        ["ipip"] = 4,
        ["ipv6-encap"] = 41,
        ["ipv6-frag"] = 44,
        ["ipv6-icmp"] = Icmpv6,
        ["ipv6-nonxt"] = 59,
        ["ipv6-opts"] = 60,
        ["ipv6-route"] = 43,
        ["ospf"] = 89,
        ["pgm"] = 113,
        ["rsvp"] = 46,
        ["sctp"] = Sctp,
        ["tcp"] = Tcp,
        ["udp"] = Udp,
        ["udplite"] = UdpLite,
        ["vrrp"] = 112,
    }.ToFrozenDictionary();

    public static ImmutableArray<string> Names { get; } = [.. Numbers.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Accepts a name or 0-255; "icmp" on IPv6 is ICMPv6, as Neutron has always read it.</summary>
    public static bool TryParse(string text, bool isV6, out int number)
    {
        if (!Numbers.TryGetValue(text, out number)
            && !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= 255))
        {
            return false;
        }

        if (isV6 && number == Icmp)
        {
            number = Icmpv6;
        }

        return true;
    }

    /// <summary>Whether packets of the protocol carry port numbers that a rule can match.</summary>
    public static bool HasPorts(int number) => number is Tcp or Udp or Dccp or Sctp or UdpLite;

    /// <summary>Whether the protocol exists on IPv6 alone.</summary>
    public static bool IsV6Only(int number) => number is 41 or 43 or 44 or Icmpv6 or 59 or 60;
}

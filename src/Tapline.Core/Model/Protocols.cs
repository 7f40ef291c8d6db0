using System.Collections.Frozen;
using System.Globalization;

namespace Tapline.Core.Model;

/// <summary>IP protocols by the names that security group rules may use (IANA's numbers).</summary>
public static class Protocols
{
    private static readonly FrozenDictionary<string, int> Numbers = new Dictionary<string, int>
    {
        ["ah"] = 51,
        ["dccp"] = 33,
        ["egp"] = 8,
        ["esp"] = 50,
        ["gre"] = 47,
        ["icmp"] = 1,
        ["icmpv6"] = 58,
        ["igmp"] = 2,
        ["ip"] = 0,
        ["ipip"] = 4,
        ["ipv6-encap"] = 41,
        ["ipv6-frag"] = 44,
        ["ipv6-icmp"] = 58,
        ["ipv6-nonxt"] = 59,
        ["ipv6-opts"] = 60,
        ["ipv6-route"] = 43,
        ["ospf"] = 89,
        ["pgm"] = 113,
        ["rsvp"] = 46,
        ["sctp"] = 132,
        ["tcp"] = 6,
        ["udp"] = 17,
        ["udplite"] = 136,
        ["vrrp"] = 112,
    }.ToFrozenDictionary();

    public static IEnumerable<string> Names => Numbers.Keys.Order(StringComparer.Ordinal);

    /// <summary>
    /// The protocol's number; null for any (no protocol, or 0). On IPv6 "icmp" means ICMPv6, as in Neutron.
    /// A name that is not known is null as well: it is refused before it gets here.
    /// </summary>
    public static int? NumberOf(string? protocol, bool isV6)
    {
        if (protocol is null || (!Numbers.TryGetValue(protocol, out var number)
            && !int.TryParse(protocol, NumberStyles.None, CultureInfo.InvariantCulture, out number)))
        {
            return null;
        }

        return number == 0 ? null : number == 1 && isV6 ? 58 : number;
    }

    public static bool IsKnown(string protocol) =>
        Numbers.ContainsKey(protocol)
        || (int.TryParse(protocol, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 0 and <= 255);
}

using System.Globalization;
using Tapline.Core.Model;

namespace Tapline.Core.Planning;

/// <summary>A security group rule in nft's words.</summary>
internal static class RuleText
{
    private const int Icmp = 1;
    private const int Ipv6Icmp = 58;

    public static string Of(SecurityGroupRule rule)
    {
        var parts = new List<string> { rule.IsV6 ? "meta nfproto ipv6" : "meta nfproto ipv4" };
        parts.AddRange(Remote(rule));
        if (Protocols.NumberOf(rule.Protocol, rule.IsV6) is { } protocol)
        {
            parts.Add($"meta l4proto {protocol.ToString(CultureInfo.InvariantCulture)}");
            parts.AddRange(protocol is Icmp or Ipv6Icmp ? IcmpMatch(rule, protocol) : PortMatch(rule));
        }

        parts.Add("accept");
        return string.Join(' ', parts);
    }

    private static IEnumerable<string> Remote(SecurityGroupRule rule)
    {
        var side = (rule.IsV6 ? "ip6 " : "ip ") + (rule.Direction == RuleDirection.Ingress ? "saddr" : "daddr");
        if (rule.RemoteIpPrefix is { Length: > 0 } prefix)
        {
            yield return $"{side} {prefix.Network}";
        }

        if (rule.RemoteGroupId is { } group)
        {
            yield return $"{side} @{GroupPlanner.MembersName(group, rule.IsV6)}";
        }
    }

    private static IEnumerable<string> IcmpMatch(SecurityGroupRule rule, int protocol)
    {
        var family = protocol == Icmp ? "icmp" : "icmpv6";
        if (rule.PortRangeMin is { } type)
        {
            yield return $"{family} type {type}";
        }

        if (rule.PortRangeMax is { } code)
        {
            yield return $"{family} code {code}";
        }
    }

    private static IEnumerable<string> PortMatch(SecurityGroupRule rule)
    {
        if (rule.PortRangeMin is { } first)
        {
            var last = rule.PortRangeMax ?? first;
            yield return first == last ? $"th dport {first}" : $"th dport {first}-{last}";
        }
    }
}

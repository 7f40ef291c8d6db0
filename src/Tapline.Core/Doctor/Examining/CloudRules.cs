using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Examining;

/// <summary>Security group rules as the Networking API means them.</summary>
internal static class CloudRules
{
    /// <summary>Whether the rule lets the packet through in that direction, seen from the instance.</summary>
    public static bool Lets(Topology intent, SecurityGroupRule rule, Packet packet, RuleDirection direction)
    {
        var remote = direction == RuleDirection.Ingress ? packet.Source : packet.Destination;
        return rule.Direction == direction && rule.IsV6 == packet.IsV6
            && (Protocols.NumberOf(rule.Protocol, rule.IsV6) is not { } protocol || (protocol == packet.Protocol && IsInRange(rule, packet)))
            && (rule.RemoteIpPrefix is not { Length: > 0 } prefix || prefix.Contains(remote))
            && (rule.RemoteGroupId is not { } group || IsMember(intent, group, remote));
    }

    private static bool IsInRange(SecurityGroupRule rule, Packet packet) => packet.Protocol switch
    {
        Packet.Icmp or Packet.Icmpv6 => (rule.PortRangeMin ?? packet.IcmpType) == packet.IcmpType && (rule.PortRangeMax ?? packet.IcmpCode) == packet.IcmpCode,
        _ => rule.PortRangeMin is not { } first || (packet.DestinationPort >= first && packet.DestinationPort <= (rule.PortRangeMax ?? first)),
    };

    private static bool IsMember(Topology intent, Id<SecurityGroup> group, IpAddress remote) =>
        intent.MembersOf(group).Any(port => port.FixedIps.Any(own => own.Address == remote) || port.AllowedAddressPairs.Any(pair => pair.Prefix.Contains(remote)));
}

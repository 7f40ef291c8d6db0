using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Core.Rules;

/// <summary>Whether the parts of a security group rule make sense together.</summary>
internal static class SecurityGroupRuleChecks
{
    private const int Icmp = 1;
    private const int Icmpv6 = 58;

    public static void All(Draft draft, SecurityGroupRuleRequest request)
    {
        Remote(draft, request);
        if (request.Protocol is not { } protocol)
        {
            if (request.PortRangeMin is not null || request.PortRangeMax is not null)
            {
                Invalid(draft, "SecurityGroupProtocolRequiredWithPorts", "protocol", "Must also specify protocol if port range is given.");
            }
        }
        else if (!Protocols.IsKnown(protocol))
        {
            Invalid(draft, "SecurityGroupRuleInvalidProtocol", "protocol", $"Security group rule protocol {protocol} not supported. Only "
                + $"protocol values [{string.Join(", ", Protocols.Names)}] and integer representations [0 to 255] are supported.");
        }
        else
        {
            Protocol(draft, request, protocol, Protocols.NumberOf(protocol, request.IsV6));
        }
    }

    /// <summary>TCP, UDP, DCCP, SCTP, UDPLite: what carries port numbers that a rule can match.</summary>
    public static bool HasPorts(int? protocol) => protocol is 6 or 17 or 33 or 132 or 136;

    private static void Remote(Draft draft, SecurityGroupRuleRequest request)
    {
        if (request.RemoteIpPrefix is not { } prefix)
        {
            return;
        }

        if (request.RemoteGroupId is not null)
        {
            Invalid(draft, "SecurityGroupRemoteGroupAndRemoteIpPrefix", "remote_ip_prefix",
                "Only remote_ip_prefix or remote_group_id may be provided.");
        }

        if (prefix.Address.IsV6 != request.IsV6)
        {
            Invalid(draft, "SecurityGroupRuleParameterConflict", "remote_ip_prefix",
                $"Conflicting value ethertype {(request.IsV6 ? "IPv6" : "IPv4")} for CIDR {prefix}");
        }
    }

    private static void Protocol(Draft draft, SecurityGroupRuleRequest request, string protocol, int? number)
    {
        if (!request.IsV6 && number is 41 or 43 or 44 or Icmpv6 or 59 or 60)
        {
            Invalid(draft, "SecurityGroupEthertypeConflictWithProtocol", "ethertype", $"Invalid ethertype IPv4 for protocol {protocol}.");
        }

        if (number is Icmp or Icmpv6)
        {
            IcmpParts(draft, request);
        }
        else if (request.PortRangeMin is not null || request.PortRangeMax is not null)
        {
            Ports(draft, request, protocol, number);
        }
    }

    private static void IcmpParts(Draft draft, SecurityGroupRuleRequest request)
    {
        if (request is { PortRangeMin: null, PortRangeMax: { } code })
        {
            Invalid(draft, "SecurityGroupMissingIcmpType", "port_range_min",
                $"ICMP code (port-range-max) {code} is provided but ICMP type (port-range-min) is missing.");
        }

        IcmpValue(draft, "port_range_min", "type", request.PortRangeMin);
        IcmpValue(draft, "port_range_max", "code", request.PortRangeMax);
    }

    private static void IcmpValue(Draft draft, string field, string name, int? value)
    {
        if (value is < 0 or > 255)
        {
            Invalid(draft, "SecurityGroupInvalidIcmpValue", field,
                $"Invalid value for ICMP {name} ({field}) {value}. It must be 0 to 255.");
        }
    }

    private static void Ports(Draft draft, SecurityGroupRuleRequest request, string protocol, int? number)
    {
        if (!HasPorts(number))
        {
            Invalid(draft, "SecurityGroupInvalidProtocolForPort", "protocol",
                $"Invalid protocol {protocol} for port range, only supported for TCP, UDP, UDPLITE, SCTP and DCCP.");
        }
        else if (request is { PortRangeMin: < 1 or > 65535 } or { PortRangeMax: < 1 or > 65535 })
        {
            var wrong = request.PortRangeMin is < 1 or > 65535 ? request.PortRangeMin : request.PortRangeMax;
            Invalid(draft, "SecurityGroupInvalidPortValue", "port_range_min", $"Invalid value for port {wrong}");
        }
        else if (request.PortRangeMin is not { } min || request.PortRangeMax is not { } max || min > max)
        {
            Invalid(draft, "SecurityGroupInvalidPortRange", "port_range_min",
                "For TCP/UDP protocols, port_range_min must be <= port_range_max");
        }
    }

    private static void Invalid(Draft draft, string type, string field, string message) =>
        draft.Reject(new Rejection(RejectionKind.Invalid, type, field, message));
}

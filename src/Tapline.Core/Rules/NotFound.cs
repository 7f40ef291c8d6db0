using Tapline.Core.Primitives;

namespace Tapline.Core.Rules;

/// <summary>Neutron's words for what is not there, or not for the caller's eyes.</summary>
public static class NotFound
{
    public static Rejection Network(string id) => Rejection.NotFound("NetworkNotFound", $"Network {id} could not be found.");

    public static Rejection Subnet(string id) => Rejection.NotFound("SubnetNotFound", $"Subnet {id} could not be found.");

    public static Rejection Port(string id) => Rejection.NotFound("PortNotFound", $"Port {id} could not be found.");

    public static Rejection Router(string id) => Rejection.NotFound("RouterNotFound", $"Router {id} could not be found");

    public static Rejection FloatingIp(string id) => Rejection.NotFound("FloatingIPNotFound", $"Floating IP {id} could not be found");

    public static Rejection SecurityGroup(string id) =>
        Rejection.NotFound("SecurityGroupNotFound", $"Security group {id} does not exist");

    public static Rejection SecurityGroupRule(string id) =>
        Rejection.NotFound("SecurityGroupRuleNotFound", $"Security group rule {id} does not exist");

    public static Rejection Instance(string id) => Rejection.NotFound("InstanceNotFound", $"Instance {id} could not be found.");
}

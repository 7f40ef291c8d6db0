using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Core.Rules;

/// <summary>A subnet that a router stands in, and by which port and address.</summary>
public sealed record RouterLeg(Port Port, Subnet Subnet, IpAddress Address);

/// <summary>Where a router is connected; no two of its subnets may overlap, or it would not know where to.</summary>
public static class RouterLegs
{
    public static IEnumerable<Port> Interfaces(Topology topology, Router router) =>
        topology.PortsOfDevice(router.Id.ToString()).Where(port => port.DeviceOwner == DeviceOwner.RouterInterface);

    public static Port? Gateway(Topology topology, Router router) =>
        router.GatewayPortId is { } id ? topology.Ports.GetValueOrDefault(id) : null;

    public static IEnumerable<RouterLeg> All(Topology topology, Router router)
    {
        var ports = Interfaces(topology, router).Concat(Gateway(topology, router) is { } gateway ? [gateway] : []);
        return ports.SelectMany(port => port.FixedIps, (port, fixedIp) =>
            new RouterLeg(port, topology.Subnets[fixedIp.SubnetId], fixedIp.Address));
    }

    internal static void RefuseOverlap(Draft draft, Router router, Subnet subnet)
    {
        foreach (var leg in All(draft.Topology, router))
        {
            if (leg.Subnet.Id == subnet.Id)
            {
                draft.Reject(BadRouter($"Router already has a port on subnet {subnet.Id}"));
            }
            else if (leg.Subnet.Cidr.Overlaps(subnet.Cidr))
            {
                draft.Reject(BadRouter(
                    $"Cidr {subnet.Cidr} of subnet {subnet.Id} overlaps with cidr {leg.Subnet.Cidr} of subnet {leg.Subnet.Id}"));
            }
        }
    }

    internal static Rejection BadRouter(string why) =>
        new(RejectionKind.Invalid, "BadRequest", null, $"Bad router request: {why}.");
}

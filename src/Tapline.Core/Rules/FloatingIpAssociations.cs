using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Core.Rules;

/// <summary>Binding a floating IP to a fixed address of a port, through the router that connects the two.</summary>
internal static class FloatingIpAssociations
{
    public static FloatingIp? Make(Draft draft, FloatingIp floatingIp, Id<Port> portId, IpAddress? wanted)
    {
        if (draft.FindPort(portId) is not { } port)
        {
            return null;
        }

        if (port.ProjectId != floatingIp.ProjectId && !draft.Scope.IsAdmin)
        {
            draft.Reject(Bad($"Port {portId} is associated with a different tenant than Floating IP {floatingIp.Id} and therefore "
                + "cannot be bound"));
        }

        if (DeviceOwner.IsHelper(port.DeviceOwner))
        {
            draft.Reject(Bad($"Port {portId} is a {port.DeviceOwner} port and cannot have a floating IP"));
        }

        if (draft.IsRefused || FixedIpOf(draft, port, wanted) is not { } fixedIp)
        {
            return null;
        }

        RefuseSecond(draft, floatingIp, port, fixedIp);
        if (RouterBetween(draft.Topology, port, fixedIp, floatingIp.FloatingNetworkId) is not { } router)
        {
            draft.Reject(Rejection.NotFound("ExternalGatewayForFloatingIPNotFound",
                $"External network {floatingIp.FloatingNetworkId} is not reachable from subnet {fixedIp.SubnetId}.  Therefore, cannot "
                + $"associate Port {portId} with a Floating IP."));
            return null;
        }

        return floatingIp with { PortId = port.Id, FixedAddress = fixedIp.Address, RouterId = router.Id };
    }

    public static Rejection Bad(string why) => new(RejectionKind.Invalid, "BadRequest", null, $"Bad floatingip request: {why}.");

    private static FixedIp? FixedIpOf(Draft draft, Port port, IpAddress? wanted)
    {
        var candidates = port.FixedIps.Where(fixedIp => !fixedIp.Address.IsV6).ToList();
        if (wanted is { } address)
        {
            if (candidates.Find(fixedIp => fixedIp.Address == address) is { } found)
            {
                return found;
            }

            draft.Reject(Bad($"Port {port.Id} does not have fixed ip {address}"));
            return null;
        }

        switch (candidates)
        {
            case [var only]:
                return only;
            case []:
                draft.Reject(Bad($"Cannot add floating IP to port {port.Id} that has no fixed IPv4 addresses"));
                return null;
            default:
                draft.Reject(Bad($"Port {port.Id} has multiple fixed IPv4 addresses.  Must provide a specific IPv4 address when assigning "
                    + "a floating IP"));
                return null;
        }
    }

    private static void RefuseSecond(Draft draft, FloatingIp floatingIp, Port port, FixedIp fixedIp)
    {
        var others = draft.Topology.Indexes.FloatingIpsByPort.Get(port.Id).Where(id => id != floatingIp.Id);
        if (others.Select(id => draft.Topology.FloatingIps[id]).Any(other =>
            other.FixedAddress == fixedIp.Address && other.FloatingNetworkId == floatingIp.FloatingNetworkId))
        {
            draft.Reject(Rejection.Conflict("FloatingIPPortAlreadyAssociated",
                $"Cannot associate floating IP {floatingIp.FloatingAddress} ({floatingIp.Id}) with port {port.Id} using fixed IP "
                + $"{fixedIp.Address}, as that fixed IP already has a floating IP on external network {floatingIp.FloatingNetworkId}."));
        }
    }

    /// <summary>The router at the subnet's gateway address first: it is the one that replies take.</summary>
    private static Router? RouterBetween(Topology topology, Port port, FixedIp fixedIp, Id<Network> external)
    {
        var gateway = topology.Subnets[fixedIp.SubnetId].GatewayIp;
        if (gateway is { } address && topology.Indexes.PortByAddress.TryGetValue((port.NetworkId, address), out var atGateway)
            && RouterOf(topology, topology.Ports[atGateway], external) is { } usual)
        {
            return usual;
        }

        return topology.Indexes.PortsBySubnet.Get(fixedIp.SubnetId)
            .Select(id => topology.Ports[id])
            .OrderBy(candidate => candidate.Id)
            .Select(candidate => RouterOf(topology, candidate, external))
            .FirstOrDefault(router => router is not null);
    }

    private static Router? RouterOf(Topology topology, Port port, Id<Network> external) =>
        port.DeviceOwner == DeviceOwner.RouterInterface
            && Id<Router>.TryParse(port.DeviceId, out var id)
            && topology.Routers.TryGetValue(id, out var router)
            && RouterLegs.Gateway(topology, router)?.NetworkId == external
            ? router
            : null;
}

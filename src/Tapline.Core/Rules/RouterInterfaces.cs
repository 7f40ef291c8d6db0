using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Core.Rules;

/// <summary>A router's leg in a tenant network, as the API answers it.</summary>
public sealed record RouterInterface(Router Router, Port Port, ValueList<Id<Subnet>> SubnetIds);

/// <summary>A router's interfaces: add and remove.</summary>
public static class RouterInterfaces
{
    public static RouterInterface? Add(Draft draft, Id<Router> id, InterfaceRequest request)
    {
        if (draft.OwnedRouter(id, "add_router_interface") is not { } router)
        {
            return null;
        }

        var port = request switch
        {
            { SubnetId: { } subnet, PortId: null } => BySubnet(draft, router, subnet),
            { SubnetId: null, PortId: { } given } => ByPort(draft, router, given),
            { SubnetId: null, PortId: null } => Bad(draft, "Either subnet_id or port_id must be specified"),
            _ => Bad(draft, "Cannot specify both subnet-id and port-id"),
        };
        if (draft.IsRefused || port is null)
        {
            return null;
        }

        draft.Touch(router);
        return Answer(router, draft.Put(port));
    }

    /// <summary>The port goes too, also where the user had made it.</summary>
    public static RouterInterface? Remove(Draft draft, Id<Router> id, InterfaceRequest request)
    {
        if (draft.OwnedRouter(id, "remove_router_interface") is not { } router)
        {
            return null;
        }

        if (request is { SubnetId: null, PortId: null })
        {
            Bad(draft, "Either subnet_id or port_id must be specified");
            return null;
        }

        if (Find(draft, router, request) is not { } port)
        {
            return null;
        }

        var subnets = port.FixedIps.Select(fixedIp => draft.Topology.Subnets[fixedIp.SubnetId]).ToList();
        subnets.ForEach(subnet => RefuseIfNeeded(draft, router, subnet));
        if (draft.IsRefused)
        {
            return null;
        }

        draft.Remove(port);
        draft.Touch(router);
        return Answer(router, port);
    }

    /// <summary>A router's leg may move to another address, but not out of its subnets nor onto a next hop of its routes.</summary>
    internal static void RequireMovable(Draft draft, Port port, ValueList<FixedIp> addresses)
    {
        if (port.DeviceOwner != DeviceOwner.RouterInterface || addresses == port.FixedIps || draft.IsRefused)
        {
            return;
        }

        if (!addresses.Select(fixedIp => fixedIp.SubnetId).Order().SequenceEqual(port.FixedIps.Select(fixedIp => fixedIp.SubnetId).Order()))
        {
            draft.Reject(Rejection.Conflict("ServicePortInUse", $"Port {port.Id} cannot be updated directly via the port API: "
                + "it would leave a subnet that its router is in, or enter another."));
        }

        if (Id<Router>.TryParse(port.DeviceId, out var id) && draft.Topology.Routers.TryGetValue(id, out var router)
            && router.Routes.Any(route => addresses.Any(fixedIp => fixedIp.Address == route.NextHop)))
        {
            draft.Reject(Rejection.Conflict("RouterInterfaceInUseByRoute", $"An address of port {port.Id} is a next hop of its router."));
        }
    }

    private static Port? BySubnet(Draft draft, Router router, Id<Subnet> id)
    {
        if (draft.FindSubnet(id) is not { } subnet)
        {
            return null;
        }

        draft.RequireOwner(draft.Topology.Networks[subnet.NetworkId], "add_router_interface");
        RouterLegs.RefuseOverlap(draft, router, subnet);
        if (subnet.GatewayIp is not { } gateway)
        {
            return Bad(draft, "Subnet for router interface must have a gateway IP");
        }

        if (draft.Topology.Indexes.PortByAddress.ContainsKey((subnet.NetworkId, gateway)))
        {
            draft.Reject(Rejection.Conflict("IpAddressAlreadyAllocated",
                $"IP address {gateway} already allocated in subnet {subnet.Id}"));
        }

        return new Port
        {
            Id = draft.Context.NewId<Port>(),
            ProjectId = router.ProjectId,
            NetworkId = subnet.NetworkId,
            Mac = PortMacs.New(draft, subnet.NetworkId),
            FixedIps = [new FixedIp(subnet.Id, gateway)],
            DeviceId = router.Id.ToString(),
            DeviceOwner = DeviceOwner.RouterInterface,
            PortSecurityEnabled = false,
            HostId = Placement.FirstHost(draft.Topology),
        };
    }

    private static Port? ByPort(Draft draft, Router router, Id<Port> id)
    {
        if (draft.FindPort(id) is not { } port)
        {
            return null;
        }

        draft.RequireOwner(port, "add_router_interface");
        if (port.DeviceId.Length > 0 || DeviceOwner.IsHelper(port.DeviceOwner))
        {
            draft.Reject(Rejection.Conflict("PortInUse", $"Unable to complete operation on port {id} for network {port.NetworkId}. Port "
                + $"already has an attached device {port.DeviceId}."));
        }

        if (port.FixedIps.IsEmpty)
        {
            return Bad(draft, "Router port must have at least one fixed IP");
        }

        if (port.FixedIps.Count(fixedIp => !fixedIp.Address.IsV6) > 1)
        {
            return Bad(draft, "Cannot have multiple IPv4 subnets on router port");
        }

        foreach (var fixedIp in port.FixedIps)
        {
            RouterLegs.RefuseOverlap(draft, router, draft.Topology.Subnets[fixedIp.SubnetId]);
        }

        FloatingIpRules.LeaveAddresses(draft, port with { FixedIps = [] });
        return port with
        {
            DeviceId = router.Id.ToString(),
            DeviceOwner = DeviceOwner.RouterInterface,
            SecurityGroups = [],
            AllowedAddressPairs = [],
            PortSecurityEnabled = false,
            HostId = Placement.FirstHost(draft.Topology),
        };
    }

    private static Port? Find(Draft draft, Router router, InterfaceRequest request)
    {
        var interfaces = RouterLegs.Interfaces(draft.Topology, router).ToList();
        if (request.PortId is { } portId)
        {
            var port = interfaces.Find(port => port.Id == portId);
            if (port is null)
            {
                draft.Reject(Rejection.NotFound("RouterInterfaceNotFound",
                    $"Router {router.Id} does not have an interface with id {portId}"));
            }
            else if (request.SubnetId is { } subnet && port.FixedIps.All(fixedIp => fixedIp.SubnetId != subnet))
            {
                draft.Reject(new Rejection(RejectionKind.Invalid, "SubnetMismatchForPort", "subnet_id",
                    $"Subnet on port {portId} does not match the requested subnet {subnet}."));
            }

            return port;
        }

        var bySubnet = interfaces.Find(port => port.FixedIps.Any(fixedIp => fixedIp.SubnetId == request.SubnetId));
        if (bySubnet is null)
        {
            draft.Reject(Rejection.NotFound("RouterInterfaceNotFoundForSubnet",
                $"Router {router.Id} has no interface on subnet {request.SubnetId}"));
        }

        return bySubnet;
    }

    private static void RefuseIfNeeded(Draft draft, Router router, Subnet subnet)
    {
        if (router.Routes.Any(route => subnet.Cidr.Contains(route.NextHop)))
        {
            draft.Reject(Rejection.Conflict("RouterInterfaceInUseByRoute",
                $"Router interface for subnet {subnet.Id} on router {router.Id} cannot be deleted, as it is required by one or more "
                + "routes."));
        }

        var floating = draft.Topology.Indexes.FloatingIpsByRouter.Get(router.Id).Select(id => draft.Topology.FloatingIps[id]);
        if (floating.Any(ip => ip.FixedAddress is { } address && subnet.Cidr.Contains(address)))
        {
            draft.Reject(Rejection.Conflict("RouterInterfaceInUseByFloatingIP",
                $"Router interface for subnet {subnet.Id} on router {router.Id} cannot be deleted, as it is required by one or more "
                + "floating IPs."));
        }
    }

    private static RouterInterface Answer(Router router, Port port) =>
        new(router, port, port.FixedIps.Select(fixedIp => fixedIp.SubnetId).ToValueList());

    private static Port? Bad(Draft draft, string why)
    {
        draft.Reject(RouterLegs.BadRouter(why));
        return null;
    }
}

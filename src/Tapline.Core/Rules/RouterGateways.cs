using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Core.Rules;

/// <summary>A router's gateway: the helper port on the external network that its way out leads through.</summary>
internal static class RouterGateways
{
    /// <summary>The router with the gateway that was asked for; where nothing was asked, as it is.</summary>
    public static Router Change(Draft draft, Router router, Optional<GatewayRequest?> asked, string action)
    {
        if (!asked.Is(out var request))
        {
            return router;
        }

        var present = RouterLegs.Gateway(draft.Topology, router);
        if (request is null)
        {
            return present is null ? router : Clear(draft, router, present);
        }

        draft.RequireAdmin(request.EnableSnat.Or(router.EnableSnat) != router.EnableSnat, $"{action}:external_gateway_info:enable_snat");
        draft.RequireAdmin(request.FixedIps.IsSet, $"{action}:external_gateway_info:external_fixed_ips");
        if (draft.FindNetwork(request.NetworkId) is not { } network)
        {
            return router;
        }

        if (!network.External)
        {
            draft.Reject(RouterLegs.BadRouter($"Network {network.Id} is not an external network"));
            return router;
        }

        if (present is not null && present.NetworkId != network.Id)
        {
            router = Clear(draft, router, present);
            present = null;
        }

        var changed = router with { EnableSnat = request.EnableSnat.Or(present is null || router.EnableSnat) };
        return present is null ? Set(draft, changed, network, request) : Move(draft, changed, network, present, request);
    }

    private static Router Set(Draft draft, Router router, Network network, GatewayRequest request)
    {
        var mac = PortMacs.New(draft, network.Id);
        var addresses = request.FixedIps.Is(out var wanted) && !wanted.IsEmpty
            ? PortAddresses.Resolve(draft, network, wanted, mac, present: [], isRouter: true)
            : PortAddresses.Default(draft, network, mac);
        foreach (var fixedIp in addresses)
        {
            RouterLegs.RefuseOverlap(draft, router, draft.Topology.Subnets[fixedIp.SubnetId]);
        }

        if (draft.IsRefused)
        {
            return router;
        }

        var port = draft.Put(new Port
        {
            Id = draft.Context.NewId<Port>(),
            ProjectId = "", // as in Neutron: tenants do not see it, their quota does not count it
            NetworkId = network.Id,
            Mac = mac,
            FixedIps = addresses,
            DeviceId = router.Id.ToString(),
            DeviceOwner = DeviceOwner.RouterGateway,
            PortSecurityEnabled = false,
            HostId = Placement.FirstHost(draft.Topology),
        });
        return draft.Put(router with { GatewayPortId = port.Id });
    }

    private static Router Move(Draft draft, Router router, Network network, Port port, GatewayRequest request)
    {
        if (request.FixedIps.Is(out var wanted) && !wanted.IsEmpty)
        {
            var addresses = PortAddresses.Resolve(draft, network, wanted, port.Mac, port.FixedIps, isRouter: true);
            if (!draft.IsRefused)
            {
                draft.Put(port with { FixedIps = addresses });
            }
        }

        return router;
    }

    private static Router Clear(Draft draft, Router router, Port port)
    {
        if (!draft.Topology.Indexes.FloatingIpsByRouter.Get(router.Id).IsEmpty)
        {
            draft.Reject(Rejection.Conflict("RouterExternalGatewayInUseByFloatingIp",
                $"Gateway cannot be updated for router {router.Id}, since a gateway to external network {port.NetworkId} is required "
                + "by one or more floating IPs."));
            return router;
        }

        if (router.Routes.Any(route => port.FixedIps.Any(fixedIp =>
            draft.Topology.Subnets[fixedIp.SubnetId].Cidr.Contains(route.NextHop))))
        {
            draft.Reject(Rejection.Conflict("RouterInterfaceInUseByRoute",
                $"Gateway of router {router.Id} cannot be removed, as it is required by one or more routes."));
            return router;
        }

        draft.Remove(port);
        return draft.Put(router with { GatewayPortId = null, EnableSnat = true });
    }
}

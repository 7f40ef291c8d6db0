using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Core.Rules;

/// <summary>Routers: create, update, delete. Gateways and interfaces have rules of their own.</summary>
public static class RouterRules
{
    private const int MaxRoutes = 30;

    public static Router? Create(Draft draft, RouterRequest request)
    {
        var project = draft.ProjectFor(request.ProjectId);
        QuotaRules.Require(draft, project, "router");
        if (draft.IsRefused)
        {
            return null;
        }

        var router = draft.Put(new Router
        {
            Id = draft.Context.NewId<Router>(),
            ProjectId = project,
            Name = request.Name.Or(""),
            Description = request.Description.Or(""),
            AdminStateUp = request.AdminStateUp.Or(true),
        });
        return Finish(draft, RouterGateways.Change(draft, router, request.Gateway, "create_router"), request);
    }

    public static Router? Update(Draft draft, Id<Router> id, RouterRequest request)
    {
        if (draft.OwnedRouter(id, "update_router") is not { } router)
        {
            return null;
        }

        return Finish(draft, RouterGateways.Change(draft, router, request.Gateway, "update_router"), request);
    }

    public static Router? Delete(Draft draft, Id<Router> id)
    {
        if (draft.OwnedRouter(id, "delete_router") is not { } router)
        {
            return null;
        }

        if (RouterLegs.Interfaces(draft.Topology, router).Any())
        {
            draft.Reject(Rejection.Conflict("RouterInUse", $"Router {id} still has ports"));
        }

        if (draft.IsRefused)
        {
            return null;
        }

        if (RouterLegs.Gateway(draft.Topology, router) is { } gateway)
        {
            draft.Remove(gateway);
        }

        draft.Remove(router);
        return router;
    }

    internal static Router? OwnedRouter(this Draft draft, Id<Router> id, string action) =>
        draft.Owned(draft.Topology.Routers.GetValueOrDefault(id), action, () => NotFound.Router(id.ToString()));

    private static Router? Finish(Draft draft, Router router, RouterRequest request)
    {
        var changed = router with
        {
            Name = request.Name.Or(router.Name),
            Description = request.Description.Or(router.Description),
            AdminStateUp = request.AdminStateUp.Or(router.AdminStateUp),
            Routes = request.Routes.Or(router.Routes),
        };
        if (request.Routes.IsSet)
        {
            Routes(draft, changed);
        }

        return draft.IsRefused ? null : draft.Put(changed);
    }

    private static void Routes(Draft draft, Router router)
    {
        if (router.Routes.Count > MaxRoutes)
        {
            draft.Reject(new Rejection(RejectionKind.Invalid, "RoutesExhausted", "routes",
                $"Unable to complete operation for {router.Id}. The number of routes exceeds the maximum {MaxRoutes}."));
        }

        if (router.Routes.Distinct().Count() < router.Routes.Count)
        {
            draft.Reject(Rejection.BadValue("routes", "Duplicate hostroute"));
        }

        var legs = RouterLegs.All(draft.Topology, router).ToList();
        foreach (var route in router.Routes)
        {
            var why = route.NextHop.IsV6 != route.Destination.Address.IsV6 ? "the nexthop and the destination differ in ip_version"
                : !legs.Any(leg => leg.Subnet.Cidr.Contains(route.NextHop)) ? "the nexthop is not connected with router"
                : legs.Any(leg => leg.Address == route.NextHop) ? "the nexthop is used by router"
                : null;
            if (why is not null)
            {
                draft.Reject(new Rejection(RejectionKind.Invalid, "InvalidRoutes", "routes",
                    $"Invalid format for routes: {route.Destination} by {route.NextHop}, {why}"));
            }
        }
    }
}

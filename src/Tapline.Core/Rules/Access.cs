using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Core.Rules;

/// <summary>Finding what a request names, with the caller's rights: unseen is "not found", seen but another's is "forbidden".</summary>
internal static class Access
{
    public static Network? FindNetwork(this Draft draft, Id<Network> id) =>
        draft.Visible(draft.Topology.Networks.GetValueOrDefault(id), () => NotFound.Network(id.ToString()));

    public static Subnet? FindSubnet(this Draft draft, Id<Subnet> id) =>
        draft.Visible(draft.Topology.Subnets.GetValueOrDefault(id), () => NotFound.Subnet(id.ToString()));

    public static Port? FindPort(this Draft draft, Id<Port> id) =>
        draft.Visible(draft.Topology.Ports.GetValueOrDefault(id), () => NotFound.Port(id.ToString()));

    public static SecurityGroup? FindSecurityGroup(this Draft draft, Id<SecurityGroup> id) =>
        draft.Visible(draft.Topology.SecurityGroups.GetValueOrDefault(id), () => NotFound.SecurityGroup(id.ToString()));

    /// <summary>The resource, where the caller may change it.</summary>
    public static T? Owned<T>(this Draft draft, T? resource, string action, Func<Rejection> notFound)
        where T : Resource
    {
        if (draft.Visible(resource, notFound) is { } seen)
        {
            draft.RequireOwner(seen, action);
            return seen;
        }

        return null;
    }

    public static void RequireOwner(this Draft draft, Resource resource, string action)
    {
        if (!draft.Scope.Owns(resource))
        {
            draft.Reject(Disallowed(action));
        }
    }

    /// <summary>Refuses non-administrators who ask for it; the action is named as Neutron's policy file names it.</summary>
    public static void RequireAdmin(this Draft draft, bool asked, string action)
    {
        if (asked && !draft.Scope.IsAdmin)
        {
            draft.Reject(Disallowed(action));
        }
    }

    /// <summary>Whose the new resource is: the caller's, or whose an administrator says.</summary>
    public static string ProjectFor(this Draft draft, Optional<string> asked)
    {
        var project = asked.Or(draft.Scope.ProjectId);
        if (project != draft.Scope.ProjectId && !draft.Scope.IsAdmin)
        {
            draft.Reject(new Rejection(RejectionKind.Invalid, "HTTPBadRequest", "project_id",
                "Specifying 'project_id' or 'tenant_id' other than the authenticated project in request requires admin privileges"));
        }

        return project;
    }

    private static Rejection Disallowed(string action) => Rejection.Forbidden(action, $"rule:{action} is disallowed by policy");

    private static T? Visible<T>(this Draft draft, T? resource, Func<Rejection> notFound)
        where T : Resource
    {
        if (resource is not null && draft.Scope.Sees(draft.Topology, resource))
        {
            return resource;
        }

        draft.Reject(notFound());
        return null;
    }
}

using System.Collections.Frozen;
using System.Collections.Immutable;
using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Core.Rules;

/// <summary>How much a project may have. Only what its users ask for is refused; helper ports count, but are always made.</summary>
public static class QuotaRules
{
    /// <summary>Neutron's own defaults; -1 is unlimited.</summary>
    public static ImmutableArray<QuotaLimit> Defaults { get; } =
    [
        new("network", 100), new("subnet", 100), new("port", 500), new("router", 10), new("floatingip", 50),
        new("security_group", 10), new("security_group_rule", 100), new("rbac_policy", 10), new("subnetpool", -1), new("trunk", -1),
    ];

    private static readonly FrozenDictionary<string, ResourceType> Types = new Dictionary<string, ResourceType>
    {
        ["network"] = ResourceType.Network,
        ["subnet"] = ResourceType.Subnet,
        ["port"] = ResourceType.Port,
        ["router"] = ResourceType.Router,
        ["floatingip"] = ResourceType.FloatingIp,
        ["security_group"] = ResourceType.SecurityGroup,
        ["security_group_rule"] = ResourceType.SecurityGroupRule,
    }.ToFrozenDictionary();

    public static int Limit(Topology topology, string project, string resource)
    {
        var own = topology.Quotas.GetValueOrDefault(project)?.Limits ?? [];
        return own.FirstOrDefault(limit => limit.Resource == resource)?.Limit ?? Defaults.First(limit => limit.Resource == resource).Limit;
    }

    public static int Used(Topology topology, string project, string resource) =>
        Types.TryGetValue(resource, out var type) ? topology.Indexes.ByProject.Get((type, project)).Count : 0;

    /// <summary>Sets the given limits, the others stay as they are.</summary>
    public static Quota? Update(Draft draft, string project, ImmutableArray<QuotaLimit> limits)
    {
        draft.RequireAdmin(true, "update_quota");
        foreach (var limit in limits.Where(limit => limit.Limit < -1))
        {
            draft.Reject(Rejection.BadValue(limit.Resource, $"'{limit.Limit}' is less than -1"));
        }

        if (draft.IsRefused)
        {
            return null;
        }

        var quota = draft.Topology.Quotas.GetValueOrDefault(project) ?? new Quota { ProjectId = project, Name = project };
        var kept = quota.Limits.Where(old => !limits.Any(limit => limit.Resource == old.Resource));
        return draft.Put(quota with { Limits = kept.Concat(limits).ToValueList() });
    }

    /// <summary>Back to the defaults.</summary>
    public static string? Delete(Draft draft, string project)
    {
        draft.RequireAdmin(true, "delete_quota");
        if (draft.IsRefused)
        {
            return null;
        }

        if (draft.Topology.Quotas.TryGetValue(project, out var quota))
        {
            draft.Remove(quota);
        }

        return project;
    }

    /// <summary>Refuses where <paramref name="more"/> would be too many; what the request itself has made so far counts.</summary>
    internal static void Require(Draft draft, string project, string resource, int more = 1)
    {
        var limit = Limit(draft.Topology, project, resource);
        if (limit >= 0 && Used(draft.Topology, project, resource) + more > limit)
        {
            draft.Reject(Rejection.Conflict("OverQuota", $"Quota exceeded for resources: ['{resource}']."));
        }
    }
}

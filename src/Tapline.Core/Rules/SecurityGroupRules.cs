using System.Security.Cryptography;
using System.Text;
using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Core.Rules;

/// <summary>Security groups: create, update, delete, and each project's default group.</summary>
public static class SecurityGroupRules
{
    private const string DefaultName = "default";

    public static SecurityGroup? Create(Draft draft, SecurityGroupRequest request)
    {
        var project = draft.ProjectFor(request.ProjectId);
        EnsureDefault(draft, project);
        QuotaRules.Require(draft, project, "security_group");
        QuotaRules.Require(draft, project, "security_group_rule", more: 2); // AllowOut
        if (request.Name.Or("") == DefaultName)
        {
            draft.Reject(Rejection.Conflict("SecurityGroupDefaultAlreadyExists", "Default security group already exists."));
        }

        if (draft.IsRefused)
        {
            return null;
        }

        var group = draft.Put(new SecurityGroup
        {
            Id = draft.Context.NewId<SecurityGroup>(),
            ProjectId = project,
            Name = request.Name.Or(""),
            Description = request.Description.Or(""),
        });
        AllowOut(draft, group);
        return group;
    }

    public static SecurityGroup? Update(Draft draft, Id<SecurityGroup> id, SecurityGroupRequest request)
    {
        if (Owned(draft, id, "update_security_group") is not { } group)
        {
            return null;
        }

        if (group.Name == DefaultName && request.Name.Or(group.Name) != group.Name)
        {
            draft.Reject(Rejection.Conflict("SecurityGroupCannotUpdateDefault", "Updating default security group not allowed."));
        }

        if (group.Name != DefaultName && request.Name.Or(group.Name) == DefaultName)
        {
            draft.Reject(Rejection.Conflict("SecurityGroupDefaultAlreadyExists", "Default security group already exists."));
        }

        return draft.IsRefused ? null : draft.Put(group with
        {
            Name = request.Name.Or(group.Name),
            Description = request.Description.Or(group.Description),
        });
    }

    /// <summary>Its rules go with it, and the rules elsewhere that name it as their remote.</summary>
    public static SecurityGroup? Delete(Draft draft, Id<SecurityGroup> id)
    {
        if (Owned(draft, id, "delete_security_group") is not { } group)
        {
            return null;
        }

        if (group.Name == DefaultName && !draft.Scope.IsAdmin)
        {
            draft.Reject(Rejection.Conflict("SecurityGroupCannotRemoveDefault",
                "Insufficient rights for removing default security group."));
        }

        if (!draft.Topology.Indexes.PortsByGroup.Get(id).IsEmpty)
        {
            draft.Reject(Rejection.Conflict("SecurityGroupInUse", $"Security Group {id} in use."));
        }

        if (draft.IsRefused)
        {
            return null;
        }

        foreach (var rule in draft.Topology.SecurityGroupRules.Values.Where(rule => rule.SecurityGroupId == id || rule.RemoteGroupId == id))
        {
            draft.Remove(rule);
        }

        draft.Remove(group);
        return group;
    }

    /// <summary>The project's default group, made where it is missing: out to anywhere, in from its own members.</summary>
    public static SecurityGroup EnsureDefault(Draft draft, string project)
    {
        if (FindDefault(draft.Topology, project) is { } existing)
        {
            return existing;
        }

        var group = draft.Put(new SecurityGroup
        {
            Id = DefaultId(project),
            ProjectId = project,
            Name = DefaultName,
            Description = "Default security group",
        });
        AllowOut(draft, group);
        Allow(draft, group, RuleDirection.Ingress, isV6: false, group.Id);
        Allow(draft, group, RuleDirection.Ingress, isV6: true, group.Id);
        return group;
    }

    public static SecurityGroup? FindDefault(Topology topology, string project) =>
        topology.Indexes.ByProject.Get((ResourceType.SecurityGroup, project))
            .Select(id => topology.SecurityGroups[new Id<SecurityGroup>(id)])
            .FirstOrDefault(group => group.Name == DefaultName);

    /// <summary>Of the project alone, so that two servers can not each make one.</summary>
    private static Id<SecurityGroup> DefaultId(string project) =>
        new(new Guid(SHA256.HashData(Encoding.UTF8.GetBytes($"default security group of {project}")).AsSpan(0, 16)));

    private static SecurityGroup? Owned(Draft draft, Id<SecurityGroup> id, string action) =>
        draft.Owned(draft.Topology.SecurityGroups.GetValueOrDefault(id), action, () => NotFound.SecurityGroup(id.ToString()));

    private static void AllowOut(Draft draft, SecurityGroup group)
    {
        Allow(draft, group, RuleDirection.Egress, isV6: false, null);
        Allow(draft, group, RuleDirection.Egress, isV6: true, null);
    }

    private static void Allow(Draft draft, SecurityGroup group, RuleDirection direction, bool isV6, Id<SecurityGroup>? remote) =>
        draft.Put(new SecurityGroupRule
        {
            Id = draft.Context.NewId<SecurityGroupRule>(),
            ProjectId = group.ProjectId,
            SecurityGroupId = group.Id,
            Direction = direction,
            IsV6 = isV6,
            RemoteGroupId = remote,
        });
}

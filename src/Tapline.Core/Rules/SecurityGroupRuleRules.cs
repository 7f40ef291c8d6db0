using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Core.Rules;

/// <summary>Security group rules: create and delete; they are never changed.</summary>
public static class SecurityGroupRuleRules
{
    public static SecurityGroupRule? Create(Draft draft, SecurityGroupRuleRequest request)
    {
        var project = draft.ProjectFor(request.ProjectId);
        var group = draft.FindSecurityGroup(request.SecurityGroupId);
        QuotaRules.Require(draft, request.ProjectId.IsSet ? project : group?.ProjectId ?? project, "security_group_rule");
        if (request.RemoteGroupId is { } remote)
        {
            draft.FindSecurityGroup(remote);
        }

        SecurityGroupRuleChecks.All(draft, request);
        if (draft.IsRefused || group is null)
        {
            return null;
        }

        var rule = new SecurityGroupRule
        {
            Id = draft.Context.NewId<SecurityGroupRule>(),
            ProjectId = request.ProjectId.IsSet ? project : group.ProjectId,
            Description = request.Description.Or(""),
            SecurityGroupId = group.Id,
            Direction = request.Direction,
            IsV6 = request.IsV6,
            Protocol = request.Protocol,
            PortRangeMin = request.PortRangeMin,
            PortRangeMax = request.PortRangeMax,
            RemoteIpPrefix = request.RemoteIpPrefix,
            RemoteGroupId = request.RemoteGroupId,
        };
        var meaning = Meaning.Of(rule);
        if (draft.Topology.RulesOf(group.Id).FirstOrDefault(other => Meaning.Of(other) == meaning) is { } same)
        {
            draft.Reject(Rejection.Conflict("SecurityGroupRuleExists", $"Security group rule already exists. Rule id is {same.Id}."));
            return null;
        }

        draft.Touch(group);
        return draft.Put(rule);
    }

    public static SecurityGroupRule? Delete(Draft draft, Id<SecurityGroupRule> id)
    {
        var found = draft.Topology.SecurityGroupRules.GetValueOrDefault(id);
        var rule = draft.Owned(found, "delete_security_group_rule", () => NotFound.SecurityGroupRule(id.ToString()));
        if (draft.IsRefused || rule is null)
        {
            return null;
        }

        draft.Touch(draft.Topology.SecurityGroups[rule.SecurityGroupId]);
        draft.Remove(rule);
        return rule;
    }

    /// <summary>What a rule lets through: two rules of one meaning are one too many, however they are written.</summary>
    private readonly record struct Meaning(
        RuleDirection Direction, bool IsV6, int? Protocol, int? Min, int? Max, IpPrefix? Prefix, Id<SecurityGroup>? Group)
    {
        public static Meaning Of(SecurityGroupRule rule)
        {
            var protocol = Protocols.NumberOf(rule.Protocol, rule.IsV6);
            var everyPort = SecurityGroupRuleChecks.HasPorts(protocol);
            return new Meaning(rule.Direction, rule.IsV6, protocol, rule.PortRangeMin ?? (everyPort ? 1 : null),
                rule.PortRangeMax ?? (everyPort ? 65535 : null),
                rule.RemoteIpPrefix is { Length: > 0 } prefix ? prefix.Network : null, rule.RemoteGroupId);
        }
    }
}

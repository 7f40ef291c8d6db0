using System.Text.Json;
using Tapline.Core.Model;
using Tapline.Core.Primitives;
using Tapline.Core.Rules;
using Of = Tapline.Server.Networking.Define<Tapline.Core.Model.SecurityGroupRule, Tapline.Core.Rules.SecurityGroupRuleRequest>;

namespace Tapline.Server.Networking;

/// <summary><c>/v2.0/security-group-rules</c>.</summary>
internal static class SecurityGroupRuleCollection
{
    public static ResourceCollection<SecurityGroupRule, SecurityGroupRuleRequest> Value { get; } = new(
        "security_group_rule", "security_group_rules",
    [
        Of.Uuid("id", rule => rule.Id.Value),
        .. Of.Project((request, value) => request with { ProjectId = value }),
        Of.Uuid("security_group_id", rule => rule.SecurityGroupId.Value)
            .In(On.Post, Read.Uuid<SecurityGroup>(), (request, value) => request with { SecurityGroupId = value })
            with { Required = true },
        Of.Text("ethertype", rule => rule.IsV6 ? "IPv6" : "IPv4")
            .In(On.Post, Read.OneOf(("IPv4", false), ("IPv6", true)), (request, value) => request with { IsV6 = value }),
        Of.Text("direction", rule => rule.Direction == RuleDirection.Ingress ? "ingress" : "egress")
            .In(On.Post, Read.OneOf(("ingress", RuleDirection.Ingress), ("egress", RuleDirection.Egress)),
                (request, value) => request with { Direction = value }) with { Required = true },
        Of.Text("protocol", rule => rule.Protocol)
            .In(On.Post, Protocol, (request, value) => request with { Protocol = value }),
        Of.Number("port_range_min", rule => rule.PortRangeMin)
            .In(On.Post, Read.OrNull(Read.Int), (request, value) => request with { PortRangeMin = value }),
        Of.Number("port_range_max", rule => rule.PortRangeMax)
            .In(On.Post, Read.OrNull(Read.Int), (request, value) => request with { PortRangeMax = value }),
        Of.Text("remote_ip_prefix", rule => rule.RemoteIpPrefix?.ToString())
            .In(On.Post, Read.OrNull(Read.AddressOrCidr), (request, value) => request with { RemoteIpPrefix = value }),
        Of.Uuid("remote_group_id", rule => rule.RemoteGroupId?.Value)
            .In(On.Post, Read.OrNull(Read.Reference<SecurityGroup>(NotFound.SecurityGroup)), (request, value) => request with { RemoteGroupId = value }),
        Of.Text("description", rule => rule.Description)
            .In(On.Post, Read.Name, (request, value) => request with { Description = value }),
        .. Of.Standard(),
    ])
    {
        Get = (topology, id) =>
            Id<SecurityGroupRule>.TryParse(id, out var parsed) ? topology.SecurityGroupRules.GetValueOrDefault(parsed) : null,
        Candidates = Candidates,
        Indexed = (topology, name, value) =>
            name == "security_group_id" && Id<SecurityGroup>.TryParse(value, out var group) ? topology.RulesOf(group) : null,
        BeforeList = SecurityGroupCollection.EnsureDefaultAsync,
        Missing = NotFound.SecurityGroupRule,
        Create = SecurityGroupRuleRules.Create,
        Delete = (draft, id) => SecurityGroupRuleRules.Delete(draft, Id<SecurityGroupRule>.Parse(id)),
    };

    /// <summary>The project's own, and those that others have put into its groups.</summary>
    private static IEnumerable<SecurityGroupRule> Candidates(Topology topology, Scope scope)
    {
        if (scope.IsAdmin)
        {
            return topology.SecurityGroupRules.Values;
        }

        var own = topology.Indexes.ByProject.Get((ResourceType.SecurityGroupRule, scope.ProjectId))
            .Select(id => topology.SecurityGroupRules[new Id<SecurityGroupRule>(id)]);
        var groups = topology.Indexes.ByProject.Get((ResourceType.SecurityGroup, scope.ProjectId)).Select(id => new Id<SecurityGroup>(id));
        return own.Concat(groups.SelectMany(topology.RulesOf).Where(rule => rule.ProjectId != scope.ProjectId));
    }

    /// <summary>A name in lower case or a number as text; "any" is null.</summary>
    private static Reader<string?> Protocol => (JsonElement json, Reading reading, out string? value) =>
    {
        value = json.ValueKind switch
        {
            JsonValueKind.Number => json.GetRawText(),
            JsonValueKind.String => json.GetString()!.ToLowerInvariant(),
            _ => null,
        };
        value = value is "any" or "" ? null : value;
        return json.ValueKind is JsonValueKind.Null or JsonValueKind.Number or JsonValueKind.String
            || reading.Refuse($"{Reading.Shown(json)} is not a valid protocol");
    };
}

using Tapline.Core.Model;
using Tapline.Core.Primitives;
using Tapline.Core.Rules;
using Of = Tapline.Server.Networking.Define<Tapline.Core.Model.SecurityGroup, Tapline.Core.Rules.SecurityGroupRequest>;

namespace Tapline.Server.Networking;

/// <summary><c>/v2.0/security-groups</c>.</summary>
internal static class SecurityGroupCollection
{
    public static Collection Value { get; } = new ResourceCollection<SecurityGroup, SecurityGroupRequest>(
        "security_group", "security_groups",
    [
        Of.Uuid("id", group => group.Id.Value),
        Of.Text("name", group => group.Name)
            .In(On.Both, Read.Name, (request, value) => request with { Name = value }) with { Required = true },
        .. Of.Project((request, value) => request with { ProjectId = value }),
        Of.Text("description", group => group.Description)
            .In(On.Both, Read.Name, (request, value) => request with { Description = value }),
        Of.Shown("security_group_rules", (json, view, group) =>
        {
            json.WriteStartArray();
            foreach (var rule in view.Topology.RulesOf(group.Id).OrderBy(rule => rule.CreatedAt).ThenBy(rule => rule.Id))
            {
                SecurityGroupRuleCollection.Value.Write(json, view, rule, null);
            }

            json.WriteEndArray();
        }),
        .. Of.Standard(),
    ])
    {
        Get = (topology, id) => Id<SecurityGroup>.TryParse(id, out var parsed) ? topology.SecurityGroups.GetValueOrDefault(parsed) : null,
        Candidates = (topology, scope) => scope.IsAdmin
            ? topology.SecurityGroups.Values
            : topology.Indexes.ByProject.Get((ResourceType.SecurityGroup, scope.ProjectId))
                .Select(id => topology.SecurityGroups[new Id<SecurityGroup>(id)]),
        BeforeList = EnsureDefaultAsync,
        Missing = NotFound.SecurityGroup,
        Create = SecurityGroupRules.Create,
        Update = (draft, id, request) => SecurityGroupRules.Update(draft, Id<SecurityGroup>.Parse(id), request),
        Delete = (draft, id) => SecurityGroupRules.Delete(draft, Id<SecurityGroup>.Parse(id)),
    };

    /// <summary>Every project has its default group, also one that has done nothing yet but look or be looked at.</summary>
    public static Task EnsureDefaultAsync(Call call)
    {
        var project = ProjectOf(call);
        return SecurityGroupRules.FindDefault(call.Topology, project) is null
            ? call.CommitAsync(draft => SecurityGroupRules.EnsureDefault(draft, project))
            : Task.CompletedTask;
    }

    private static string ProjectOf(Call call)
    {
        var query = call.Context.Request.Query;
        var asked = query["project_id"].Concat(query["tenant_id"]).FirstOrDefault(project => project is { Length: > 0 and <= 255 });
        return call.Scope.IsAdmin && asked is not null ? asked : call.Scope.ProjectId;
    }
}

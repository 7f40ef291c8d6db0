using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Tapline.Core.Model;
using Tapline.Core.Primitives;
using Tapline.Server.Feed;

namespace Tapline.Server.Networking;

/// <summary><c>/v2.0/agents</c>: Tapline has one agent a host, which does the work of these three of Neutron's.</summary>
internal static class Agents
{
    private static readonly (string Type, string Binary, string Topic)[] Kinds =
    [
        ("Open vSwitch agent", "neutron-openvswitch-agent", "N/A"),
        ("L3 agent", "neutron-l3-agent", "l3_agent"),
        ("DHCP agent", "neutron-dhcp-agent", "dhcp_agent"),
    ];

    public static Task HandleAsync(Call call, string[] path)
    {
        if (call.Method != "GET")
        {
            return NeutronAnswer.WrongMethodAsync(call.Context);
        }

        return path switch
        {
            [] => ListAsync(call),
            [var id] => ShowAsync(call, id),
            _ => NeutronAnswer.NoSuchPathAsync(call.Context),
        };
    }

    private static Task ListAsync(Call call)
    {
        var query = call.Context.Request.Query;
        var agents = All(call).Where(agent =>
            (!query.TryGetValue("host", out var hosts) || hosts.Contains(agent.Host.Name))
            && (!query.TryGetValue("agent_type", out var types) || types.Contains(agent.Type))
            && (!query.TryGetValue("binary", out var binaries) || binaries.Contains(agent.Binary))
            && (!query.TryGetValue("id", out var ids) || ids.Contains(agent.Id.ToString())));
        return NeutronAnswer.JsonAsync(call.Context, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("agents");
            foreach (var agent in agents)
            {
                Write(json, call.Liveness, agent);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private static Task ShowAsync(Call call, string id)
    {
        var agent = All(call).FirstOrDefault(agent => agent.Id.ToString() == id);
        return agent is null
            ? NeutronAnswer.RefusedAsync(call.Context, [Rejection.NotFound("AgentNotFound", $"Agent {id} could not be found.")])
            : NeutronAnswer.JsonAsync(call.Context, StatusCodes.Status200OK, json =>
            {
                json.WriteStartObject();
                json.WritePropertyName("agent");
                Write(json, call.Liveness, agent);
                json.WriteEndObject();
            });
    }

    /// <summary>Hosts are the administrator's business: nobody else sees any.</summary>
    private static IEnumerable<Agent> All(Call call) =>
        from host in (call.Scope.IsAdmin ? call.Topology.Hosts.Values : []).OrderBy(host => host.Name, StringComparer.Ordinal)
        from kind in Kinds
        select new Agent(StableId(kind.Type, host.Name), host, kind.Type, kind.Binary, kind.Topic);

    /// <summary>The same for the same host, on every server and after every restart.</summary>
    private static Guid StableId(string type, string host) => new(SHA256.HashData(Encoding.UTF8.GetBytes($"{type}/{host}"))[..16]);

    private static void Write(Utf8JsonWriter json, HostLiveness liveness, Agent agent)
    {
        json.WriteStartObject();
        json.WriteString("id", agent.Id);
        json.WriteString("agent_type", agent.Type);
        json.WriteString("binary", agent.Binary);
        json.WriteString("topic", agent.Topic);
        json.WriteString("host", agent.Host.Name);
        json.WriteBoolean("admin_state_up", true);
        json.WriteBoolean("alive", liveness.IsAlive(agent.Host.Name));
        json.WriteString("created_at", Text(agent.Host.CreatedAt));
        json.WriteString("started_at", Text(agent.Host.CreatedAt));
        json.WriteString("heartbeat_timestamp", Text(liveness.LastSeen(agent.Host.Name) ?? agent.Host.UpdatedAt));
        json.WriteString("description", agent.Host.Description);
        json.WriteStartObject("configurations");
        json.WriteStartObject("bridge_mappings");
        foreach (var mapping in agent.Host.BridgeMappings)
        {
            json.WriteString(mapping.PhysicalNetwork, mapping.Bridge);
        }

        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private sealed record Agent(Guid Id, Host Host, string Type, string Binary, string Topic);
}

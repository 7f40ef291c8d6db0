using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Tapline.Core.Model;
using Tapline.Core.Primitives;
using Tapline.Core.Rules;

namespace Tapline.Server.Networking;

/// <summary><c>/v2.0/quotas</c>: of the caller's project, or, for administrators, of any.</summary>
internal static class Quotas
{
    public static Task HandleAsync(Call call, string[] path) => (call.Method, path) switch
    {
        ("GET", []) => ListAsync(call),
        ("GET", ["tenant" or "project"]) => WriteProjectAsync(call),
        (_, [var project, ..]) when project != call.Scope.ProjectId && !call.Scope.IsAdmin => NeutronAnswer.RefusedAsync(call.Context,
            [Rejection.Forbidden("get_quota", "rule:get_quota is disallowed by policy")]),
        ("GET", [var project]) => ShowAsync(call, resource => QuotaRules.Limit(call.Topology, project, resource)),
        ("GET", [_, "default"]) => ShowAsync(call, resource => QuotaRules.Defaults.First(limit => limit.Resource == resource).Limit),
        ("GET", [var project, "details"]) => DetailsAsync(call, project),
        ("PUT", [var project]) => UpdateAsync(call, project),
        ("DELETE", [var project]) => DeleteAsync(call, project),
        (_, [] or [_]) => NeutronAnswer.WrongMethodAsync(call.Context),
        _ => NeutronAnswer.NoSuchPathAsync(call.Context),
    };

    private static Task ListAsync(Call call)
    {
        var topology = call.Topology;
        var projects = call.Scope.IsAdmin ? topology.Quotas.Keys : topology.Quotas.Keys.Where(project => project == call.Scope.ProjectId);
        return NeutronAnswer.JsonAsync(call.Context, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("quotas");
            foreach (var project in projects.Order(StringComparer.Ordinal))
            {
                json.WriteStartObject();
                json.WriteString("tenant_id", project);
                json.WriteString("project_id", project);
                Limits(json, resource => QuotaRules.Limit(topology, project, resource));
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private static Task WriteProjectAsync(Call call) => NeutronAnswer.JsonAsync(call.Context, StatusCodes.Status200OK, json =>
    {
        json.WriteStartObject();
        json.WriteStartObject("tenant");
        json.WriteString("tenant_id", call.Scope.ProjectId);
        json.WriteEndObject();
        json.WriteEndObject();
    });

    private static Task ShowAsync(Call call, Func<string, int> limitOf) =>
        NeutronAnswer.JsonAsync(call.Context, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteStartObject("quota");
            Limits(json, limitOf);
            json.WriteEndObject();
            json.WriteEndObject();
        });

    private static Task DetailsAsync(Call call, string project)
    {
        var topology = call.Topology;
        return NeutronAnswer.JsonAsync(call.Context, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteStartObject("quota");
            foreach (var known in QuotaRules.Defaults)
            {
                json.WriteStartObject(known.Resource);
                json.WriteNumber("limit", QuotaRules.Limit(topology, project, known.Resource));
                json.WriteNumber("used", QuotaRules.Used(topology, project, known.Resource));
                json.WriteNumber("reserved", 0);
                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.WriteEndObject();
        });
    }

    private static async Task UpdateAsync(Call call, string project)
    {
        using var body = await RequestBody.ReadAsync(call.Context);
        if (body is null)
        {
            return;
        }

        var reading = new Reading();
        var limits = Parse(body.RootElement, reading);
        if (reading.Rejections.Count > 0)
        {
            await NeutronAnswer.RefusedAsync(call.Context, reading.Rejections);
            return;
        }

        var result = await call.CommitAsync(draft => QuotaRules.Update(draft, project, limits));
        await (result.IsOk
            ? ShowAsync(call, resource => QuotaRules.Limit(call.Topology, project, resource))
            : NeutronAnswer.RefusedAsync(call.Context, result.Rejections));
    }

    private static ImmutableArray<QuotaLimit> Parse(JsonElement body, Reading reading)
    {
        if (body.ValueKind != JsonValueKind.Object || !body.TryGetProperty("quota", out var quota)
            || quota.ValueKind != JsonValueKind.Object)
        {
            reading.RefuseBody("quota", "Unable to find 'quota' in request body");
            return [];
        }

        var limits = ImmutableArray.CreateBuilder<QuotaLimit>();
        foreach (var property in quota.EnumerateObject())
        {
            reading.Attribute = property.Name;
            if (QuotaRules.Defaults.All(known => known.Resource != property.Name))
            {
                reading.RefuseBody(property.Name, $"Unrecognized attribute(s) '{property.Name}'");
            }
            else if (Read.Int(property.Value, reading, out var limit))
            {
                limits.Add(new QuotaLimit(property.Name, limit));
            }
        }

        return limits.ToImmutable();
    }

    private static async Task DeleteAsync(Call call, string project)
    {
        var result = await call.CommitAsync(draft => QuotaRules.Delete(draft, project));
        await (result.IsOk ? NeutronAnswer.NothingAsync(call.Context) : NeutronAnswer.RefusedAsync(call.Context, result.Rejections));
    }

    private static void Limits(Utf8JsonWriter json, Func<string, int> limitOf)
    {
        foreach (var known in QuotaRules.Defaults)
        {
            json.WriteNumber(known.Resource, limitOf(known.Resource));
        }
    }
}

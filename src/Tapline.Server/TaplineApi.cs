using Microsoft.AspNetCore.Http;
using Tapline.Server.Clouds;
using Tapline.Server.Feed;
using Tapline.Server.Http;
using Tapline.Server.Identity;

namespace Tapline.Server;

/// <summary>Tapline's own API below <c>/tapline/v1</c>: what OpenStack has no words for.</summary>
internal sealed class TaplineApi(Cloud cloud, HostFeed feed, Authenticator authenticator)
{
    public Task HandleAsync(HttpContext context)
    {
        if (authenticator.Authenticate(context) is not { } caller)
        {
            Authenticator.Challenge(context);
            return Answer.Error(401, "The request you have made requires authentication.").WriteAsync(context);
        }

        var answer = (context.Request.Method, context.Request.Path.Value) switch
        {
            ("GET", "/tapline/v1/status") => Status(caller),
            _ => Answer.Error(404, "There is no such path."),
        };
        return answer.WriteAsync(context);
    }

    /// <summary>How far each host has carried out what it is told. What failed there names other projects' resources: administrators see it.</summary>
    private Answer Status(Caller caller) => Answer.Ok(writer =>
    {
        var topology = cloud.Current;
        writer.WriteStartObject();
        writer.WriteString("store_id", cloud.StoreId);
        writer.WriteNumber("revision", topology.Revision.Value);
        writer.WriteStartArray("hosts");
        foreach (var name in topology.Hosts.Keys.Order(StringComparer.Ordinal))
        {
            var report = topology.HostReports.GetValueOrDefault(name);
            writer.WriteStartObject();
            writer.WriteString("name", name);
            writer.WriteBoolean("alive", cloud.Liveness.IsAlive(name));
            writer.WriteNumber("wanted_revision", feed.SliceOf(name, topology).Revision.Value);
            writer.WriteNumber("applied_revision", report?.Applied.Value ?? 0);
            writer.WriteNumber("changes", report?.Changes ?? 0);
            writer.WriteNumber("failure_count", report?.Failures.Count ?? 0);
            writer.WriteStartArray("failures");
            foreach (var failure in caller.IsAdmin && report is not null ? report.Failures : [])
            {
                writer.WriteStartObject();
                writer.WriteString("item", failure.Item);
                writer.WriteString("error", failure.Error);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });
}

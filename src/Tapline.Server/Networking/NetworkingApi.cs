using System.Collections.Frozen;
using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;
using Tapline.Core.Primitives;
using Tapline.Server.Clouds;
using Tapline.Server.Identity;

namespace Tapline.Server.Networking;

/// <summary>The OpenStack Networking API v2.0, and Tapline's own instances beside it: which path is answered by what.</summary>
internal static class NetworkingApi
{
    private static readonly ImmutableArray<Collection> Collections =
    [
        NetworkCollection.Value, SubnetCollection.Value, PortCollection.Value, RouterCollection.Value, FloatingIpCollection.Value,
        SecurityGroupCollection.Value, SecurityGroupRuleCollection.Value,
    ];

    private static readonly FrozenDictionary<string, Collection> ByPath = Collections.ToFrozenDictionary(collection => collection.Path);

    internal static Task HandleAsync(HttpContext context, Cloud cloud, Authenticator authenticator) =>
        HandleAsync(context, cloud, authenticator.Authenticate);

    internal static Task HandleAsync(HttpContext context, Cloud cloud, Func<HttpContext, Caller?> authenticate)
    {
        var path = Segments(context.Request.Path.Value ?? "");
        context.Response.Headers["X-Openstack-Request-Id"] = $"req-{Guid.NewGuid()}";
        if (context.Request.Method == "GET" && path is [] or ["v2.0"])
        {
            return path is [] ? Versions.ListAsync(context) : Versions.ResourcesAsync(context, Collections);
        }

        if (authenticate(context) is not { } caller)
        {
            Authenticator.Challenge(context);
            return NeutronAnswer.UnauthenticatedAsync(context);
        }

        if (context.Request.Method is not ("GET" or "POST" or "PUT" or "DELETE"))
        {
            return NeutronAnswer.WrongMethodAsync(context);
        }

        if (context.Request.Method != "GET" && !caller.MayWrite)
        {
            return NeutronAnswer.RefusedAsync(context,
                [Rejection.Forbidden("role", "The roles of the token allow reading only: disallowed by policy")]);
        }

        return DispatchAsync(new Call(context, cloud, caller), path);
    }

    private static Task DispatchAsync(Call call, string[] path) => path switch
    {
        ["v2.0", "extensions", .. var rest] => Extensions.HandleAsync(call, rest),
        ["v2.0", "quotas", .. var rest] => Quotas.HandleAsync(call, rest),
        ["v2.0", "agents", .. var rest] => Agents.HandleAsync(call, rest),
        ["v2.0", var name, .. var rest] when ByPath.TryGetValue(name, out var collection) => DispatchAsync(call, collection, rest),
        ["tapline", "v1", "instances", .. var rest] => DispatchAsync(call, InstanceCollection.Value, rest),
        _ => NeutronAnswer.NoSuchPathAsync(call.Context),
    };

    private static Task DispatchAsync(Call call, Collection collection, string[] path) => path switch
    {
        [] => collection.HandleAsync(call),
        [var id] => collection.HandleAsync(call, id),
        [var id, "tags", .. var rest] => Tags.HandleAsync(call, collection, id, rest),
        [var id, var action] when collection == RouterCollection.Value => RouterInterfaceActions.HandleAsync(call, id, action),
        _ => NeutronAnswer.NoSuchPathAsync(call.Context),
    };

    /// <summary>The last may end in ".json": old clients write it so.</summary>
    private static string[] Segments(string path)
    {
        var segments = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (segments is [.., var last] && last.EndsWith(".json", StringComparison.Ordinal))
        {
            segments[^1] = last[..^5];
        }

        return segments;
    }
}

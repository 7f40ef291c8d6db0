using Microsoft.AspNetCore.Http;
using Tapline.Core.Model;
using Tapline.Core.Primitives;
using Tapline.Core.Rules;
using Tapline.Server.Clouds;
using Tapline.Server.Feed;
using Tapline.Server.Identity;

namespace Tapline.Server.Networking;

/// <summary>One authenticated request.</summary>
internal sealed class Call(HttpContext context, Cloud cloud, Caller caller)
{
    public HttpContext Context => context;

    public Scope Scope { get; } = new(caller.ProjectId, caller.IsAdmin);

    public string Method => context.Request.Method;

    public Topology Topology => cloud.Current;

    public HostLiveness Liveness => cloud.Liveness;

    /// <summary>The newest Topology, as the caller may see it.</summary>
    public View View() => new(cloud.Current, Scope);

    /// <summary>Carries the rule out in one commit, or in none.</summary>
    public Task<Result<T>> CommitAsync<T>(Func<Draft, T?> rule)
        where T : class =>
        cloud.CommitAsync((topology, random) => Draft.Run(topology, random, Scope, rule), context.RequestAborted);
}

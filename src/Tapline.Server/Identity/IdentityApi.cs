using Microsoft.AspNetCore.Http;
using Tapline.Server.Http;

namespace Tapline.Server.Identity;

/// <summary>Keystone's API v3 below <c>/identity</c>: as much of it as an OpenStack with one domain and fixed roles has.</summary>
internal sealed class IdentityApi(UserDirectory directory, Authenticator authenticator, TimeProvider time)
{
    private readonly TokenEndpoints _tokens = new(directory, authenticator, time);
    private readonly DirectoryEndpoints _directory = new(directory, authenticator, time);

    public async Task HandleAsync(HttpContext context)
    {
        var answer = await AnswerAsync(context).ConfigureAwait(false);
        if (answer.Status == StatusCodes.Status401Unauthorized)
        {
            Authenticator.Challenge(context);
        }

        context.Response.Headers.Vary = "X-Auth-Token";
        await answer.WriteAsync(context).ConfigureAwait(false);
    }

    private Task<Answer> AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "";
        var segments = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var call = IdentityCall.Of(context, authenticator.Identify(context));
        var method = HttpMethods.IsHead(context.Request.Method) ? HttpMethods.Get : context.Request.Method;
        return segments switch
        {
            ["identity"] => Task.FromResult(VersionEndpoints.All(call)),
            ["identity", "v3"] => Task.FromResult(VersionEndpoints.Version3(call)),
            ["identity", "v3", "auth", "tokens"] when method == HttpMethods.Post => _tokens.IssueAsync(call),
            ["identity", "v3", .. var rest] => call.Holder is { } holder
                ? RouteAsync(call, holder, method, rest)
                : Task.FromResult(Answers.Unauthorized),
            _ => Task.FromResult(Answers.NotFound("path", path)),
        };
    }

    private Task<Answer> RouteAsync(IdentityCall call, TokenHolder holder, string method, string[] path) => (method, path) switch
    {
        ("GET", ["auth", "tokens"]) => Task.FromResult(_tokens.Show(call, holder)),
        ("DELETE", ["auth", "tokens"]) => _tokens.RevokeAsync(call, holder),
        ("GET", ["auth", "catalog"]) => Task.FromResult(CatalogEndpoints.Mine(call)),
        ("GET", ["auth", "projects"]) => Task.FromResult(_directory.ProjectsOf(call, holder, holder.User.Id)),
        ("GET", ["auth", "domains"]) => Task.FromResult(call.List<string>("domains", [], (_, _) => { })),
        ("GET", ["auth", "system"]) => Task.FromResult(call.List<string>("system", [], (_, _) => { })),

        ("GET", ["projects"]) => Task.FromResult(_directory.Projects(call, holder)),
        ("POST", ["projects"]) => _directory.CreateProjectAsync(call, holder),
        ("GET", ["projects", var id]) => Task.FromResult(_directory.Project(call, holder, id)),
        ("PATCH", ["projects", var id]) => _directory.UpdateProjectAsync(call, holder, id),
        ("DELETE", ["projects", var id]) => _directory.DeleteProjectAsync(call, holder, id),

        ("GET", ["users"]) => Task.FromResult(_directory.Users(call, holder)),
        ("POST", ["users"]) => _directory.CreateUserAsync(call, holder),
        ("GET", ["users", var id]) => Task.FromResult(_directory.User(call, holder, id)),
        ("PATCH", ["users", var id]) => _directory.UpdateUserAsync(call, holder, id),
        ("DELETE", ["users", var id]) => _directory.DeleteUserAsync(call, holder, id),
        ("POST", ["users", var id, "password"]) => _directory.ChangePasswordAsync(call, holder, id),
        ("GET", ["users", var id, "projects"]) => Task.FromResult(_directory.ProjectsOf(call, holder, id)),
        ("GET", ["users", _, "groups"]) or ("GET", ["groups"]) => Task.FromResult(call.List<string>("groups", [], (_, _) => { })),

        ("GET", ["projects", var project, "users", var user, "roles"]) =>
            Task.FromResult(_directory.RolesOf(call, holder, project, user)),
        ("GET", ["projects", var project, "users", var user, "roles", var role]) =>
            Task.FromResult(_directory.HasRole(holder, project, user, role)),
        ("PUT", ["projects", var project, "users", var user, "roles", var role]) =>
            _directory.GiveRoleAsync(call, holder, project, user, role),
        ("DELETE", ["projects", var project, "users", var user, "roles", var role]) =>
            _directory.TakeRoleAsync(call, holder, project, user, role),
        ("GET", ["role_assignments"]) => Task.FromResult(_directory.Assignments(call, holder)),

        ("GET", ["roles"]) => Task.FromResult(DirectoryEndpoints.Roles(call)),
        ("GET", ["roles", var id]) => Task.FromResult(DirectoryEndpoints.Role(call, id)),
        ("GET", ["domains"]) => Task.FromResult(DirectoryEndpoints.Domains(call)),
        ("GET", ["domains", var id]) => Task.FromResult(DirectoryEndpoints.Domain(call, id)),

        ("GET", ["services"]) => Task.FromResult(CatalogEndpoints.Services(call)),
        ("GET", ["services", var id]) => Task.FromResult(CatalogEndpoints.Service(call, id)),
        ("GET", ["endpoints"]) => Task.FromResult(CatalogEndpoints.Endpoints(call)),
        ("GET", ["endpoints", var id]) => Task.FromResult(CatalogEndpoints.Endpoint(call, id)),
        ("GET", ["regions"]) => Task.FromResult(CatalogEndpoints.Regions(call)),
        ("GET", ["regions", var id]) => Task.FromResult(CatalogEndpoints.Region(call, id)),

        (_, ["roles" or "domains" or "services" or "endpoints" or "regions" or "groups", ..]) =>
            Task.FromResult(Answer.Error(StatusCodes.Status403Forbidden, "These are built in: they can be read, not changed.")),
        _ => Task.FromResult(Answers.NotFound("path", call.Context.Request.Path)),
    };
}

using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Tapline.Core.Primitives;
using Tapline.Server.Http;

namespace Tapline.Server.Identity;

/// <summary>Projects, users, roles and who has which; administrators manage them, others read themselves.</summary>
internal sealed class DirectoryEndpoints(UserDirectory directory, Authenticator authenticator, TimeProvider time)
{
    private const int LongestName = 255;
    private const int LongestProjectName = 64;
    private const int LongestPassword = 1024;

    public static Answer Roles(IdentityCall call)
    {
        var name = call.Query("name");
        var roles = Identity.Role.All.Where(role => name is null || role.Name == name);
        return call.List("roles", roles, (writer, x) => DirectoryShapes.Write(writer, call, x));
    }

    public static Answer Role(IdentityCall call, string id) => Identity.Role.Find(id) is { } role
        ? IdentityCall.One("role", role, (writer, x) => DirectoryShapes.Write(writer, call, x))
        : Answers.NotFound("role", id);

    public static Answer Domains(IdentityCall call)
    {
        string[] domains = call.Query("name") is null or Identity.Domain.Name ? [Identity.Domain.Id] : [];
        return call.List("domains", domains, (writer, _) => DirectoryShapes.WriteDomain(writer, call));
    }

    public static Answer Domain(IdentityCall call, string id) => id == Identity.Domain.Id
        ? IdentityCall.One("domain", id, (writer, _) => DirectoryShapes.WriteDomain(writer, call))
        : Answers.NotFound("domain", id);

    public Answer Projects(IdentityCall call, TokenHolder holder)
    {
        if (!holder.IsAdmin)
        {
            return Answers.Forbidden;
        }

        var name = call.Query("name");
        var enabled = call.Query("enabled");
        var parent = call.Query("parent_id");
        var projects = directory.Current.Projects.Values
            .Where(project => (name is null || project.Name == name)
                && (enabled is null || project.Enabled == IsTrue(enabled))
                && (parent is null || (project.ParentId ?? Identity.Domain.Id) == parent)
                && call.Query("domain_id") is null or Identity.Domain.Id)
            .OrderBy(project => project.Id, StringComparer.Ordinal);
        return call.List("projects", projects, (writer, x) => DirectoryShapes.Write(writer, call, x));
    }

    public Answer ProjectsOf(IdentityCall call, TokenHolder holder, string userId) =>
        !holder.IsAdmin && holder.User.Id != userId ? Answers.Forbidden
        : !directory.Current.Users.ContainsKey(userId) ? Answers.NotFound("user", userId)
        : call.List(
            "projects",
            directory.Current.ProjectsOf(userId).OrderBy(x => x.Id, StringComparer.Ordinal),
            (writer, x) => DirectoryShapes.Write(writer, call, x));

    public Answer Project(IdentityCall call, TokenHolder holder, string id) =>
        !holder.IsAdmin && directory.Current.RolesOf(holder.User.Id, id).IsEmpty ? Answers.Forbidden
        : directory.Current.Projects.GetValueOrDefault(id) is { } project
            ? IdentityCall.One("project", project, (writer, x) => DirectoryShapes.Write(writer, call, x))
            : Answers.NotFound("project", id);

    public Task<Answer> CreateProjectAsync(IdentityCall call, TokenHolder holder) =>
        ChangeAsync<Project>(call, holder, "project", 201, fields =>
    {
        var project = new Project
        {
            Id = Guid.NewGuid().ToString("N"),
            Name = fields.NonEmptyText("name", LongestProjectName) ?? "",
            Description = fields.Text("description") ?? "",
            Enabled = fields.Flag("enabled") ?? true,
            ParentId = fields.Text("parent_id") is { } parent && parent != Identity.Domain.Id ? parent : null,
        };
        if (!fields.Has("name"))
        {
            fields.Refuse("name", "is required");
        }

        if (fields.Flag("is_domain") == true)
        {
            fields.Refuse("is_domain", "must be false, there is one domain");
        }

        RequireDomain(fields);
        return snapshot => project.ParentId is { } above && !snapshot.Projects.ContainsKey(above)
            ? Rejection.NotFound("project", $"Could not find project: {above}.")
            : Unique(snapshot, project);
    }, (writer, x) => DirectoryShapes.Write(writer, call, x));

    public Task<Answer> UpdateProjectAsync(IdentityCall call, TokenHolder holder, string id) =>
        ChangeAsync<Project>(call, holder, "project", 200, fields =>
    {
        var name = fields.NonEmptyText("name", LongestProjectName);
        var description = fields.Text("description");
        var enabled = fields.Flag("enabled");
        return snapshot => snapshot.Projects.GetValueOrDefault(id) is { } old
            ? Unique(snapshot, old with
            {
                Name = name ?? old.Name,
                Description = description ?? old.Description,
                Enabled = enabled ?? old.Enabled,
            })
            : Rejection.NotFound("project", $"Could not find project: {id}.");
    }, (writer, x) => DirectoryShapes.Write(writer, call, x));

    public Task<Answer> DeleteProjectAsync(IdentityCall call, TokenHolder holder, string id) => DoAsync(call, holder, snapshot =>
        snapshot.Projects.Values.Any(project => project.ParentId == id)
            ? Rejection.Forbidden("project", $"Cannot delete the project {id}: there are projects below it.")
        : snapshot.Projects.GetValueOrDefault(id) is { } project
            ? new DirectoryChange<bool>(true,
                [DirectorySnapshot.Delete(project), .. snapshot.Assignments.Where(x => x.ProjectId == id).Select(DirectorySnapshot.Delete)])
            : Rejection.NotFound("project", $"Could not find project: {id}."));

    public Answer Users(IdentityCall call, TokenHolder holder)
    {
        if (!holder.IsAdmin)
        {
            return Answers.Forbidden;
        }

        var name = call.Query("name");
        var enabled = call.Query("enabled");
        var users = directory.Current.Users.Values
            .Where(user => (name is null || user.Name == name)
                && (enabled is null || user.Enabled == IsTrue(enabled))
                && call.Query("domain_id") is null or Identity.Domain.Id)
            .OrderBy(user => user.Id, StringComparer.Ordinal);
        return call.List("users", users, (writer, x) => DirectoryShapes.Write(writer, call, x));
    }

    public Answer User(IdentityCall call, TokenHolder holder, string id) =>
        !holder.IsAdmin && holder.User.Id != id ? Answers.Forbidden
        : directory.Current.Users.GetValueOrDefault(id) is { } user
            ? IdentityCall.One("user", user, (writer, x) => DirectoryShapes.Write(writer, call, x))
            : Answers.NotFound("user", id);

    public Task<Answer> CreateUserAsync(IdentityCall call, TokenHolder holder) =>
        ChangeAsync<User>(call, holder, "user", 201, fields =>
    {
        var password = fields.NonEmptyText("password", LongestPassword);
        var user = new User
        {
            Id = Guid.NewGuid().ToString("N"),
            Name = fields.NonEmptyText("name", LongestName) ?? "",
            Description = fields.Text("description") ?? "",
            Email = fields.Text("email"),
            DefaultProjectId = fields.Text("default_project_id"),
            Enabled = fields.Flag("enabled") ?? true,
            Password = password is null ? null : PasswordHash.Make(password, PasswordHash.ForChosen),
            PasswordChangedAt = time.GetUtcNow(),
        };
        if (!fields.Has("name"))
        {
            fields.Refuse("name", "is required");
        }

        RequireDomain(fields);
        return snapshot => Unique(snapshot, user);
    }, (writer, x) => DirectoryShapes.Write(writer, call, x));

    public Task<Answer> UpdateUserAsync(IdentityCall call, TokenHolder holder, string id) =>
        ChangeAsync<User>(call, holder, "user", 200, fields =>
    {
        var name = fields.NonEmptyText("name", LongestName);
        var description = fields.Text("description");
        var email = fields.Text("email");
        var project = fields.Text("default_project_id");
        var enabled = fields.Flag("enabled");
        var hash = fields.NonEmptyText("password", LongestPassword) is { } password
            ? PasswordHash.Make(password, PasswordHash.ForChosen)
            : null;
        var now = time.GetUtcNow();
        return snapshot => snapshot.Users.GetValueOrDefault(id) is { } old
            ? Unique(snapshot, old with
            {
                Name = name ?? old.Name,
                Description = description ?? old.Description,
                Email = email ?? old.Email,
                DefaultProjectId = project ?? old.DefaultProjectId,
                Enabled = enabled ?? old.Enabled,
                Password = hash ?? old.Password,
                PasswordChangedAt = hash is null ? old.PasswordChangedAt : now,
            })
            : Rejection.NotFound("user", $"Could not find user: {id}.");
    }, (writer, x) => DirectoryShapes.Write(writer, call, x));

    public Task<Answer> DeleteUserAsync(IdentityCall call, TokenHolder holder, string id) => DoAsync(call, holder, snapshot =>
        snapshot.Users.GetValueOrDefault(id) is { } user
            ? new DirectoryChange<bool>(true,
                [DirectorySnapshot.Delete(user), .. snapshot.Assignments.Where(x => x.UserId == id).Select(DirectorySnapshot.Delete)])
            : Rejection.NotFound("user", $"Could not find user: {id}."));

    /// <summary>Users change their own, administrators anybody's; either proves to know the one before.</summary>
    public async Task<Answer> ChangePasswordAsync(IdentityCall call, TokenHolder holder, string id)
    {
        if (holder.User.Id != id && !holder.IsAdmin)
        {
            return Answer.Error(StatusCodes.Status403Forbidden, "A password is changed by its user or an administrator.");
        }

        return await call.WithBodyAsync("user", async fields =>
        {
            var password = fields.NonEmptyText("password", LongestPassword);
            var original = fields.Text("original_password");
            if (password is null || original is null)
            {
                fields.Refuse("password", "and 'original_password' are required");
                return Answers.Refused(fields.Rejections);
            }

            if (!await authenticator.IsPasswordAsync(directory.Current.Users.GetValueOrDefault(id), original, call.Aborted).ConfigureAwait(false))
            {
                return Answers.Unauthorized;
            }

            var hash = PasswordHash.Make(password, PasswordHash.ForChosen);
            var now = time.GetUtcNow();
            var result = await directory.CommitAsync<bool>(
                snapshot => snapshot.Users.GetValueOrDefault(id) is { } user
                    ? new DirectoryChange<bool>(true, [DirectorySnapshot.Put(user with { Password = hash, PasswordChangedAt = now })])
                    : Rejection.NotFound("user", $"Could not find user: {id}."),
                call.Aborted).ConfigureAwait(false);
            return result.IsOk ? Answer.NoContent : Answers.Refused(result.Rejections);
        }).ConfigureAwait(false);
    }

    public Answer RolesOf(IdentityCall call, TokenHolder holder, string projectId, string userId) =>
        !holder.IsAdmin ? Answers.Forbidden
        : Missing(directory.Current, projectId, userId) is { } missing ? Answers.Refused([missing])
        : call.List(
            "roles",
            Identity.Role.All.Where(role => Has(projectId, userId, role.Id)),
            (writer, x) => DirectoryShapes.Write(writer, call, x));

    public Answer HasRole(TokenHolder holder, string projectId, string userId, string roleId) =>
        !holder.IsAdmin ? Answers.Forbidden
        : Has(projectId, userId, roleId) ? Answer.NoContent
        : Answers.NotFound("role assignment", roleId);

    public Task<Answer> GiveRoleAsync(IdentityCall call, TokenHolder holder, string projectId, string userId, string roleId) =>
        DoAsync(call, holder, snapshot =>
            Missing(snapshot, projectId, userId) is { } missing ? missing
            : Identity.Role.Find(roleId) is null ? Rejection.NotFound("role", $"Could not find role: {roleId}.")
            : new DirectoryChange<bool>(true, [DirectorySnapshot.Put(new Assignment(userId, projectId, roleId))]));

    public Task<Answer> TakeRoleAsync(IdentityCall call, TokenHolder holder, string projectId, string userId, string roleId) =>
        DoAsync(call, holder, snapshot =>
            snapshot.Assignments.Contains(new Assignment(userId, projectId, roleId))
                ? new DirectoryChange<bool>(true, [DirectorySnapshot.Delete(new Assignment(userId, projectId, roleId))])
                : Rejection.NotFound("role assignment", $"Could not find role assignment: {roleId}."));

    public Answer Assignments(IdentityCall call, TokenHolder holder)
    {
        var (user, project, role) = (call.Query("user.id"), call.Query("scope.project.id"), call.Query("role.id"));
        if (!holder.IsAdmin && user != holder.User.Id)
        {
            return Answers.Forbidden;
        }

        var none = call.Query("scope.system") is not null
            || call.Query("scope.domain.id") is not null
            || call.Query("group.id") is not null;
        var names = call.Context.Request.Query.ContainsKey("include_names")
            && call.Query("include_names") is null or "True" or "true" or "1";
        var snapshot = directory.Current;
        var assignments = snapshot.Assignments
            .Where(x => !none
                && (user is null || x.UserId == user)
                && (project is null || x.ProjectId == project)
                && (role is null || x.RoleId == role))
            .OrderBy(x => $"{x.ProjectId}/{x.UserId}/{x.RoleId}", StringComparer.Ordinal);
        return call.List("role_assignments", assignments, (writer, x) => DirectoryShapes.Write(writer, call, snapshot, x, names));
    }

    private async Task<Answer> ChangeAsync<T>(
        IdentityCall call,
        TokenHolder holder,
        string member,
        int status,
        Func<BodyFields, Func<DirectorySnapshot, Result<DirectoryChange<T>>>> read,
        Action<Utf8JsonWriter, T> write)
    {
        if (!holder.IsAdmin)
        {
            return Answers.Forbidden;
        }

        return await call.WithBodyAsync(member, async fields =>
        {
            var rule = read(fields);
            if (fields.Rejections.Count > 0)
            {
                return Answers.Refused(fields.Rejections);
            }

            var result = await directory.CommitAsync(rule, call.Aborted).ConfigureAwait(false);
            return result.IsOk ? IdentityCall.One(member, result.Value, write, status) : Answers.Refused(result.Rejections);
        }).ConfigureAwait(false);
    }

    private async Task<Answer> DoAsync(
        IdentityCall call, TokenHolder holder, Func<DirectorySnapshot, Result<DirectoryChange<bool>>> rule)
    {
        if (!holder.IsAdmin)
        {
            return Answers.Forbidden;
        }

        var result = await directory.CommitAsync(rule, call.Aborted).ConfigureAwait(false);
        return result.IsOk ? Answer.NoContent : Answers.Refused(result.Rejections);
    }

    private static Result<DirectoryChange<Project>> Unique(DirectorySnapshot snapshot, Project project) =>
        snapshot.ProjectByName(project.Name) is { } other && other.Id != project.Id
            ? Rejection.Conflict("project", $"There is already a project with the name {project.Name}.")
            : new DirectoryChange<Project>(project, [DirectorySnapshot.Put(project)]);

    private static Result<DirectoryChange<User>> Unique(DirectorySnapshot snapshot, User user) =>
        snapshot.UserByName(user.Name) is { } other && other.Id != user.Id
            ? Rejection.Conflict("user", $"There is already a user with the name {user.Name}.")
            : new DirectoryChange<User>(user, [DirectorySnapshot.Put(user)]);

    private static Rejection? Missing(DirectorySnapshot snapshot, string projectId, string userId) =>
        !snapshot.Projects.ContainsKey(projectId) ? Rejection.NotFound("project", $"Could not find project: {projectId}.")
        : !snapshot.Users.ContainsKey(userId) ? Rejection.NotFound("user", $"Could not find user: {userId}.")
        : null;

    private static void RequireDomain(BodyFields fields)
    {
        if (fields.Text("domain_id") is { } id && id != Identity.Domain.Id)
        {
            fields.Reject(Rejection.NotFound("domain", $"Could not find domain: {id}."));
        }
    }

    private static bool IsTrue(string text) => !text.Equals("false", StringComparison.OrdinalIgnoreCase) && text != "0";

    private bool Has(string projectId, string userId, string roleId) =>
        directory.Current.Assignments.Contains(new Assignment(userId, projectId, roleId));
}

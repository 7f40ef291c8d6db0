using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Tapline.Core.Primitives;
using Tapline.Server.Http;

namespace Tapline.Server.Identity;

/// <summary><c>/v3/auth/tokens</c>.</summary>
internal sealed class TokenEndpoints(UserDirectory directory, Authenticator authenticator, TimeProvider time)
{
    private const string SubjectHeader = "X-Subject-Token";

    public Task<Answer> IssueAsync(IdentityCall call) => call.WithBodyAsync("auth", auth => IssueAsync(call, auth));

    public Answer Show(IdentityCall call, TokenHolder holder)
    {
        var text = call.Context.Request.Headers[SubjectHeader].ToString();
        if (Subject(text, holder, out var refusal) is not { } subject)
        {
            return refusal;
        }

        return TokenAnswer(call, StatusCodes.Status200OK, text, subject);
    }

    public async Task<Answer> RevokeAsync(IdentityCall call, TokenHolder holder)
    {
        if (Subject(call.Context.Request.Headers[SubjectHeader].ToString(), holder, out var refusal) is not { } subject)
        {
            return refusal;
        }

        var now = time.GetUtcNow();
        await directory.CommitAsync<bool>(
            snapshot => new DirectoryChange<bool>(true,
            [
                DirectorySnapshot.PutRevoked(subject.Token.Id, subject.Token.ExpiresAt),
                .. snapshot.Revoked.Where(x => x.Value <= now && x.Key != subject.Token.Id).Select(x => DirectorySnapshot.DeleteRevoked(x.Key)),
            ]),
            call.Aborted).ConfigureAwait(false);
        return Answer.NoContent;
    }

    private async Task<Answer> IssueAsync(IdentityCall call, BodyFields auth)
    {
        var identity = auth.Object("identity");
        var methods = identity?.Texts("methods") ?? [];
        if (identity is null || methods.Count == 0)
        {
            auth.Refuse("identity", "is required, with its 'methods'");
            return Answers.Refused(auth.Rejections);
        }

        User? user = null;
        var proved = AuthMethods.None;
        DateTimeOffset? expiresAt = null;
        foreach (var method in methods)
        {
            User? found;
            switch (method)
            {
                case "password":
                    found = await ByPasswordAsync(identity, call.Aborted).ConfigureAwait(false);
                    proved |= AuthMethods.Password;
                    break;
                case "token":
                    var old = authenticator.Identify(identity.Object("token")?.Text("id") ?? "");
                    found = old?.User;
                    expiresAt = old?.Token.ExpiresAt; // a token can not outlive the one it was got with
                    proved |= AuthMethods.Token | (old?.Token.Methods ?? AuthMethods.None);
                    break;
                default:
                    return Answer.Error(401, $"The authentication method '{method}' is not supported: there are 'password' and 'token'.");
            }

            if (auth.Rejections.Count > 0)
            {
                return Answers.Refused(auth.Rejections);
            }

            if (found is null || (user is not null && user.Id != found.Id))
            {
                return Answers.Unauthorized;
            }

            user = found;
        }

        return Issue(call, auth, user!, proved, expiresAt); // there is at least one method, and each found a user
    }

    private async Task<User?> ByPasswordAsync(BodyFields identity, CancellationToken cancellationToken)
    {
        var fields = identity.Object("password")?.Object("user");
        var password = fields?.Text("password");
        var (id, name) = (fields?.Text("id"), fields?.Text("name"));
        if (fields is null || password is null || (id is null && name is null))
        {
            identity.Refuse("password.user", "needs a 'password', and an 'id' or a 'name' with its 'domain'");
            return null;
        }

        var snapshot = directory.Current;
        var user = id is not null ? snapshot.Users.GetValueOrDefault(id)
            : Domain.IsNamedBy(fields.Object("domain")) ? snapshot.UserByName(name!) // one of the two is there
            : null;
        return await authenticator.IsPasswordAsync(user, password, cancellationToken).ConfigureAwait(false) && user is { Enabled: true }
            ? user
            : null;
    }

    private Answer Issue(IdentityCall call, BodyFields auth, User user, AuthMethods methods, DateTimeOffset? expiresAt)
    {
        var scope = Scope(auth, user, out var refusal);
        if (refusal is not null)
        {
            return refusal;
        }

        return authenticator.Issue(user, scope, methods, expiresAt) is { } issued
            ? TokenAnswer(call, StatusCodes.Status201Created, issued.Text, issued.Holder)
            : Answer.Error(401, $"User {user.Id} has no access to project {scope?.Id}.");
    }

    /// <summary>The project asked for, or null for an unscoped token.</summary>
    private Project? Scope(BodyFields auth, User user, out Answer? refusal)
    {
        refusal = null;
        var snapshot = directory.Current;
        if (auth.IsText("scope", "unscoped"))
        {
            return null;
        }

        var scope = auth.Object("scope");
        if (auth.Rejections.Count > 0)
        {
            refusal = Answers.Refused(auth.Rejections);
            return null;
        }

        if (scope is null)
        {
            return snapshot.ProjectsOf(user.Id).FirstOrDefault(project => project.Id == user.DefaultProjectId);
        }

        if (scope.Object("project") is { } fields)
        {
            var project = fields.Text("id") is { } id ? snapshot.Projects.GetValueOrDefault(id)
                : fields.Text("name") is { } name && Domain.IsNamedBy(fields.Object("domain")) ? snapshot.ProjectByName(name)
                : null;
            refusal = scope.Rejections.Count > 0 ? Answers.Refused(scope.Rejections) : project is null ? Answers.Unauthorized : null;
            return project;
        }

        refusal = scope.Has("system") || scope.Has("domain")
            ? Answer.Error(401, "Tokens are for projects: nobody has a role on the system or on a domain.")
            : Answers.Refused([Rejection.Invalid("scope", "'auth.scope' must name a 'project'.")]);
        return null;
    }

    /// <summary>Whom the token in the header is of: the caller's own, or anybody's for an administrator.</summary>
    private TokenHolder? Subject(string text, TokenHolder holder, out Answer refusal)
    {
        refusal = Answers.Forbidden;
        if (text.Length == 0)
        {
            refusal = Answer.Error(400, $"The header {SubjectHeader} is required.");
            return null;
        }

        var subject = authenticator.Identify(text);
        if (subject is null)
        {
            refusal = Answer.Error(404, "Could not find token.");
            return null;
        }

        return holder.IsAdmin || subject.User.Id == holder.User.Id ? subject : null;
    }

    private static Answer TokenAnswer(IdentityCall call, int status, string text, TokenHolder holder) =>
        IdentityCall.One("token", holder, (writer, x) => Write(writer, call, x), status) with { Header = (SubjectHeader, text) };

    private static void Write(Utf8JsonWriter writer, IdentityCall call, TokenHolder holder)
    {
        var token = holder.Token;
        writer.WriteStartObject();
        writer.WriteStartArray("methods");
        if (token.Methods.HasFlag(AuthMethods.Password))
        {
            writer.WriteStringValue("password");
        }

        if (token.Methods.HasFlag(AuthMethods.Token))
        {
            writer.WriteStringValue("token");
        }

        writer.WriteEndArray();
        writer.WriteStartObject("user");
        Domain.WriteReference(writer);
        writer.WriteString("id", holder.User.Id);
        writer.WriteString("name", holder.User.Name);
        writer.WriteNull("password_expires_at");
        writer.WriteEndObject();
        writer.WriteStartArray("audit_ids");
        writer.WriteStringValue(Base64Url.EncodeToString(token.Id.ToByteArray(bigEndian: true)));
        writer.WriteEndArray();
        writer.WriteString("expires_at", Print(token.ExpiresAt));
        writer.WriteString("issued_at", Print(token.IssuedAt));
        if (holder.Project is { } project)
        {
            WriteScope(writer, project, holder);
            if (!call.Context.Request.Query.ContainsKey("nocatalog"))
            {
                writer.WritePropertyName("catalog");
                Catalog.Write(writer, call.Server);
            }
        }

        writer.WriteEndObject();
    }

    private static void WriteScope(Utf8JsonWriter writer, Project project, TokenHolder holder)
    {
        writer.WriteStartObject("project");
        Domain.WriteReference(writer);
        writer.WriteString("id", project.Id);
        writer.WriteString("name", project.Name);
        writer.WriteEndObject();
        writer.WriteBoolean("is_domain", false);
        writer.WriteStartArray("roles");
        foreach (var role in Role.All.Where(holder.Roles.Contains))
        {
            writer.WriteStartObject();
            writer.WriteString("id", role.Id);
            writer.WriteString("name", role.Name);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static string Print(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}

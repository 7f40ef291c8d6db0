using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Tapline.Server.Identity;

/// <summary>Tells who a request is from. Needs no I/O: a token is checked by its signature and against the directory in memory.</summary>
public sealed class Authenticator(UserDirectory directory, TimeProvider time) : IDisposable
{
    internal static readonly TimeSpan TokenLifetime = TimeSpan.FromHours(12);

    private const int MostRemembered = 10_000;

    private readonly ConcurrentDictionary<string, (DirectorySnapshot Directory, TokenHolder Holder)> _remembered = new();
    private readonly ConcurrentDictionary<string, (string Hash, byte[] Mac)> _verified = new();
    private readonly byte[] _macKey = RandomNumberGenerator.GetBytes(32);

    // A guess costs a core for a tenth of a second: guesses wait for each other, and leave the other cores to their work.
    private readonly SemaphoreSlim _hashing = new(Math.Max(1, Environment.ProcessorCount / 2));

    /// <summary>Who asks, by the header <c>X-Auth-Token</c>; null without a token, or with one that is not good or not for a project.</summary>
    public Caller? Authenticate(HttpContext context) => Identify(context)?.Caller;

    /// <summary>The 401 that tells a client where to get a token; the body is the API's own.</summary>
    public static void Challenge(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        context.Response.Headers.WWWAuthenticate = $"Keystone uri=\"{BaseUrl.Of(context)}/identity\"";
    }

    public void Dispose() => _hashing.Dispose();

    internal TokenHolder? Identify(HttpContext context) => Identify(context.Request.Headers["X-Auth-Token"].ToString());

    internal TokenHolder? Identify(string text)
    {
        var snapshot = directory.Current;
        if (_remembered.TryGetValue(text, out var remembered) && remembered.Directory == (object)snapshot)
        {
            return remembered.Holder.Token.ExpiresAt > time.GetUtcNow() ? remembered.Holder : null;
        }

        if (!Token.TryRead(text, snapshot.Key.AsSpan(), out var token) || Holder(snapshot, token) is not { } holder)
        {
            return null;
        }

        if (_remembered.Count >= MostRemembered)
        {
            _remembered.Clear();
        }

        _remembered[text] = (snapshot, holder);
        return holder;
    }

    internal async Task<bool> IsPasswordAsync(User? user, string password, CancellationToken cancellationToken)
    {
        var mac = HMACSHA256.HashData(_macKey, Encoding.UTF8.GetBytes(password));
        if (user?.Password is { } known
            && _verified.TryGetValue(user.Id, out var verified)
            && verified.Hash == known
            && CryptographicOperations.FixedTimeEquals(verified.Mac, mac))
        {
            return true;
        }

        await _hashing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // The time that it takes does not tell whether there is such a user.
            if (!PasswordHash.Verify(password, user?.Password ?? PasswordHash.Nobodys) || user?.Password is not { } hash)
            {
                return false;
            }

            _verified[user.Id] = (hash, mac);
            return true;
        }
        finally
        {
            _hashing.Release();
        }
    }

    internal (string Text, TokenHolder Holder)? Issue(User user, Project? project, AuthMethods methods, DateTimeOffset? expiresAt)
    {
        var snapshot = directory.Current;
        var now = Token.Truncate(time.GetUtcNow());
        var token = new Token
        {
            Id = Guid.NewGuid(),
            UserId = Guid.Parse(user.Id),
            ProjectId = project is null ? null : Guid.Parse(project.Id),
            IssuedAt = now,
            ExpiresAt = expiresAt ?? now + TokenLifetime,
            Methods = methods,
        };
        return Holder(snapshot, token) is { } holder ? (token.Write(snapshot.Key.AsSpan()), holder) : null;
    }

    private TokenHolder? Holder(DirectorySnapshot snapshot, in Token token)
    {
        if (token.ExpiresAt <= time.GetUtcNow()
            || snapshot.Revoked.ContainsKey(token.Id)
            || snapshot.Users.GetValueOrDefault(token.UserId.ToString("N")) is not { Enabled: true } user
            || token.IssuedAt < Token.Truncate(user.PasswordChangedAt))
        {
            return null;
        }

        if (token.ProjectId is not { } projectId)
        {
            return new TokenHolder { Token = token, User = user, Roles = [] };
        }

        var roles = snapshot.RolesOf(user.Id, projectId.ToString("N"));
        if (roles.IsEmpty || snapshot.Projects.GetValueOrDefault(projectId.ToString("N")) is not { Enabled: true } project)
        {
            return null;
        }

        var caller = new Caller
        {
            UserId = user.Id,
            UserName = user.Name,
            ProjectId = project.Id,
            ProjectName = project.Name,
            Roles = roles.Select(role => role.Name).ToImmutableHashSet(),
        };
        return new TokenHolder { Token = token, User = user, Project = project, Roles = roles, Caller = caller };
    }
}

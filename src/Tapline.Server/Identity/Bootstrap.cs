using System.Security.Cryptography;

namespace Tapline.Server.Identity;

/// <summary>The first start over an empty store: the key that signs tokens, and an administrator with a drawn password.</summary>
internal static class Bootstrap
{
    /// <summary>Of the first user and of its project.</summary>
    public const string AdminName = "admin";

    private const int PasswordLength = 32;
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    /// <summary>Does nothing where it was done before. The file comes first: a password in the store that nobody knows would be lost.</summary>
    public static async Task RunAsync(
        UserDirectory directory, string cloudsPath, string authUrl, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!directory.Current.Key.IsEmpty)
        {
            return;
        }

        var password = RandomNumberGenerator.GetString(Letters, PasswordLength);
        CloudsFile.Write(cloudsPath, authUrl, password);
        var project = new Project { Id = Guid.NewGuid().ToString("N"), Name = AdminName, Description = "Made at the first start" };
        var user = new User
        {
            Id = Guid.NewGuid().ToString("N"),
            Name = AdminName,
            DefaultProjectId = project.Id,
            Password = PasswordHash.Make(password, PasswordHash.ForRandom),
            PasswordChangedAt = time.GetUtcNow(),
        };
        var key = RandomNumberGenerator.GetBytes(32);
        await directory.CommitAsync<bool>(
            snapshot => new DirectoryChange<bool>(true, !snapshot.Key.IsEmpty ? [] :
            [
                DirectorySnapshot.PutKey(key),
                DirectorySnapshot.Put(project),
                DirectorySnapshot.Put(user),
                DirectorySnapshot.Put(new Assignment(user.Id, project.Id, Role.Admin.Id)),
            ]),
            cancellationToken).ConfigureAwait(false);
    }
}

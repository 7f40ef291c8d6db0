namespace Tapline.Server.Identity;

/// <summary>Somebody who can ask for tokens.</summary>
public sealed record User
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public bool Enabled { get; init; } = true;

    public string Description { get; init; } = "";

    public string? Email { get; init; }

    /// <summary>Where a token goes that was asked for without scope.</summary>
    public string? DefaultProjectId { get; init; }

    /// <summary>As <see cref="PasswordHash"/> writes it; null where the user has none and can not log in.</summary>
    public string? Password { get; init; }

    /// <summary>Tokens from before are no longer good.</summary>
    public DateTimeOffset PasswordChangedAt { get; init; }
}

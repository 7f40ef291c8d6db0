using System.Collections.Immutable;

namespace Tapline.Server.Identity;

/// <summary>Who stands behind a token now: its user and project as they are in the directory, and the roles there.</summary>
internal sealed record TokenHolder
{
    public required Token Token { get; init; }

    public required User User { get; init; }

    /// <summary>Null: unscoped.</summary>
    public Project? Project { get; init; }

    public required ImmutableHashSet<Role> Roles { get; init; }

    /// <summary>Null where unscoped: nothing can be done to a project's resources then.</summary>
    public Caller? Caller { get; init; }

    public bool IsAdmin => Caller is { IsAdmin: true };
}

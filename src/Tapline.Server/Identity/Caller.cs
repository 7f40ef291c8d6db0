using System.Collections.Immutable;

namespace Tapline.Server.Identity;

/// <summary>Who asks: the user and project that a token stands for, checked against the directory at this request.</summary>
public sealed record Caller
{
    public required string UserId { get; init; }

    public required string UserName { get; init; }

    public required string ProjectId { get; init; }

    public required string ProjectName { get; init; }

    /// <summary>Of <c>admin</c>, <c>member</c>, <c>reader</c>.</summary>
    public required ImmutableHashSet<string> Roles { get; init; }

    /// <summary>May see and change what is every project's.</summary>
    public bool IsAdmin => Roles.Contains("admin");

    /// <summary>May change what is the project's own.</summary>
    public bool MayWrite => IsAdmin || Roles.Contains("member");
}

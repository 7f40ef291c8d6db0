namespace Tapline.Server.Identity;

/// <summary>What owns resources, and what roles are given on.</summary>
public sealed record Project
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public bool Enabled { get; init; } = true;

    public string Description { get; init; } = "";

    /// <summary>The project that it stands below; null: directly in the domain. Roles are not inherited.</summary>
    public string? ParentId { get; init; }
}

using Tapline.Core.Primitives;

namespace Tapline.Core.Model;

/// <summary>What every resource of the Networking API has: OpenStack's standard attributes. A closed family: the cases are in this folder.</summary>
public abstract record Resource
{
    /// <summary>Where the resource stands in the Topology and in the store.</summary>
    public abstract ResourceKey Key { get; }

    public required string ProjectId { get; init; }

    public string Name { get; init; } = "";

    public string Description { get; init; } = "";

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Counts the changes of this resource, from 0 (extension standard-attr-revisions).</summary>
    public long RevisionNumber { get; init; }

    public ValueList<string> Tags { get; init; }
}

using Tapline.Core.Primitives;

namespace Tapline.Core.Model;

/// <summary>A project's own limits; a resource without an entry has the default. -1 is unlimited.</summary>
public sealed record Quota : Resource
{
    public override ResourceKey Key => new(ResourceType.Quota, ProjectId);

    public ValueList<QuotaLimit> Limits { get; init; }
}

/// <summary>The limit for one API resource name (<c>network</c>, <c>port</c> …).</summary>
public sealed record QuotaLimit(string Resource, int Limit);

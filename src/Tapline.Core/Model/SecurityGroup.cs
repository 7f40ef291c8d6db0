using Tapline.Core.Primitives;

namespace Tapline.Core.Model;

/// <summary>A named set of rules that ports are put under; its members are those ports.</summary>
public sealed record SecurityGroup : Resource
{
    public required Id<SecurityGroup> Id { get; init; }

    public override ResourceKey Key => new(ResourceType.SecurityGroup, Id.ToString());

    public bool Stateful { get; init; } = true;
}

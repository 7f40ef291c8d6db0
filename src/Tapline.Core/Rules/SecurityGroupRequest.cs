using Tapline.Core.Primitives;

namespace Tapline.Core.Rules;

/// <summary>What a user gave of a security group, to create or to update one.</summary>
public sealed record SecurityGroupRequest
{
    public Optional<string> ProjectId { get; init; }

    public Optional<string> Name { get; init; }

    public Optional<string> Description { get; init; }
}

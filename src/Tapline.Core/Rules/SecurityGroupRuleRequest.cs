using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Core.Rules;

/// <summary>What a user gave of a new security group rule; null is any.</summary>
public sealed record SecurityGroupRuleRequest
{
    public Optional<string> ProjectId { get; init; }

    public Optional<string> Description { get; init; }

    public Id<SecurityGroup> SecurityGroupId { get; init; }

    public RuleDirection Direction { get; init; }

    public bool IsV6 { get; init; }

    public string? Protocol { get; init; }

    public int? PortRangeMin { get; init; }

    public int? PortRangeMax { get; init; }

    public IpPrefix? RemoteIpPrefix { get; init; }

    public Id<SecurityGroup>? RemoteGroupId { get; init; }
}

using Tapline.Core.Primitives;

namespace Tapline.Core.Model;

/// <summary>What a security group lets through; everything else is dropped.</summary>
public sealed record SecurityGroupRule : Resource
{
    public required Id<SecurityGroupRule> Id { get; init; }

    public override ResourceKey Key => new(ResourceType.SecurityGroupRule, Id.ToString());

    public required Id<SecurityGroup> SecurityGroupId { get; init; }

    public required RuleDirection Direction { get; init; }

    /// <summary>True for <c>IPv6</c>.</summary>
    public required bool IsV6 { get; init; }

    /// <summary>The protocol as the user gave it (name or number), null for any.</summary>
    public string? Protocol { get; init; }

    /// <summary>First port, or ICMP type.</summary>
    public int? PortRangeMin { get; init; }

    /// <summary>Last port, or ICMP code.</summary>
    public int? PortRangeMax { get; init; }

    /// <summary>As the user gave it; compare with its network.</summary>
    public IpPrefix? RemoteIpPrefix { get; init; }

    public Id<SecurityGroup>? RemoteGroupId { get; init; }
}

/// <summary>Seen from the instance.</summary>
public enum RuleDirection
{
    Ingress,
    Egress,
}

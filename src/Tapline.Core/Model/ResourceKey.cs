using System.Collections.Immutable;

namespace Tapline.Core.Model;

/// <summary>Type and id; prints as the path below which the store keeps the resource.</summary>
public readonly record struct ResourceKey(ResourceType Type, string Id)
{
    private static readonly ImmutableArray<string> Words = [.. Enum.GetValues<ResourceType>().Select(type => type.ToString().ToLowerInvariant())];

    public override string ToString() => $"{Words[(int)Type]}/{Id}";
}

/// <summary>The kinds of resource a Topology holds.</summary>
public enum ResourceType
{
    Network,
    Subnet,
    Port,
    Router,
    FloatingIp,
    SecurityGroup,
    SecurityGroupRule,
    Instance,
    Host,
    HostReport,
    Quota,
}

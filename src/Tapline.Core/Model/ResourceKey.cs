namespace Tapline.Core.Model;

/// <summary>Type and id; prints as the path below which the store keeps the resource.</summary>
public readonly record struct ResourceKey(ResourceType Type, string Id)
{
    public override string ToString() => $"{Type.ToString().ToLowerInvariant()}/{Id}";
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

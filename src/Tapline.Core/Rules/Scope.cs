using Tapline.Core.Model;

namespace Tapline.Core.Rules;

/// <summary>Whose eyes and hands a request has. What a project can not see does not exist for it.</summary>
public sealed record Scope(string ProjectId, bool IsAdmin)
{
    /// <summary>May change it.</summary>
    public bool Owns(Resource resource) => IsAdmin || (ProjectId.Length > 0 && resource.ProjectId == ProjectId);

    /// <summary>May know of it: its own, what hangs on its own networks and groups, and shared and external networks with their subnets.</summary>
    public bool Sees(Topology topology, Resource resource) => Owns(resource) || resource switch
    {
        Network x => x.Shared || x.External,
        Subnet x => topology.Networks.TryGetValue(x.NetworkId, out var network) && Sees(topology, network),
        Port x => topology.Networks.TryGetValue(x.NetworkId, out var network) && Owns(network),
        SecurityGroupRule x => topology.SecurityGroups.TryGetValue(x.SecurityGroupId, out var group) && Owns(group),
        _ => false,
    };
}

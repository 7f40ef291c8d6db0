using Tapline.Core.Primitives;

namespace Tapline.Core.Model;

/// <summary>What one host needs of a Topology: the message from server to agent, and the agent's file for a start without server.</summary>
public sealed record Slice
{
    /// <summary>Which store it comes from: the agent refuses another's.</summary>
    public required string StoreId { get; init; }

    /// <summary>The revision at which the content last changed.</summary>
    public required Revision Revision { get; init; }

    public required string HostId { get; init; }

    /// <summary>True when nothing is missing; an incomplete slice must never be carried out.</summary>
    public required bool Complete { get; init; }

    public IReadOnlyList<Host> Hosts { get; init; } = [];

    public IReadOnlyList<Network> Networks { get; init; } = [];

    public IReadOnlyList<Subnet> Subnets { get; init; } = [];

    public IReadOnlyList<Port> Ports { get; init; } = [];

    public IReadOnlyList<Router> Routers { get; init; } = [];

    public IReadOnlyList<FloatingIp> FloatingIps { get; init; } = [];

    public IReadOnlyList<SecurityGroup> SecurityGroups { get; init; } = [];

    public IReadOnlyList<SecurityGroupRule> SecurityGroupRules { get; init; } = [];

    public IReadOnlyList<Instance> Instances { get; init; } = [];

    /// <summary>The part as a Topology of its own.</summary>
    public Topology ToTopology() => Topology.Of(
        [.. Hosts, .. Networks, .. Subnets, .. Ports, .. Routers, .. FloatingIps, .. SecurityGroups, .. SecurityGroupRules, .. Instances])
        with
    { Revision = Revision };
}

using System.Collections.Immutable;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Tapline.Core.Primitives;

namespace Tapline.Core.Model;

/// <summary>All resources at one revision. Immutable: <see cref="Put"/> and <see cref="Remove"/> return a new one that shares the rest.</summary>
public sealed record Topology
{
    public static Topology Empty { get; } = new();

    /// <summary>The store's revision that this is the content of.</summary>
    public Revision Revision { get; init; }

    public ImmutableDictionary<Id<Network>, Network> Networks { get; private init; } = ImmutableDictionary<Id<Network>, Network>.Empty;

    public ImmutableDictionary<Id<Subnet>, Subnet> Subnets { get; private init; } = ImmutableDictionary<Id<Subnet>, Subnet>.Empty;

    public ImmutableDictionary<Id<Port>, Port> Ports { get; private init; } = ImmutableDictionary<Id<Port>, Port>.Empty;

    public ImmutableDictionary<Id<Router>, Router> Routers { get; private init; } = ImmutableDictionary<Id<Router>, Router>.Empty;

    public ImmutableDictionary<Id<FloatingIp>, FloatingIp> FloatingIps { get; private init; } =
        ImmutableDictionary<Id<FloatingIp>, FloatingIp>.Empty;

    public ImmutableDictionary<Id<SecurityGroup>, SecurityGroup> SecurityGroups { get; private init; } =
        ImmutableDictionary<Id<SecurityGroup>, SecurityGroup>.Empty;

    public ImmutableDictionary<Id<SecurityGroupRule>, SecurityGroupRule> SecurityGroupRules { get; private init; } =
        ImmutableDictionary<Id<SecurityGroupRule>, SecurityGroupRule>.Empty;

    public ImmutableDictionary<Id<Instance>, Instance> Instances { get; private init; } = ImmutableDictionary<Id<Instance>, Instance>.Empty;

    public ImmutableDictionary<string, Host> Hosts { get; private init; } = ImmutableDictionary<string, Host>.Empty;

    public ImmutableDictionary<string, HostReport> HostReports { get; private init; } = ImmutableDictionary<string, HostReport>.Empty;

    public ImmutableDictionary<string, Quota> Quotas { get; private init; } = ImmutableDictionary<string, Quota>.Empty;

    /// <summary>Who refers to whom: subnets, ports, rules … by the resource they belong to.</summary>
    public TopologyIndexes Indexes { get; private init; } = TopologyIndexes.Empty;

    /// <summary>Every resource, in no particular order.</summary>
    public IEnumerable<Resource> All =>
        [.. Networks.Values, .. Subnets.Values, .. Ports.Values, .. Routers.Values, .. FloatingIps.Values, .. SecurityGroups.Values,
            .. SecurityGroupRules.Values, .. Instances.Values, .. Hosts.Values, .. HostReports.Values, .. Quotas.Values];

    public static Topology Of(IEnumerable<Resource> resources) => resources.Aggregate(Empty, (topology, resource) => topology.Put(resource));

    public IEnumerable<Subnet> SubnetsOf(Id<Network> network) => Indexes.SubnetsByNetwork.Get(network).Select(id => Subnets[id]);

    public IEnumerable<Port> PortsOf(Id<Network> network) => Indexes.PortsByNetwork.Get(network).Select(id => Ports[id]);

    public IEnumerable<Port> PortsOfDevice(string deviceId) => Indexes.PortsByDevice.Get(deviceId).Select(id => Ports[id]);

    public IEnumerable<Port> MembersOf(Id<SecurityGroup> group) => Indexes.PortsByGroup.Get(group).Select(id => Ports[id]);

    public IEnumerable<SecurityGroupRule> RulesOf(Id<SecurityGroup> group) =>
        Indexes.RulesByGroup.Get(group).Select(id => SecurityGroupRules[id]);

    /// <summary>The resource of that key, or null.</summary>
    public Resource? Find(ResourceKey key) => key.Type switch
    {
        ResourceType.Network => Networks.GetValueOrDefault(Id<Network>.Parse(key.Id)),
        ResourceType.Subnet => Subnets.GetValueOrDefault(Id<Subnet>.Parse(key.Id)),
        ResourceType.Port => Ports.GetValueOrDefault(Id<Port>.Parse(key.Id)),
        ResourceType.Router => Routers.GetValueOrDefault(Id<Router>.Parse(key.Id)),
        ResourceType.FloatingIp => FloatingIps.GetValueOrDefault(Id<FloatingIp>.Parse(key.Id)),
        ResourceType.SecurityGroup => SecurityGroups.GetValueOrDefault(Id<SecurityGroup>.Parse(key.Id)),
        ResourceType.SecurityGroupRule => SecurityGroupRules.GetValueOrDefault(Id<SecurityGroupRule>.Parse(key.Id)),
        ResourceType.Instance => Instances.GetValueOrDefault(Id<Instance>.Parse(key.Id)),
        ResourceType.Host => Hosts.GetValueOrDefault(key.Id),
        ResourceType.HostReport => HostReports.GetValueOrDefault(key.Id),
        ResourceType.Quota => Quotas.GetValueOrDefault(key.Id),
        _ => throw new UnreachableException(),
    };

    /// <summary>With this resource, in place of the one with the same key if there is one.</summary>
    public Topology Put(Resource resource) => resource switch
    {
        Network x => this with { Networks = Networks.SetItem(x.Id, x), Indexes = Indexes.Replace(Networks.GetValueOrDefault(x.Id), x) },
        Subnet x => this with { Subnets = Subnets.SetItem(x.Id, x), Indexes = Indexes.Replace(Subnets.GetValueOrDefault(x.Id), x) },
        Port x => this with { Ports = Ports.SetItem(x.Id, x), Indexes = Indexes.Replace(Ports.GetValueOrDefault(x.Id), x) },
        Router x => this with { Routers = Routers.SetItem(x.Id, x), Indexes = Indexes.Replace(Routers.GetValueOrDefault(x.Id), x) },
        FloatingIp x => this with { FloatingIps = FloatingIps.SetItem(x.Id, x), Indexes = Indexes.Replace(FloatingIps.GetValueOrDefault(x.Id), x) },
        SecurityGroup x => this with { SecurityGroups = SecurityGroups.SetItem(x.Id, x), Indexes = Indexes.Replace(SecurityGroups.GetValueOrDefault(x.Id), x) },
        SecurityGroupRule x => this with { SecurityGroupRules = SecurityGroupRules.SetItem(x.Id, x), Indexes = Indexes.Replace(SecurityGroupRules.GetValueOrDefault(x.Id), x) },
        Instance x => this with { Instances = Instances.SetItem(x.Id, x), Indexes = Indexes.Replace(Instances.GetValueOrDefault(x.Id), x) },
        Host x => this with { Hosts = Hosts.SetItem(x.Name, x), Indexes = Indexes.Replace(Hosts.GetValueOrDefault(x.Name), x) },
        HostReport x => this with { HostReports = HostReports.SetItem(x.Name, x), Indexes = Indexes.Replace(HostReports.GetValueOrDefault(x.Name), x) },
        Quota x => this with { Quotas = Quotas.SetItem(x.ProjectId, x), Indexes = Indexes.Replace(Quotas.GetValueOrDefault(x.ProjectId), x) },
        _ => throw new UnreachableException(),
    };

    /// <summary>Without the resource of that key; the same Topology where there is none.</summary>
    [SuppressMessage("Maintainability", "CA1502", Justification = "one case a resource type")]
    public Topology Remove(ResourceKey key)
    {
        var old = Find(key);
        if (old is null)
        {
            return this;
        }

        var indexes = Indexes.Replace(old, null);
        return old switch
        {
            Network x => this with { Networks = Networks.Remove(x.Id), Indexes = indexes },
            Subnet x => this with { Subnets = Subnets.Remove(x.Id), Indexes = indexes },
            Port x => this with { Ports = Ports.Remove(x.Id), Indexes = indexes },
            Router x => this with { Routers = Routers.Remove(x.Id), Indexes = indexes },
            FloatingIp x => this with { FloatingIps = FloatingIps.Remove(x.Id), Indexes = indexes },
            SecurityGroup x => this with { SecurityGroups = SecurityGroups.Remove(x.Id), Indexes = indexes },
            SecurityGroupRule x => this with { SecurityGroupRules = SecurityGroupRules.Remove(x.Id), Indexes = indexes },
            Instance x => this with { Instances = Instances.Remove(x.Id), Indexes = indexes },
            Host x => this with { Hosts = Hosts.Remove(x.Name), Indexes = indexes },
            HostReport x => this with { HostReports = HostReports.Remove(x.Name), Indexes = indexes },
            Quota x => this with { Quotas = Quotas.Remove(x.ProjectId), Indexes = indexes },
            _ => throw new UnreachableException(),
        };
    }
}

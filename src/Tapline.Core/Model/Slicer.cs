using System.Collections.Immutable;
using Tapline.Core.Primitives;

namespace Tapline.Core.Model;

/// <summary>Cuts out of a Topology what one host needs to plan itself, and no more: other projects' resources stay away from it.</summary>
public static class Slicer
{
    /// <summary>
    /// The host's slice: its ports with their networks, subnets and security groups (also the members of the groups that those
    /// refer to); whole routers that have a leg here, with their floating IPs; every port of the networks that it serves DHCP on.
    /// </summary>
    public static Slice Of(Topology topology, string host, string storeId)
    {
        var own = topology.Indexes.PortsByHost.Get(host).Select(id => topology.Ports[id]).ToList();
        var ports = own.ToDictionary(port => port.Id);
        var routers = RoutersOf(topology, own);
        var floatingIps = routers.Values.SelectMany(router => topology.Indexes.FloatingIpsByRouter.Get(router.Id))
            .Select(id => topology.FloatingIps[id]).ToList();
        var instances = topology.Instances.Values.Where(instance => instance.HostId == host).ToList();

        Add(ports, own.Where(port => port.DeviceOwner == DeviceOwner.Dhcp).SelectMany(port => topology.PortsOf(port.NetworkId)));
        Add(ports, routers.Values.SelectMany(router => RouterPortsOf(topology, router)));
        Add(ports, Existing(topology, floatingIps.Select(floatingIp => floatingIp.FloatingPortId)));
        Add(ports, Existing(topology, floatingIps.Select(floatingIp => floatingIp.PortId).OfType<Id<Port>>()));
        Add(ports, Existing(topology, instances.SelectMany(instance => instance.PortIds)));

        var networks = ports.Values.Select(port => port.NetworkId).ToHashSet();
        var groups = own.SelectMany(port => port.SecurityGroups).ToHashSet();
        var rules = groups.SelectMany(topology.RulesOf).ToList();
        var remotes = rules.Select(rule => rule.RemoteGroupId).OfType<Id<SecurityGroup>>().ToHashSet();

        // After the networks: of a member on some other network the address counts, and not the network.
        Add(ports, remotes.SelectMany(topology.MembersOf));
        groups.UnionWith(remotes);

        return new Slice
        {
            StoreId = storeId,
            Revision = topology.Revision,
            HostId = host,
            Complete = true,
            Hosts = topology.Hosts.GetValueOrDefault(host) is { } record ? [record] : [],
            Networks = Sorted(networks.Select(id => topology.Networks[id]), network => network.Id),
            Subnets = Sorted(networks.SelectMany(topology.SubnetsOf), subnet => subnet.Id),
            Ports = Sorted(ports.Values, port => port.Id),
            Routers = Sorted(routers.Values, router => router.Id),
            FloatingIps = Sorted(floatingIps, floatingIp => floatingIp.Id),
            SecurityGroups = Sorted(groups.Select(id => topology.SecurityGroups[id]), group => group.Id),
            SecurityGroupRules = Sorted(rules, rule => rule.Id),
            Instances = Sorted(instances, instance => instance.Id),
        };
    }

    /// <summary>Whether two Topologies give every host the same slice at a glance: nothing but reports and quotas was changed.</summary>
    public static bool HaveSameInputs(Topology one, Topology other) =>
        one.Networks == other.Networks
        && one.Subnets == other.Subnets
        && one.Ports == other.Ports
        && one.Routers == other.Routers
        && one.FloatingIps == other.FloatingIps
        && one.SecurityGroups == other.SecurityGroups
        && one.SecurityGroupRules == other.SecurityGroupRules
        && one.Instances == other.Instances
        && one.Hosts == other.Hosts;

    /// <summary>Whether two slices are the same but for the revision.</summary>
    public static bool HaveSameContent(Slice one, Slice other) =>
        one.StoreId == other.StoreId
        && one.HostId == other.HostId
        && one.Complete == other.Complete
        && one.Hosts.SequenceEqual(other.Hosts)
        && one.Networks.SequenceEqual(other.Networks)
        && one.Subnets.SequenceEqual(other.Subnets)
        && one.Ports.SequenceEqual(other.Ports)
        && one.Routers.SequenceEqual(other.Routers)
        && one.FloatingIps.SequenceEqual(other.FloatingIps)
        && one.SecurityGroups.SequenceEqual(other.SecurityGroups)
        && one.SecurityGroupRules.SequenceEqual(other.SecurityGroupRules)
        && one.Instances.SequenceEqual(other.Instances);

    private static Dictionary<Id<Router>, Router> RoutersOf(Topology topology, List<Port> ports)
    {
        var routers = new Dictionary<Id<Router>, Router>();
        foreach (var port in ports)
        {
            if (port.DeviceOwner is DeviceOwner.RouterInterface or DeviceOwner.RouterGateway
                && Id<Router>.TryParse(port.DeviceId, out var id)
                && topology.Routers.TryGetValue(id, out var router))
            {
                routers[id] = router;
            }
        }

        return routers;
    }

    private static IEnumerable<Port> RouterPortsOf(Topology topology, Router router)
    {
        var ports = topology.PortsOfDevice(router.Id.ToString());
        return router.GatewayPortId is { } gateway ? ports.Concat(Existing(topology, [gateway])) : ports;
    }

    private static IEnumerable<Port> Existing(Topology topology, IEnumerable<Id<Port>> ids) =>
        ids.Select(id => topology.Ports.GetValueOrDefault(id)).OfType<Port>();

    private static void Add(Dictionary<Id<Port>, Port> ports, IEnumerable<Port> more)
    {
        foreach (var port in more)
        {
            ports[port.Id] = port;
        }
    }

    // By the Guid, whose order is that of its text, and needs no text to be made.
    private static ImmutableArray<T> Sorted<T>(IEnumerable<T> items, Func<T, Id<T>> id) => [.. items.OrderBy(item => id(item).Value)];
}

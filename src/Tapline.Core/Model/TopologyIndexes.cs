using System.Collections.Immutable;
using Tapline.Core.Primitives;

namespace Tapline.Core.Model;

/// <summary>The reverse references of a Topology, kept up to date by it with each change.</summary>
public sealed record TopologyIndexes
{
    public static TopologyIndexes Empty { get; } = new();

    public MultiMap<Id<Network>, Id<Subnet>> SubnetsByNetwork { get; private init; } = MultiMap<Id<Network>, Id<Subnet>>.Empty;

    public MultiMap<Id<Network>, Id<Port>> PortsByNetwork { get; private init; } = MultiMap<Id<Network>, Id<Port>>.Empty;

    public MultiMap<Id<Subnet>, Id<Port>> PortsBySubnet { get; private init; } = MultiMap<Id<Subnet>, Id<Port>>.Empty;

    /// <summary>Ports with a device id, by it.</summary>
    public MultiMap<string, Id<Port>> PortsByDevice { get; private init; } = MultiMap<string, Id<Port>>.Empty;

    public MultiMap<string, Id<Port>> PortsByHost { get; private init; } = MultiMap<string, Id<Port>>.Empty;

    public MultiMap<Id<SecurityGroup>, Id<Port>> PortsByGroup { get; private init; } = MultiMap<Id<SecurityGroup>, Id<Port>>.Empty;

    public MultiMap<Id<SecurityGroup>, Id<SecurityGroupRule>> RulesByGroup { get; private init; } =
        MultiMap<Id<SecurityGroup>, Id<SecurityGroupRule>>.Empty;

    public MultiMap<Id<Port>, Id<FloatingIp>> FloatingIpsByPort { get; private init; } = MultiMap<Id<Port>, Id<FloatingIp>>.Empty;

    public MultiMap<Id<Router>, Id<FloatingIp>> FloatingIpsByRouter { get; private init; } = MultiMap<Id<Router>, Id<FloatingIp>>.Empty;

    /// <summary>Which port holds an address of a network: the addresses in use.</summary>
    public ImmutableDictionary<(Id<Network>, IpAddress), Id<Port>> PortByAddress { get; private init; } =
        ImmutableDictionary<(Id<Network>, IpAddress), Id<Port>>.Empty;

    /// <summary>Which port has a MAC on a network.</summary>
    public ImmutableDictionary<(Id<Network>, MacAddress), Id<Port>> PortByMac { get; private init; } =
        ImmutableDictionary<(Id<Network>, MacAddress), Id<Port>>.Empty;

    /// <summary>The addresses in use of a subnet, in order: what is free follows from the ranks.</summary>
    public ImmutableDictionary<Id<Subnet>, ImmutableSortedSet<IpAddress>> AddressesBySubnet { get; private init; } =
        ImmutableDictionary<Id<Subnet>, ImmutableSortedSet<IpAddress>>.Empty;

    /// <summary>What a project has of each type: its lists and its quota's counts.</summary>
    public MultiMap<(ResourceType Type, string ProjectId), Guid> ByProject { get; private init; } =
        MultiMap<(ResourceType Type, string ProjectId), Guid>.Empty;

    internal TopologyIndexes Replace(Resource? old, Resource? now)
    {
        var without = old is null ? this : Change(old, add: false).ChangeProject(old, add: false);
        return now is null ? without : without.Change(now, add: true).ChangeProject(now, add: true);
    }

    private TopologyIndexes ChangeProject(Resource resource, bool add)
    {
        Guid? id = resource switch
        {
            Network x => x.Id.Value,
            Subnet x => x.Id.Value,
            Port x => x.Id.Value,
            Router x => x.Id.Value,
            FloatingIp x => x.Id.Value,
            SecurityGroup x => x.Id.Value,
            SecurityGroupRule x => x.Id.Value,
            Instance x => x.Id.Value,
            _ => null,
        };
        return id is { } value ? this with { ByProject = ByProject.Change((resource.Key.Type, resource.ProjectId), value, add) } : this;
    }

    private TopologyIndexes Change(Resource resource, bool add) => resource switch
    {
        Subnet x => this with { SubnetsByNetwork = SubnetsByNetwork.Change(x.NetworkId, x.Id, add) },
        Port x => ChangePort(x, add),
        SecurityGroupRule x => this with { RulesByGroup = RulesByGroup.Change(x.SecurityGroupId, x.Id, add) },
        FloatingIp x => this with
        {
            FloatingIpsByPort = x.PortId is { } port ? FloatingIpsByPort.Change(port, x.Id, add) : FloatingIpsByPort,
            FloatingIpsByRouter = x.RouterId is { } router ? FloatingIpsByRouter.Change(router, x.Id, add) : FloatingIpsByRouter,
        },
        _ => this,
    };

    private TopologyIndexes ChangePort(Port port, bool add)
    {
        var bySubnet = PortsBySubnet;
        var byAddress = PortByAddress;
        var addresses = AddressesBySubnet;
        foreach (var fixedIp in port.FixedIps)
        {
            bySubnet = bySubnet.Change(fixedIp.SubnetId, port.Id, add);
            var claim = (port.NetworkId, fixedIp.Address);
            var inUse = addresses.GetValueOrDefault(fixedIp.SubnetId, []);
            if (add)
            {
                byAddress = byAddress.SetItem(claim, port.Id);
                addresses = addresses.SetItem(fixedIp.SubnetId, inUse.Add(fixedIp.Address));
            }
            else if (byAddress.GetValueOrDefault(claim) == port.Id)
            {
                byAddress = byAddress.Remove(claim); // another port may have taken the address over in the same change
                inUse = inUse.Remove(fixedIp.Address);
                addresses = inUse.IsEmpty ? addresses.Remove(fixedIp.SubnetId) : addresses.SetItem(fixedIp.SubnetId, inUse);
            }
        }

        var mac = (port.NetworkId, port.Mac);
        return this with
        {
            PortsByNetwork = PortsByNetwork.Change(port.NetworkId, port.Id, add),
            PortsBySubnet = bySubnet,
            PortByAddress = byAddress,
            AddressesBySubnet = addresses,
            PortByMac = add ? PortByMac.SetItem(mac, port.Id)
                : PortByMac.GetValueOrDefault(mac) == port.Id ? PortByMac.Remove(mac) : PortByMac,
            PortsByDevice = port.DeviceId.Length > 0 ? PortsByDevice.Change(port.DeviceId, port.Id, add) : PortsByDevice,
            PortsByHost = port.HostId is { } host ? PortsByHost.Change(host, port.Id, add) : PortsByHost,
            PortsByGroup = port.SecurityGroups.Aggregate(PortsByGroup, (map, group) => map.Change(group, port.Id, add)),
        };
    }
}

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

    internal TopologyIndexes Replace(Resource? old, Resource? now)
    {
        var without = old is null ? this : Change(old, add: false);
        return now is null ? without : without.Change(now, add: true);
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
        foreach (var fixedIp in port.FixedIps)
        {
            bySubnet = bySubnet.Change(fixedIp.SubnetId, port.Id, add);
            var claim = (port.NetworkId, fixedIp.Address);
            byAddress = add ? byAddress.SetItem(claim, port.Id) : byAddress.Remove(claim);
        }

        var mac = (port.NetworkId, port.Mac);
        return this with
        {
            PortsByNetwork = PortsByNetwork.Change(port.NetworkId, port.Id, add),
            PortsBySubnet = bySubnet,
            PortByAddress = byAddress,
            PortByMac = add ? PortByMac.SetItem(mac, port.Id) : PortByMac.Remove(mac),
            PortsByDevice = port.DeviceId.Length > 0 ? PortsByDevice.Change(port.DeviceId, port.Id, add) : PortsByDevice,
            PortsByHost = port.HostId is { } host ? PortsByHost.Change(host, port.Id, add) : PortsByHost,
            PortsByGroup = port.SecurityGroups.Aggregate(PortsByGroup, (map, group) => map.Change(group, port.Id, add)),
        };
    }
}

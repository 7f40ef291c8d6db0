using System.Collections.Immutable;
using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Core.Planning;

/// <summary>One host's part of a Topology, in the order in which it is planned; the planners share it.</summary>
public sealed record HostView
{
    public required Topology Topology { get; init; }

    public required Model.Host Host { get; init; }

    public required Sticky Sticky { get; init; }

    public required LocalIds Ids { get; init; }

    /// <summary>Ports that a guest's VIF is plugged into here.</summary>
    public required ImmutableArray<Port> Vifs { get; init; }

    /// <summary>Legs of routers here (interfaces and gateways), as far as the routers are up.</summary>
    public required ImmutableArray<Port> RouterPorts { get; init; }

    /// <summary>Ports of DHCP servers here that have a subnet to serve.</summary>
    public required ImmutableArray<Port> DhcpPorts { get; init; }

    public required ImmutableArray<Instance> Instances { get; init; }

    public static HostView Of(Topology topology, string host, Sticky sticky)
    {
        var ports = topology.Indexes.PortsByHost.Get(host).Select(id => topology.Ports[id]).OrderBy(port => port.Id).ToImmutableArray();
        var vifs = ports.Where(port => !DeviceOwner.IsCloud(port.DeviceOwner)).ToImmutableArray();
        var routerPorts = ports.Where(port => port.DeviceOwner is DeviceOwner.RouterInterface or DeviceOwner.RouterGateway
            && Id<Router>.TryParse(port.DeviceId, out var id) && topology.Routers.GetValueOrDefault(id) is { AdminStateUp: true }).ToImmutableArray();
        var dhcpPorts = ports.Where(port => port.DeviceOwner == DeviceOwner.Dhcp && topology.Networks[port.NetworkId].AdminStateUp
            && DhcpPlanner.SubnetsOf(topology, port.NetworkId).Any()).ToImmutableArray();

        // Only what is plugged in live shows its VLAN on the switch: a number for more could not be kept.
        var live = vifs.Concat(routerPorts).Concat(dhcpPorts).Where(port => port.AdminStateUp);
        return new HostView
        {
            Topology = topology,
            Host = topology.Hosts.GetValueOrDefault(host) ?? new Model.Host { Name = host, ProjectId = "" },
            Sticky = sticky,
            Ids = LocalIds.Assign(live.Select(port => port.NetworkId), vifs.Select(port => port.Id), sticky),
            Vifs = vifs,
            RouterPorts = routerPorts,
            DhcpPorts = dhcpPorts,
            Instances = [.. topology.Instances.Values.Where(instance => instance.HostId == host).OrderBy(instance => instance.Id)],
        };
    }

    public Network NetworkOf(Port port) => Topology.Networks[port.NetworkId];

    /// <summary>The local VLAN that the port is plugged into; null where the host has none left.</summary>
    public int? TagOf(Port port) =>
        !port.AdminStateUp ? LocalIds.DeadVlan : Ids.Vlans.TryGetValue(port.NetworkId, out var vlan) ? vlan : null;

    /// <summary>The port's fixed addresses with their subnets' prefix lengths.</summary>
    public IEnumerable<IpPrefix> AddressesOf(Port port) =>
        port.FixedIps.Select(fixedIp => new IpPrefix(fixedIp.Address, Topology.Subnets[fixedIp.SubnetId].Cidr.Length));
}

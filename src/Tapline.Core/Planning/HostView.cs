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

    /// <summary>Legs of routers here (interfaces and gateways).</summary>
    public required ImmutableArray<Port> RouterPorts { get; init; }

    /// <summary>Ports of DHCP servers here.</summary>
    public required ImmutableArray<Port> DhcpPorts { get; init; }

    public required ImmutableArray<Instance> Instances { get; init; }

    public static HostView Of(Topology topology, string host, Sticky sticky)
    {
        var ports = topology.Indexes.PortsByHost.Get(host).Select(id => topology.Ports[id]).OrderBy(port => port.Id).ToImmutableArray();
        var vifs = ports.Where(port => !DeviceOwner.IsCloud(port.DeviceOwner)).ToImmutableArray();
        return new HostView
        {
            Topology = topology,
            Host = topology.Hosts.GetValueOrDefault(host) ?? new Model.Host { Name = host, ProjectId = "" },
            Sticky = sticky,
            Ids = LocalIds.Assign(ports.Select(port => port.NetworkId), vifs.Select(port => port.Id), sticky),
            Vifs = vifs,
            RouterPorts = [.. ports.Where(port => port.DeviceOwner is DeviceOwner.RouterInterface or DeviceOwner.RouterGateway)],
            DhcpPorts = [.. ports.Where(port => port.DeviceOwner == DeviceOwner.Dhcp)],
            Instances = [.. topology.Instances.Values.Where(instance => instance.HostId == host).OrderBy(instance => instance.Id)],
        };
    }

    public Network NetworkOf(Port port) => Topology.Networks[port.NetworkId];

    /// <summary>The port's fixed addresses with their subnets' prefix lengths.</summary>
    public IEnumerable<IpPrefix> AddressesOf(Port port) =>
        port.FixedIps.Select(fixedIp => new IpPrefix(fixedIp.Address, Topology.Subnets[fixedIp.SubnetId].Cidr.Length));
}

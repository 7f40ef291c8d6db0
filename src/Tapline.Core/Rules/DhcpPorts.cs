using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Core.Rules;

/// <summary>The port from which a network's DHCP is served: one, with an address of each subnet that wants it; none where none does.</summary>
internal static class DhcpPorts
{
    /// <summary>Makes, changes or removes it, so that it fits the network's subnets.</summary>
    public static void Adjust(Draft draft, Network network)
    {
        var served = draft.Topology.SubnetsOf(network.Id).Where(IsServed).InOrder().ToList();
        var existing = draft.Topology.PortsOf(network.Id).Where(port => port.DeviceOwner == DeviceOwner.Dhcp).MinBy(port => port.Id);
        if (served.Count == 0)
        {
            if (existing is not null)
            {
                draft.Remove(existing);
            }

            return;
        }

        var port = existing ?? New(draft, network);
        var addresses = port.FixedIps.Where(fixedIp => served.Any(subnet => subnet.Id == fixedIp.SubnetId)).ToList();
        foreach (var subnet in served.Where(subnet => addresses.TrueForAll(fixedIp => fixedIp.SubnetId != subnet.Id)))
        {
            if (AddressFor(draft, subnet, port) is { } address)
            {
                addresses.Add(new FixedIp(subnet.Id, address));
            }
        }

        if (addresses.Count > 0)
        {
            draft.Put(port with { FixedIps = addresses.ToValueList() });
        }
    }

    /// <summary>Stateful or stateless DHCP; where hosts do all by themselves (SLAAC), nobody asks.</summary>
    private static bool IsServed(Subnet subnet) => subnet.EnableDhcp
        && (!subnet.Cidr.Address.IsV6 || subnet.Ipv6AddressMode is "dhcpv6-stateful" or "dhcpv6-stateless");

    private static IpAddress? AddressFor(Draft draft, Subnet subnet, Port port) => AddressAllocation.IsAutomatic(subnet)
        ? AddressAllocation.Eui64(subnet.Cidr, port.Mac)
        : AddressAllocation.FirstFree(draft.Topology, subnet);

    private static Port New(Draft draft, Network network) => new()
    {
        Id = draft.Context.NewId<Port>(),
        ProjectId = network.ProjectId,
        NetworkId = network.Id,
        Mac = PortMacs.New(draft, network.Id),
        DeviceOwner = DeviceOwner.Dhcp,
        DeviceId = $"dhcp-{network.Id}",
        PortSecurityEnabled = false,
        HostId = Placement.FirstHost(draft.Topology),
    };
}

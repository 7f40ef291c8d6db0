using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Core.Rules;

/// <summary>Subnets: create, update, delete. The network's DHCP port and automatic addresses follow.</summary>
public static class SubnetRules
{
    public static Subnet? Create(Draft draft, SubnetRequest request)
    {
        var project = draft.ProjectFor(request.ProjectId);
        QuotaRules.Require(draft, project, "subnet");
        var network = draft.FindNetwork(request.NetworkId);
        if (network is not null)
        {
            draft.RequireOwner(network, "create_subnet");
            SubnetChecks.RefuseOverlap(draft, network, request.Cidr);
        }

        SubnetChecks.Cidr(draft, request.Cidr, request.IpVersion);
        if (draft.IsRefused || network is null)
        {
            return null;
        }

        var gateway = request.GatewayIp.Or(SubnetDefaults.Gateway(request.Cidr));
        var pools = request.AllocationPools.Is(out var asked) ? asked : SubnetDefaults.Pools(request.Cidr, gateway);
        var subnet = new Subnet
        {
            Id = draft.Context.NewId<Subnet>(),
            ProjectId = project,
            NetworkId = network.Id,
            Cidr = request.Cidr,
            Name = request.Name.Or(""),
            Description = request.Description.Or(""),
            GatewayIp = gateway,
            AllocationPools = pools.OrderBy(pool => pool.First).ToValueList(),
            EnableDhcp = request.EnableDhcp.Or(true),
            DnsNameservers = request.DnsNameservers.Or([]),
            HostRoutes = request.HostRoutes.Or([]),
            Ipv6RaMode = request.Ipv6RaMode.Or(null),
            Ipv6AddressMode = request.Ipv6AddressMode.Or(null),
        };
        SubnetChecks.All(draft, subnet);
        if (subnet.Cidr.Address.IsV6 && network.Mtu < NetworkRules.Ipv6Mtu)
        {
            draft.Reject(NetworkRules.MtuTooSmallForV6(network.Mtu));
        }

        if (draft.IsRefused)
        {
            return null;
        }

        subnet = draft.Put(subnet);
        PortAddresses.AddAutomatic(draft, subnet);
        DhcpPorts.Adjust(draft, network);
        draft.Touch(network);
        return subnet;
    }

    public static Subnet? Update(Draft draft, Id<Subnet> id, SubnetRequest request)
    {
        var found = draft.Topology.Subnets.GetValueOrDefault(id);
        if (draft.Owned(found, "update_subnet", () => NotFound.Subnet(id.ToString())) is not { } subnet)
        {
            return null;
        }

        var gateway = request.GatewayIp.Or(subnet.GatewayIp);
        if (gateway != subnet.GatewayIp)
        {
            RefuseIfRouted(draft, subnet);
        }

        var changed = subnet with
        {
            Name = request.Name.Or(subnet.Name),
            Description = request.Description.Or(subnet.Description),
            GatewayIp = gateway,
            AllocationPools = request.AllocationPools.Or(subnet.AllocationPools).OrderBy(pool => pool.First).ToValueList(),
            EnableDhcp = request.EnableDhcp.Or(subnet.EnableDhcp),
            DnsNameservers = request.DnsNameservers.Or(subnet.DnsNameservers),
            HostRoutes = request.HostRoutes.Or(subnet.HostRoutes),
        };
        SubnetChecks.All(draft, changed);
        if (draft.IsRefused)
        {
            return null;
        }

        changed = draft.Put(changed);
        DhcpPorts.Adjust(draft, draft.Topology.Networks[subnet.NetworkId]);
        draft.Touch(draft.Topology.Networks[subnet.NetworkId]);
        return changed;
    }

    public static Subnet? Delete(Draft draft, Id<Subnet> id)
    {
        var found = draft.Topology.Subnets.GetValueOrDefault(id);
        if (draft.Owned(found, "delete_subnet", () => NotFound.Subnet(id.ToString())) is not { } subnet)
        {
            return null;
        }

        var ports = draft.Topology.Indexes.PortsBySubnet.Get(id).Select(port => draft.Topology.Ports[port]).ToList();
        if (ports.Any(port => !PortAddresses.GoesWithSubnet(port, subnet)))
        {
            draft.Reject(Rejection.Conflict("SubnetInUse",
                $"Unable to complete operation on subnet {id}: One or more ports have an IP allocation from this subnet."));
        }

        if (draft.IsRefused)
        {
            return null;
        }

        foreach (var port in ports)
        {
            draft.Put(port with { FixedIps = port.FixedIps.Where(fixedIp => fixedIp.SubnetId != id).ToValueList() });
        }

        draft.Remove(subnet);
        DhcpPorts.Adjust(draft, draft.Topology.Networks[subnet.NetworkId]);
        draft.Touch(draft.Topology.Networks[subnet.NetworkId]);
        return subnet;
    }

    private static void RefuseIfRouted(Draft draft, Subnet subnet)
    {
        if (subnet.GatewayIp is { } gateway
            && draft.Topology.Indexes.PortByAddress.TryGetValue((subnet.NetworkId, gateway), out var port)
            && draft.Topology.Ports[port].DeviceOwner == DeviceOwner.RouterInterface)
        {
            draft.Reject(Rejection.Conflict("GatewayIpInUse",
                $"Current gateway ip {gateway} already in use by port {port}. Unable to update."));
        }
    }
}

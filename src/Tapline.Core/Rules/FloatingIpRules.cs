using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Core.Rules;

/// <summary>Floating IPs: create, update (associate, disassociate), delete.</summary>
public static class FloatingIpRules
{
    public static FloatingIp? Create(Draft draft, FloatingIpRequest request)
    {
        var project = draft.ProjectFor(request.ProjectId);
        QuotaRules.Require(draft, project, "floatingip");
        if (draft.FindNetwork(request.FloatingNetworkId) is not { } network)
        {
            return null;
        }

        if (request.FloatingAddress.Or(null) is not null)
        {
            draft.RequireOwner(network, "create_floatingip:floating_ip_address");
        }

        var id = draft.Context.NewId<FloatingIp>();
        var port = HelperPort(draft, network, id, request);
        if (draft.IsRefused || port is null)
        {
            return null;
        }

        draft.Put(port);
        return Finish(draft, request, new FloatingIp
        {
            Id = id,
            ProjectId = project,
            Description = request.Description.Or(""),
            FloatingNetworkId = network.Id,
            FloatingAddress = port.FixedIps[0].Address,
            FloatingPortId = port.Id,
        });
    }

    /// <summary>A request without any attribute disassociates: floating IPs once had no other.</summary>
    public static FloatingIp? Update(Draft draft, Id<FloatingIp> id, FloatingIpRequest request) =>
        request == new FloatingIpRequest() ? Update(draft, id, request with { PortId = null }) : Owned(draft, id, "update_floatingip") is { } floatingIp
            ? Finish(draft, request, floatingIp with { Description = request.Description.Or(floatingIp.Description) })
            : null;

    public static FloatingIp? Delete(Draft draft, Id<FloatingIp> id)
    {
        if (Owned(draft, id, "delete_floatingip") is not { } floatingIp || draft.IsRefused)
        {
            return null;
        }

        Remove(draft, floatingIp);
        return floatingIp;
    }

    /// <summary>With their network go the floating IPs that nobody uses.</summary>
    internal static void RemoveUnbound(Draft draft, Id<Network> network)
    {
        var helpers = draft.Topology.PortsOf(network).Where(port => port.DeviceOwner == DeviceOwner.FloatingIp);
        foreach (var port in helpers.ToList())
        {
            if (Id<FloatingIp>.TryParse(port.DeviceId, out var id)
                && draft.Topology.FloatingIps.TryGetValue(id, out var floatingIp)
                && floatingIp.PortId is null)
            {
                Remove(draft, floatingIp);
            }
        }
    }

    /// <summary>Disassociates the floating IPs of addresses that the port has no more.</summary>
    internal static void LeaveAddresses(Draft draft, Port port)
    {
        foreach (var id in draft.Topology.Indexes.FloatingIpsByPort.Get(port.Id))
        {
            var floatingIp = draft.Topology.FloatingIps[id];
            if (port.FixedIps.All(fixedIp => fixedIp.Address != floatingIp.FixedAddress))
            {
                draft.Put(Disassociated(floatingIp));
            }
        }
    }

    private static void Remove(Draft draft, FloatingIp floatingIp)
    {
        if (draft.Topology.Ports.TryGetValue(floatingIp.FloatingPortId, out var port))
        {
            draft.Remove(port);
        }

        draft.Remove(floatingIp);
    }

    private static FloatingIp Disassociated(FloatingIp floatingIp) =>
        floatingIp with { PortId = null, FixedAddress = null, RouterId = null };

    private static FloatingIp? Owned(Draft draft, Id<FloatingIp> id, string action) =>
        draft.Owned(draft.Topology.FloatingIps.GetValueOrDefault(id), action, () => NotFound.FloatingIp(id.ToString()));

    private static FloatingIp? Finish(Draft draft, FloatingIpRequest request, FloatingIp floatingIp)
    {
        var associated = Associated(draft, request, floatingIp);
        return draft.IsRefused || associated is null ? null : draft.Put(associated);
    }

    private static FloatingIp? Associated(Draft draft, FloatingIpRequest request, FloatingIp floatingIp)
    {
        if (!request.PortId.IsSet && request.FixedAddress.Or(null) is null)
        {
            return floatingIp;
        }

        if (request.PortId.Or(null) is { } portId)
        {
            return FloatingIpAssociations.Make(draft, floatingIp, portId, request.FixedAddress.Or(null));
        }

        if (request.FixedAddress.Or(null) is not null)
        {
            draft.Reject(FloatingIpAssociations.Bad("fixed_ip_address cannot be specified without a port_id"));
        }

        return Disassociated(floatingIp);
    }

    /// <summary>The port that holds the address on the external network; it has no project, as in Neutron, and is wired nowhere.</summary>
    private static Port? HelperPort(Draft draft, Network network, Id<FloatingIp> id, FloatingIpRequest request)
    {
        if (!network.External)
        {
            draft.Reject(FloatingIpAssociations.Bad($"Network {network.Id} is not a valid external network"));
            return null;
        }

        var subnets = draft.Topology.SubnetsOf(network.Id).Where(subnet => !subnet.Cidr.Address.IsV6).InOrder().ToList();
        if (subnets.Count == 0)
        {
            draft.Reject(FloatingIpAssociations.Bad($"Network {network.Id} does not contain any IPv4 subnet"));
            return null;
        }

        var mac = PortMacs.New(draft, network.Id);
        var addresses = Addresses(draft, network, subnets, request, mac);
        if (!draft.IsRefused && addresses.Any(fixedIp => fixedIp.Address.IsV6))
        {
            draft.Reject(FloatingIpAssociations.Bad("a floating IP is an IPv4 address"));
        }

        return draft.IsRefused ? null : new Port
        {
            Id = draft.Context.NewId<Port>(),
            ProjectId = "",
            NetworkId = network.Id,
            Mac = mac,
            FixedIps = addresses,
            DeviceId = id.ToString(),
            DeviceOwner = DeviceOwner.FloatingIp,
            PortSecurityEnabled = false,
        };
    }

    private static ValueList<FixedIp> Addresses(
        Draft draft, Network network, List<Subnet> subnets, FloatingIpRequest request, MacAddress mac)
    {
        var address = request.FloatingAddress.Or(null);
        if (address is not null || request.SubnetId.Or(null) is not null)
        {
            var asked = new FixedIpRequest(request.SubnetId.Or(null), address);
            return PortAddresses.Resolve(draft, network, [asked], mac, present: [], isRouter: true);
        }

        foreach (var subnet in subnets)
        {
            if (AddressAllocation.FirstFree(draft.Topology, subnet) is { } free)
            {
                return [new FixedIp(subnet.Id, free)];
            }
        }

        draft.Reject(new Rejection(RejectionKind.Invalid, "ExternalIpAddressExhausted", null,
            $"Unable to find any IP address on external network {network.Id}."));
        return [];
    }
}

using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Core.Rules;

/// <summary>Networks: create, update, delete.</summary>
public static class NetworkRules
{
    private const int LargestMtu = 9216;
    private const int SmallestMtu = 68;

    public static Network? Create(Draft draft, NetworkRequest request)
    {
        var project = draft.ProjectFor(request.ProjectId);
        QuotaRules.Require(draft, project, "network");
        draft.RequireAdmin(request.Shared.Or(false), "create_network:shared");
        draft.RequireAdmin(request.External.Or(false), "create_network:router:external");
        var segment = NetworkSegments.Choose(draft, request);
        var mtu = MtuOf(draft, request.Mtu.Or(null), segment?.Type ?? NetworkType.Local, hasV6: false);
        if (draft.IsRefused || segment is null)
        {
            return null;
        }

        SecurityGroupRules.EnsureDefault(draft, project);
        return draft.Put(new Network
        {
            Id = draft.Context.NewId<Network>(),
            ProjectId = project,
            Name = request.Name.Or(""),
            Description = request.Description.Or(""),
            AdminStateUp = request.AdminStateUp.Or(true),
            Shared = request.Shared.Or(false),
            External = request.External.Or(false),
            PortSecurityEnabled = request.PortSecurityEnabled.Or(true),
            Mtu = mtu,
            Type = segment.Type,
            PhysicalNetwork = segment.PhysicalNetwork,
            SegmentationId = segment.SegmentationId,
        });
    }

    public static Network? Update(Draft draft, Id<Network> id, NetworkRequest request)
    {
        var found = draft.Topology.Networks.GetValueOrDefault(id);
        if (draft.Owned(found, "update_network", () => NotFound.Network(id.ToString())) is not { } network)
        {
            return null;
        }

        var shared = request.Shared.Or(network.Shared);
        var external = request.External.Or(network.External);
        draft.RequireAdmin(shared != network.Shared, "update_network:shared");
        draft.RequireAdmin(external != network.External, "update_network:router:external");
        NetworkSegments.RefuseChange(draft, network, request);
        if (network.Shared && !shared)
        {
            RefuseIfOthersUse(draft, network);
        }

        if (network.External && !external && draft.Topology.PortsOf(id).Any(IsRoutedThere))
        {
            draft.Reject(Rejection.Conflict("ExternalNetworkInUse",
                $"External network {id} cannot be updated to be made non-external, since it has existing gateway ports."));
        }

        var hasV6 = draft.Topology.SubnetsOf(id).Any(subnet => subnet.Cidr.Address.IsV6);
        var mtu = request.Mtu.Is(out var asked) ? MtuOf(draft, asked, network.Type, hasV6) : network.Mtu;
        return draft.IsRefused ? null : draft.Put(network with
        {
            Name = request.Name.Or(network.Name),
            Description = request.Description.Or(network.Description),
            AdminStateUp = request.AdminStateUp.Or(network.AdminStateUp),
            Shared = shared,
            External = external,
            PortSecurityEnabled = request.PortSecurityEnabled.Or(network.PortSecurityEnabled),
            Mtu = mtu,
        });
    }

    /// <summary>Its subnets, its DHCP port and floating IPs that are bound to nothing go with it; any other port keeps it.</summary>
    public static Network? Delete(Draft draft, Id<Network> id)
    {
        var found = draft.Topology.Networks.GetValueOrDefault(id);
        if (draft.Owned(found, "delete_network", () => NotFound.Network(id.ToString())) is not { } network)
        {
            return null;
        }

        FloatingIpRules.RemoveUnbound(draft, id);
        var ports = draft.Topology.PortsOf(id).ToList();
        if (ports.Any(port => port.DeviceOwner != DeviceOwner.Dhcp))
        {
            draft.Reject(Rejection.Conflict("NetworkInUse",
                $"Unable to complete operation on network {id}. There are one or more ports still in use on the network."));
        }

        if (draft.IsRefused)
        {
            return null;
        }

        ports.ForEach(draft.Remove);
        foreach (var subnet in draft.Topology.SubnetsOf(id).ToList())
        {
            draft.Remove(subnet);
        }

        draft.Remove(network);
        return network;
    }

    internal static Rejection MtuTooSmallForV6(int mtu) => Rejection.Conflict("NetworkMTUSubnetConflict",
        $"Current network MTU {mtu} is too small for an IPv6 subnet, which needs {Ipv6Mtu}.");

    /// <summary>RFC 8200, section 5.</summary>
    internal const int Ipv6Mtu = 1280;

    private static int MtuOf(Draft draft, int? asked, NetworkType type, bool hasV6)
    {
        if (asked is not { } mtu || mtu == 0)
        {
            return type == NetworkType.Vxlan ? 1450 : 1500; // VXLAN's headers take 50 bytes of the underlay's 1500
        }

        if (mtu is < SmallestMtu or > LargestMtu)
        {
            draft.Reject(Rejection.BadValue("mtu", $"'{mtu}' is not in the range from {SmallestMtu} to {LargestMtu}"));
        }
        else if (hasV6 && mtu < Ipv6Mtu)
        {
            draft.Reject(MtuTooSmallForV6(mtu));
        }

        return mtu;
    }

    private static void RefuseIfOthersUse(Draft draft, Network network)
    {
        if (draft.Topology.PortsOf(network.Id).Any(port => port.ProjectId.Length > 0 && port.ProjectId != network.ProjectId))
        {
            draft.Reject(Rejection.Conflict("InvalidSharedSetting",
                $"Unable to reconfigure sharing settings for network {network.Name}. Multiple tenants are using it."));
        }
    }

    private static bool IsRoutedThere(Port port) => port.DeviceOwner is DeviceOwner.RouterGateway or DeviceOwner.FloatingIp;
}

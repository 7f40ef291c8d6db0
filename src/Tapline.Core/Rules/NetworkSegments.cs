using System.Diagnostics;
using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Core.Rules;

/// <summary>How a network's frames are told apart on the wire: what an administrator asked for, checked, or what is free.</summary>
internal sealed record Segment(NetworkType Type, string? PhysicalNetwork, int? SegmentationId);

/// <summary>The provider attributes of a network.</summary>
internal static class NetworkSegments
{
    private const int LastVlan = 4094;
    private const int LastVni = 16_777_215;

    /// <summary>The segment of a new network, null where it was refused.</summary>
    public static Segment? Choose(Draft draft, NetworkRequest request)
    {
        var type = request.Type.Or(null);
        var physical = request.PhysicalNetwork.Or(null);
        var id = request.SegmentationId.Or(null);
        draft.RequireAdmin(type is not null, "create_network:provider:network_type");
        draft.RequireAdmin(physical is not null, "create_network:provider:physical_network");
        draft.RequireAdmin(id is not null, "create_network:provider:segmentation_id");
        if (type is null && (physical is not null || id is not null))
        {
            draft.Reject(Rejection.Invalid("provider:network_type", "Invalid input for operation: network_type required."));
        }

        return draft.IsRefused ? null : (type ?? NetworkType.Local) switch
        {
            NetworkType.Local => Without(draft, NetworkType.Local, physical, id, mayHaveId: false),
            NetworkType.Flat => Flat(draft, physical, id),
            NetworkType.Vlan => Vlan(draft, physical, id),
            NetworkType.Vxlan => Vxlan(draft, physical, id),
            _ => throw new UnreachableException(),
        };
    }

    /// <summary>What a network travels on is decided once.</summary>
    public static void RefuseChange(Draft draft, Network network, NetworkRequest request)
    {
        var same = (request.Type.Or(network.Type) ?? network.Type) == network.Type
            && request.PhysicalNetwork.Or(network.PhysicalNetwork) == network.PhysicalNetwork
            && request.SegmentationId.Or(network.SegmentationId) == network.SegmentationId;
        draft.RequireAdmin(!same, "update_network:provider:network_type");
        if (!same)
        {
            draft.Reject(Rejection.Invalid("provider:network_type",
                "Invalid input for operation: Plugin does not support updating provider attributes."));
        }
    }

    private static Segment? Without(Draft draft, NetworkType type, string? physical, int? id, bool mayHaveId)
    {
        var name = type.ToString().ToLowerInvariant();
        if (physical is not null)
        {
            draft.Reject(Rejection.Invalid("provider:physical_network",
                $"Invalid input for operation: provider:physical_network specified for {name} network."));
        }

        if (id is not null && !mayHaveId)
        {
            draft.Reject(Rejection.Invalid("provider:segmentation_id",
                $"Invalid input for operation: provider:segmentation_id specified for {name} network."));
        }

        return draft.IsRefused ? null : new Segment(type, null, id);
    }

    private static Segment? Flat(Draft draft, string? physical, int? id)
    {
        RequirePhysical(draft, physical, "flat");
        if (id is not null)
        {
            draft.Reject(Rejection.Invalid("provider:segmentation_id",
                "Invalid input for operation: provider:segmentation_id specified for flat network."));
        }

        if (draft.Topology.Networks.Values.Any(network => network.Type == NetworkType.Flat && network.PhysicalNetwork == physical))
        {
            draft.Reject(Rejection.Conflict("FlatNetworkInUse",
                $"Unable to create the flat network. Physical network {physical} is in use."));
        }

        return draft.IsRefused ? null : new Segment(NetworkType.Flat, physical, null);
    }

    private static Segment? Vlan(Draft draft, string? physical, int? id)
    {
        RequirePhysical(draft, physical, "VLAN");
        RequireRange(draft, id, LastVlan);
        var used = Used(draft, NetworkType.Vlan, physical);
        if (id is { } asked && used.Contains(asked))
        {
            draft.Reject(Rejection.Conflict("VlanIdInUse",
                $"Unable to create the network. The VLAN {asked} on physical network {physical} is in use."));
        }

        return draft.IsRefused ? null : Taken(draft, NetworkType.Vlan, physical, id ?? FirstFree(used, LastVlan));
    }

    private static Segment? Vxlan(Draft draft, string? physical, int? id)
    {
        Without(draft, NetworkType.Vxlan, physical, id, mayHaveId: true);
        RequireRange(draft, id, LastVni);
        var used = Used(draft, NetworkType.Vxlan, null);
        if (id is { } asked && used.Contains(asked))
        {
            draft.Reject(Rejection.Conflict("TunnelIdInUse", $"Unable to create the network. The tunnel ID {asked} is in use."));
        }

        return draft.IsRefused ? null : Taken(draft, NetworkType.Vxlan, null, id ?? FirstFree(used, LastVni));
    }

    private static Segment? Taken(Draft draft, NetworkType type, string? physical, int? id)
    {
        if (id is null)
        {
            draft.Reject(Rejection.Conflict("NoNetworkAvailable",
                "Unable to create the network. No available network found in maximum allowed attempts."));
            return null;
        }

        return new Segment(type, physical, id);
    }

    private static void RequirePhysical(Draft draft, string? physical, string kind)
    {
        if (string.IsNullOrEmpty(physical))
        {
            draft.Reject(Rejection.Invalid("provider:physical_network",
                $"Invalid input for operation: physical_network required for {kind} provider network."));
        }
    }

    private static void RequireRange(Draft draft, int? id, int last)
    {
        if (id is { } asked && (asked < 1 || asked > last))
        {
            draft.Reject(Rejection.Invalid("provider:segmentation_id",
                $"Invalid input for operation: segmentation_id out of range (1 through {last})."));
        }
    }

    private static HashSet<int> Used(Draft draft, NetworkType type, string? physical) =>
        [.. draft.Topology.Networks.Values
            .Where(network => network.Type == type && network.PhysicalNetwork == physical && network.SegmentationId is not null)
            .Select(network => network.SegmentationId!.Value)];

    private static int? FirstFree(HashSet<int> used, int last)
    {
        for (var id = 1; id <= last; id++)
        {
            if (!used.Contains(id))
            {
                return id;
            }
        }

        return null;
    }
}

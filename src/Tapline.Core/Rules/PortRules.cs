using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Core.Rules;

/// <summary>Ports: create, update, delete. What the ports of routers and DHCP do is decided by their own rules.</summary>
public static class PortRules
{
    public static Port? Create(Draft draft, PortRequest request)
    {
        var project = draft.ProjectFor(request.ProjectId);
        QuotaRules.Require(draft, project, "port");
        if (draft.FindNetwork(request.NetworkId) is not { } network)
        {
            return null;
        }

        PortAccess.RequireCreate(draft, network, request);
        var mac = request.Mac.Or(null) ?? PortMacs.New(draft, network.Id);
        if (request.Mac.Or(null) is not null)
        {
            PortMacs.Require(draft, network.Id, mac);
        }

        var owner = request.DeviceOwner.Or("");
        var secure = request.PortSecurityEnabled.Or(network.PortSecurityEnabled && !DeviceOwner.IsCloud(owner));
        var groups = request.SecurityGroups.Is(out var asked) ? PortSecurity.Checked(draft, project, asked)
            : secure ? [SecurityGroupRules.EnsureDefault(draft, project).Id] : [];
        PortSecurity.RequireForCreate(draft, secure, groups, request.AllowedAddressPairs.Or([]));
        var addresses = request.FixedIps.Is(out var wanted)
            ? PortAddresses.Resolve(draft, network, wanted, mac, present: [], isRouter: false)
            : PortAddresses.Default(draft, network, mac);
        return draft.IsRefused ? null : draft.Put(new Port
        {
            Id = draft.Context.NewId<Port>(),
            ProjectId = project,
            NetworkId = network.Id,
            Name = request.Name.Or(""),
            Description = request.Description.Or(""),
            Mac = mac,
            FixedIps = addresses,
            AdminStateUp = request.AdminStateUp.Or(true),
            DeviceId = request.DeviceId.Or(""),
            DeviceOwner = owner,
            SecurityGroups = groups,
            PortSecurityEnabled = secure,
            AllowedAddressPairs = request.AllowedAddressPairs.Or([]),
            HostId = NullIfEmpty(request.HostId.Or(null)),
            VnicType = request.VnicType.Or("normal"),
            BindingProfile = request.BindingProfile.Or("{}"),
        });
    }

    public static Port? Update(Draft draft, Id<Port> id, PortRequest request)
    {
        var found = draft.Topology.Ports.GetValueOrDefault(id);
        if (draft.Owned(found, "update_port", () => NotFound.Port(id.ToString())) is not { } port)
        {
            return null;
        }

        var network = draft.Topology.Networks[port.NetworkId];
        PortAccess.RequireUpdate(draft, network, port, request);
        var mac = request.Mac.Or(null) ?? port.Mac;
        if (mac != port.Mac)
        {
            PortMacs.Require(draft, network.Id, mac);
        }

        var secure = request.PortSecurityEnabled.Or(port.PortSecurityEnabled);
        var groups = request.SecurityGroups.Is(out var asked)
            ? PortSecurity.Checked(draft, port.ProjectId, asked, port.SecurityGroups)
            : port.SecurityGroups;
        var pairs = request.AllowedAddressPairs.Or(port.AllowedAddressPairs);
        PortSecurity.RequireForUpdate(draft, secure, groups, request.SecurityGroups.IsSet, pairs);
        var addresses = request.FixedIps.Is(out var wanted)
            ? PortAddresses.Resolve(draft, network, wanted, mac, port.FixedIps, port.DeviceOwner == DeviceOwner.RouterInterface)
            : PortAddresses.WithMac(draft, port, mac);
        RouterInterfaces.RequireMovable(draft, port, addresses);
        if (draft.IsRefused)
        {
            return null;
        }

        var changed = draft.Put(port with
        {
            Name = request.Name.Or(port.Name),
            Description = request.Description.Or(port.Description),
            Mac = mac,
            FixedIps = addresses,
            AdminStateUp = request.AdminStateUp.Or(port.AdminStateUp),
            DeviceId = request.DeviceId.Or(port.DeviceId),
            DeviceOwner = request.DeviceOwner.Or(port.DeviceOwner),
            SecurityGroups = groups,
            PortSecurityEnabled = secure,
            AllowedAddressPairs = pairs,
            HostId = NullIfEmpty(request.HostId.Or(port.HostId)),
            VnicType = request.VnicType.Or(port.VnicType),
            BindingProfile = request.BindingProfile.Or(port.BindingProfile),
        });
        FloatingIpRules.LeaveAddresses(draft, changed);
        return changed;
    }

    public static Port? Delete(Draft draft, Id<Port> id)
    {
        var found = draft.Topology.Ports.GetValueOrDefault(id);
        if (draft.Owned(found, "delete_port", () => NotFound.Port(id.ToString())) is not { } port)
        {
            return null;
        }

        if (DeviceOwner.IsHelper(port.DeviceOwner))
        {
            draft.Reject(Rejection.Conflict("ServicePortInUse",
                $"Port {id} cannot be deleted directly via the port API: has device owner {port.DeviceOwner}."));
        }

        if (draft.IsRefused)
        {
            return null;
        }

        Remove(draft, port);
        return port;
    }

    /// <summary>Takes the port away from everything that refers to it: floating IPs, an instance.</summary>
    internal static void Remove(Draft draft, Port port)
    {
        FloatingIpRules.LeaveAddresses(draft, port with { FixedIps = [] });
        if (Id<Instance>.TryParse(port.DeviceId, out var device) && draft.Topology.Instances.TryGetValue(device, out var instance))
        {
            draft.Put(instance with
            {
                PortIds = instance.PortIds.Where(id => id != port.Id).ToValueList(),
                OwnPortIds = instance.OwnPortIds.Where(id => id != port.Id).ToValueList(),
            });
        }

        draft.Remove(port);
    }

    private static string? NullIfEmpty(string? text) => text is { Length: > 0 } ? text : null;
}

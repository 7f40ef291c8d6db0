using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Core.Rules;

/// <summary>Who may set what on a port: on another's network its owner's addressing is kept, binding is the administrator's.</summary>
internal static class PortAccess
{
    public static void RequireCreate(Draft draft, Network network, PortRequest request)
    {
        var ownsNetwork = draft.Scope.Owns(network);
        if (!ownsNetwork)
        {
            RequireNetworkOwner(draft, network, !network.Shared, "create_port");
            RequireNetworkOwner(draft, network, request.Mac.Or(null) is not null, "create_port:mac_address");
            RequireNetworkOwner(draft, network, AsksForAddress(request), "create_port:fixed_ips:ip_address");
            RequireNetworkOwner(draft, network, AsksForSecurity(request, network), "create_port:port_security_enabled");
            RequireNetworkOwner(draft, network, !request.AllowedAddressPairs.Or([]).IsEmpty, "create_port:allowed_address_pairs");
        }

        draft.RequireAdmin(request.HostId.Or(null) is { Length: > 0 }, "create_port:binding:host_id");
        draft.RequireAdmin(request.BindingProfile.Or("{}") != "{}", "create_port:binding:profile");
        RequireOwnerName(draft, request.DeviceOwner.Or(""), "create_port:device_owner");
    }

    public static void RequireUpdate(Draft draft, Network network, Port port, PortRequest request)
    {
        if (!draft.Scope.Owns(network))
        {
            RequireNetworkOwner(draft, network, AsksForAddress(request), "update_port:fixed_ips:ip_address");
            RequireNetworkOwner(draft, network, AsksForSecurity(request, port.PortSecurityEnabled), "update_port:port_security_enabled");
            RequireNetworkOwner(draft, network, request.AllowedAddressPairs.IsSet, "update_port:allowed_address_pairs");
        }

        var newMac = request.Mac.Or(null) is { } mac && mac != port.Mac;
        draft.RequireAdmin(newMac, "update_port:mac_address");
        draft.RequireAdmin(request.HostId.IsSet, "update_port:binding:host_id");
        draft.RequireAdmin(request.BindingProfile.IsSet, "update_port:binding:profile");
        var owner = request.DeviceOwner.Or(port.DeviceOwner);
        if (owner != port.DeviceOwner)
        {
            RequireOwnerName(draft, owner, "update_port:device_owner");
        }

        if (newMac && port.HostId is not null)
        {
            draft.Reject(Rejection.Conflict("PortBound", $"Unable to complete operation on port {port.Id}, port is already bound, "
                + $"port type: ovs, old_mac {port.Mac}, new_mac {request.Mac.Or(null)}."));
        }

        var changesDevice = owner != port.DeviceOwner || request.DeviceId.Or(port.DeviceId) != port.DeviceId;
        if (DeviceOwner.IsHelper(port.DeviceOwner) && (newMac || changesDevice || (request.FixedIps.IsSet && port.DeviceOwner != DeviceOwner.RouterInterface)
            || request.PortSecurityEnabled.IsSet || request.SecurityGroups.IsSet))
        {
            draft.Reject(Rejection.Conflict("ServicePortInUse",
                $"Port {port.Id} cannot be updated directly via the port API: has device owner {port.DeviceOwner}."));
        }
    }

    private static bool AsksForAddress(PortRequest request) => request.FixedIps.Or([]).Any(fixedIp => fixedIp.Address is not null);

    private static bool AsksForSecurity(PortRequest request, Network network) =>
        AsksForSecurity(request, network.PortSecurityEnabled);

    private static bool AsksForSecurity(PortRequest request, bool present) => request.PortSecurityEnabled.Or(present) != present;

    private static void RequireNetworkOwner(Draft draft, Network network, bool asked, string action)
    {
        if (asked)
        {
            draft.RequireOwner(network, action);
        }
    }

    private static void RequireOwnerName(Draft draft, string owner, string action)
    {
        draft.RequireAdmin(DeviceOwner.IsCloud(owner), action);
        if (DeviceOwner.IsHelper(owner))
        {
            draft.Reject(Rejection.BadValue("device_owner", $"ports with '{owner}' are made by the cloud itself"));
        }
    }
}

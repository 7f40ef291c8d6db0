using System.Net.Sockets;
using Tapline.Wire.Netlink;

namespace Tapline.Agent.Reading;

/// <summary>
/// Whether packets are sent to gateways that are the namespace's own addresses: it depends on whether the route or the address came first,
/// and no list of routes tells, so the kernel is asked for a destination of that route alone.
/// </summary>
internal static class OwnGateways
{
    /// <summary>Null where the gateway is somebody else's, or the kernel's answer is not about this route.</summary>
    public static bool? IsUsed(RouteSocket socket, RouteInfo route, IReadOnlyList<RouteInfo> all, IReadOnlyList<AddressInfo> addresses)
    {
        if (route is not { Family: AddressFamily.InterNetwork, Gateway: { } gateway } || !addresses.Any(own => own.Address.Equals(gateway))
            || RouteDestinations.Of(route).FirstOrDefault(address => !all.Any(other => IsNearer(other, route) && RouteDestinations.Contains(other, address))) is not { } destination
            || socket.Way(destination) is not { } way || (way.Table, way.Type, way.LinkIndex) != (route.Table, route.Type, route.LinkIndex))
        {
            return null;
        }

        return way.Gateway is null ? false
            : way.Gateway.Equals(gateway) ? true
            : null;
    }

    private static bool IsNearer(RouteInfo other, RouteInfo route) =>
        other != route && other.Table == route.Table && other.PrefixLength >= route.PrefixLength;
}

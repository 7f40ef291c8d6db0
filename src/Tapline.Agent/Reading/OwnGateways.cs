using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Tapline.Wire.Netlink;

namespace Tapline.Agent.Reading;

/// <summary>
/// Whether packets are sent to gateways that are the namespace's own addresses: it depends on whether the route or the address came first,
/// and no list of routes tells, so the kernel is asked for a destination of that route alone.
/// </summary>
internal static class OwnGateways
{
    private static readonly uint[] Eighths = [4, 2, 6, 1, 3, 5, 7, 0];

    /// <summary>Null where the gateway is somebody else's, or the kernel's answer is not about this route.</summary>
    public static bool? IsUsed(RouteSocket socket, RouteInfo route, IReadOnlyList<RouteInfo> all, IReadOnlyList<AddressInfo> addresses)
    {
        if (route is not { Family: AddressFamily.InterNetwork, Gateway: { } gateway } || !addresses.Any(own => own.Address.Equals(gateway))
            || Destinations(route).FirstOrDefault(address => !all.Any(other => IsNearer(other, route, address))) is not { } destination
            || socket.Way(destination) is not { } way || (way.Table, way.Type, way.LinkIndex) != (route.Table, route.Type, route.LinkIndex))
        {
            return null;
        }

        return way.Gateway is null ? false
            : way.Gateway.Equals(gateway) ? true
            : null;
    }

    private static IEnumerable<IPAddress> Destinations(RouteInfo route)
    {
        var size = 1UL << (32 - route.PrefixLength);
        return Eighths.Select(eighth => FromNumber((uint)(Number(route.Destination) + (size * eighth / 8) + (size > 8 ? 1UL : 0))));
    }

    private static bool IsNearer(RouteInfo other, RouteInfo route, IPAddress address) =>
        other != route && (other.Family, other.Table) == (route.Family, route.Table) && other.PrefixLength >= route.PrefixLength
        && (ulong)Number(address) >> (32 - other.PrefixLength) == (ulong)Number(other.Destination) >> (32 - other.PrefixLength);

    private static uint Number(IPAddress address) => BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes());

    private static IPAddress FromNumber(uint number)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
        return new IPAddress(bytes);
    }
}

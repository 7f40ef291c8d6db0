using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Tapline.Wire.Netlink;

namespace Tapline.Agent.Reading;

/// <summary>Destinations of IPv4 routes, to ask the kernel about.</summary>
internal static class RouteDestinations
{
    private static readonly uint[] Eighths = [4, 2, 6, 1, 3, 5, 7, 0];

    /// <summary>Some addresses that the route is for, spread over its prefix.</summary>
    public static IEnumerable<IPAddress> Of(RouteInfo route)
    {
        var size = 1UL << (32 - route.PrefixLength);
        return Eighths.Select(eighth => FromNumber((uint)(Number(route.Destination) + (size * eighth / 8) + (size > 8 ? 1UL : 0))));
    }

    public static bool Contains(RouteInfo route, IPAddress address) => route.Family == AddressFamily.InterNetwork
        && (ulong)Number(address) >> (32 - route.PrefixLength) == (ulong)Number(route.Destination) >> (32 - route.PrefixLength);

    private static uint Number(IPAddress address) => BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes());

    private static IPAddress FromNumber(uint number)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
        return new IPAddress(bytes);
    }
}

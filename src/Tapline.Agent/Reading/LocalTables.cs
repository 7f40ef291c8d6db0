using System.Net.Sockets;
using Tapline.Wire.Netlink;

namespace Tapline.Agent.Reading;

/// <summary>
/// Whether a namespace looks up IPv4's table local before main, or both as one. They are one until somebody adds a rule, and stay apart when
/// he takes it away again (net/ipv4/fib_trie.c, fib_unmerge): no list tells. It counts only where a route of local covers a longer one of
/// main, so the kernel is asked for a destination of such a one.
/// </summary>
internal static class LocalTables
{
    private const int Local = 255;
    private const int Main = 254;
    private const byte Unicast = 1;
    private const uint IsDead = 1; // RTNH_F_DEAD

    /// <summary>Null where it makes no difference, or the kernel's answer is not about these two.</summary>
    public static bool? IsFirst(RouteSocket socket, IReadOnlyList<RouteInfo> all)
    {
        var locals = all.Where(route => route.Table == Local).ToList();
        var covered = all.Where(route => route is { Family: AddressFamily.InterNetwork, Table: Main, Type: Unicast, Tos: 0 } && (route.Flags & IsDead) == 0
            && locals.Exists(local => local.PrefixLength < route.PrefixLength && RouteDestinations.Contains(local, route.Destination)));
        foreach (var route in covered)
        {
            var destination = RouteDestinations.Of(route).FirstOrDefault(address => !all.Any(other => IsNearer(other, route) && RouteDestinations.Contains(other, address)));
            if (destination is not null && socket.Way(destination) is { Table: Local or Main } way)
            {
                return way.Table == Local;
            }
        }

        return null;
    }

    private static bool IsNearer(RouteInfo other, RouteInfo route) =>
        (other.Table == Main && other.PrefixLength > route.PrefixLength) || (other.Table == Local && other.PrefixLength >= route.PrefixLength);
}

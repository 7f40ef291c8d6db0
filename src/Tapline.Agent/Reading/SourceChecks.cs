using System.Net;
using System.Net.Sockets;
using Tapline.Core.Host;
using Tapline.Core.Primitives;
using Tapline.Wire.Netlink;

namespace Tapline.Agent.Reading;

/// <summary>
/// Whether a namespace judges sources by its routes, or by its addresses alone. By routes from the first policy rule or local route on that
/// somebody adds, also when he takes it away again (net/ipv4/fib_frontend.c, fib_validate_source: fib_has_custom_local_routes and
/// fib_has_custom_rules): no list tells. It counts where a local route is for more than own addresses, so the kernel is asked about a
/// source of such a one.
/// </summary>
internal static class SourceChecks
{
    private const int LocalTable = 255;
    private const byte LocalType = 2; // RTN_LOCAL

    /// <summary>Null where it makes no difference, or no device is there that would tell.</summary>
    public static bool? AreByRoutes(RouteSocket socket, IReadOnlyList<RouteInfo> all, IReadOnlyList<AddressInfo> addresses, ValueList<Setting> sysctls, Func<int, string> nameOf)
    {
        var own = addresses.Where(address => address.Address.AddressFamily == AddressFamily.InterNetwork).ToList();
        var source = all.Where(route => route is { Family: AddressFamily.InterNetwork, Table: LocalTable, Type: LocalType, PrefixLength: < 32 } && !IPAddress.IsLoopback(route.Destination))
            .Select(route => RouteDestinations.Of(route).FirstOrDefault(address =>
                !own.Exists(item => item.Address.Equals(address)) && !all.Any(other => other.PrefixLength > route.PrefixLength && RouteDestinations.Contains(other, address))))
            .FirstOrDefault(address => address is not null);
        if (source is null)
        {
            return null;
        }

        var set = sysctls.Where(setting => setting.Value != "0").Select(setting => setting.Name).ToHashSet(StringComparer.Ordinal);
        bool IsOff(string device, string name) => !set.Contains($"net/ipv4/conf/all/{name}") && !set.Contains($"net/ipv4/conf/{device}/{name}");
        bool IsPlain(string device) => device != "lo" && IsOff(device, "rp_filter") && IsOff(device, "accept_local");
        return own.Find(address => IsPlain(nameOf(address.LinkIndex))) is { } entrance ? !socket.TakesIn(entrance.LinkIndex, source, entrance.Address) : null;
    }
}

using Tapline.Core.Doctor.Routing;
using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Tracing;

/// <summary>A route that leads an address another way than all others would.</summary>
internal static class StrayRoutes
{
    /// <summary>Null where no single route does so, or where the others lead by the same device.</summary>
    public static ObservedRoute? Find(ObservedNamespace ns, IpAddress destination) => Stray(ns, destination)?.Route;

    private static (ObservedRoute Route, string Otherwise)? Stray(ObservedNamespace ns, IpAddress destination)
    {
        var way = RouteLookup.Find(ns, new RouteQuery(destination, null, null, 0));
        if (way is not { Route: { Destination.Length: > 0 } route, Hop: { } hop } || IsOfAddress(ns, route))
        {
            return null;
        }

        var others = ns with { Routes = [.. ns.Routes.Where(other => other != route)] };
        return RouteLookup.Find(others, new RouteQuery(destination, null, null, 0)) is { Type: "unicast", Hop: { } other } && other.Device != hop.Device ? (route, other.Device) : null;
    }

    /// <summary>The kernel's own, which comes with an address of the device.</summary>
    private static bool IsOfAddress(ObservedNamespace ns, ObservedRoute route) =>
        ns.Addresses.Any(address => address.Device == route.NextHops[0].Device && address.Prefix.Network == route.Destination);

    /// <summary>What goes there does not come there.</summary>
    public static Fault? Misleads(ObservedNamespace ns, Packet packet) => Stray(ns, packet.Destination) is not var (route, otherwise) ? null : new Fault
    {
        Code = "route.elsewhere",
        Namespace = ns.Name,
        Device = route.NextHops[0].Device,
        Summary = $"a route of its own leads {packet.Destination} out of {route.NextHops[0].Device} of {StackFaults.Place(ns.Name)}, where {Packets.Words(packet)} does not come through",
        Evidence = [$"route {StackFaults.Words(route)} (table {LinkStep.Number(route.Table)})"],
        Fix = Unfiltered(ns, otherwise, packet.Destination),
    };

    public static Fix Remove(ObservedNamespace ns, ObservedRoute route, string explanation) =>
        LinkFaults.Host(ns.Name, $"ip route del {StackFaults.Words(route)} table {LinkStep.Number(route.Table)}", explanation);

    /// <summary>Takes the route away, and the check that is stricter on this device than on the others of its namespace.</summary>
    public static Fix? Unfiltered(ObservedNamespace ns, string device, IpAddress source)
    {
        if (Find(ns, source) is not { } route)
        {
            return null;
        }

        var removal = Remove(ns, route, $"without this route the way to {source} leads by {device}, as for its neighbours");
        var isStricter = ns.Sysctl("net/ipv4/conf/all/rp_filter") == "0" && ns.Sysctl("net/ipv4/conf/default/rp_filter") == "0"
            && ns.Sysctl($"net/ipv4/conf/{device}/rp_filter") is { } own && own != "0";
        return isStricter ? removal with { Commands = [.. removal.Commands, Commands.In(ns.Name, $"sysctl -w net.ipv4.conf.{device.Replace('.', '/')}.rp_filter=0")] } : removal;
    }
}

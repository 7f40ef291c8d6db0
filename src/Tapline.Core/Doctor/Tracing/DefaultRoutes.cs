using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Tracing;

/// <summary>The default route that a router or an instance should have.</summary>
internal static class DefaultRoutes
{
    /// <summary>Null where nothing tells which it could be.</summary>
    public static Fix? Fix(World world, ObservedNamespace ns) =>
        Outer(ns) is { } outer ? OfRouter(ns, outer.Device, outer.Prefix)
        : Near(world, ns) is var (device, gateway) ? LinkFaults.Host(ns.Name, Command(device, gateway), $"{gateway} is the router of its network") : null;

    /// <summary>What a namespace that has lost its default route with its device needs when the device is back; null where it has one, or needs none.</summary>
    public static string? Restoring(World world, ObservedNamespace ns, string device)
    {
        if (ns.Routes.Any(route => route is { Table: 254, Destination.Length: 0 } && !route.Destination.First.IsV6))
        {
            return null;
        }

        return Outer(ns) is { } outer ? (outer.Device == device ? Commands.In(ns.Name, Command(device, GatewayOf(ns, device, outer.Prefix).Address)) : null)
            : Near(world, ns) is var (near, gateway) && near == device ? Commands.In(ns.Name, Command(device, gateway)) : null;
    }

    private static string Command(string device, IpAddress gateway) => $"ip route replace default via {gateway} dev {device}";

    private static Fix OfRouter(ObservedNamespace ns, string device, IpPrefix prefix)
    {
        var (gateway, isKnown) = GatewayOf(ns, device, prefix);
        return LinkFaults.Host(ns.Name, Command(device, gateway), isKnown
            ? $"{gateway} is a neighbour that the router knows there; 'openstack subnet show' of the external subnet tells the right gateway"
            : $"{gateway} is the first address of the external network, where a gateway usually is; 'openstack subnet show' of the external subnet tells the right one");
    }

    private static (IpAddress Address, bool IsKnown) GatewayOf(ObservedNamespace ns, string device, IpPrefix prefix)
    {
        var near = ns.Neighbours.FirstOrDefault(entry => entry.Device == device && entry.Mac is not null && prefix.Contains(entry.Address))?.Address;
        return (near ?? prefix.Network.First.Plus(1), near is not null);
    }

    private static (string Device, IpPrefix Prefix)? Outer(ObservedNamespace ns) =>
        ns.Addresses.Where(address => address.Device.StartsWith("qg-", StringComparison.Ordinal) && address.Prefix.Length < address.Prefix.Address.Width && !address.Prefix.Address.IsV6)
            .Select(address => ((string, IpPrefix)?)(address.Device, address.Prefix)).FirstOrDefault();

    /// <summary>An instance's: the leg of the router in its network, else what its DHCP server tells.</summary>
    private static (string Device, IpAddress Gateway)? Near(World world, ObservedNamespace ns)
    {
        var own = world.GuestNamespaces.Contains(ns.Name) ? ns.Addresses.Where(address => address.Device != "lo" && !address.Prefix.Address.IsV6).ToList() : [];
        var legs = from address in own
                   from router in world.Seen.Namespaces
                   from leg in router.Addresses
                   where leg.Device.StartsWith("qr-", StringComparison.Ordinal) && address.Prefix.Contains(leg.Prefix.Address)
                   select (address.Device, (IpAddress?)leg.Prefix.Address);
        return legs.Concat(own.Select(address => (address.Device, DhcpGateways.In(world, address.Prefix))))
            .Where(found => found.Item2 is not null).Select(found => ((string, IpAddress)?)(found.Device, found.Item2!.Value)).FirstOrDefault();
    }
}

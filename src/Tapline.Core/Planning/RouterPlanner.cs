using Tapline.Core.Host;
using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Core.Planning;

/// <summary>A router: a namespace that forwards between its legs and translates addresses on the way out.</summary>
internal static class RouterPlanner
{
    private static readonly Setting[] Sysctls =
    [
        new("net/ipv4/ip_forward", "1"),
        new("net/ipv4/conf/all/rp_filter", "0"), new("net/ipv4/conf/default/rp_filter", "0"),
        new("net/ipv4/conf/all/arp_ignore", "1"), new("net/ipv4/conf/all/arp_announce", "2"),
        new("net/ipv4/conf/all/send_redirects", "0"), new("net/ipv4/conf/default/send_redirects", "0"),
        new("net/ipv4/conf/all/accept_redirects", "0"), new("net/ipv4/conf/default/accept_redirects", "0"),
    ];

    public static IEnumerable<HostItem> Plan(HostView view) =>
        from port in view.RouterPorts
        group port by port.DeviceId into legs
        from item in Plan(view, view.Topology.Routers[Id<Router>.Parse(legs.Key)], [.. legs])
        select item;

    private static IEnumerable<HostItem> Plan(HostView view, Router router, IReadOnlyList<Port> legs)
    {
        var ns = Names.RouterNamespace(router.Id);
        var owner = router.Key.ToString();
        yield return new HostItem.Namespace(ns) { Owner = owner };
        foreach (var sysctl in Sysctls)
        {
            yield return new HostItem.Sysctl(ns, sysctl.Name, sysctl.Value) { Owner = owner };
        }

        foreach (var leg in legs)
        {
            foreach (var item in Leg(view, ns, leg))
            {
                yield return item;
            }
        }

        foreach (var route in Routes(view, router, legs))
        {
            yield return route with { In = ns, Owner = owner };
        }

        var gateway = legs.FirstOrDefault(leg => leg.Id == router.GatewayPortId);
        foreach (var item in gateway is null ? [] : NatPlanner.Plan(view, router, ns, gateway))
        {
            yield return item;
        }
    }

    private static IEnumerable<HostItem> Leg(HostView view, string ns, Port leg)
    {
        var name = Device(leg);
        foreach (var item in LegPlanner.Plan(view, leg, ns, name))
        {
            yield return item;
        }

        // The kernel takes the larger of all's and the device's own value; a device made before the defaults were set keeps its own.
        yield return new HostItem.Sysctl(ns, $"net/ipv4/conf/{name}/rp_filter", "0") { Owner = leg.Key.ToString() };
    }

    private static string Device(Port leg) => leg.DeviceOwner == DeviceOwner.RouterGateway ? Names.Qg(leg.Id) : Names.Qr(leg.Id);

    /// <summary>The default by the external subnet's gateway, and the router's extra routes by the leg that reaches their next hop.</summary>
    private static IEnumerable<HostItem.Route> Routes(HostView view, Router router, IReadOnlyList<Port> legs)
    {
        foreach (var gateway in legs.Where(leg => leg.DeviceOwner == DeviceOwner.RouterGateway))
        {
            foreach (var via in gateway.FixedIps.Select(fixedIp => view.Topology.Subnets[fixedIp.SubnetId].GatewayIp).OfType<IpAddress>().Distinct())
            {
                yield return new HostItem.Route("", new IpPrefix(new IpAddress(0, via.IsV6), 0), via, Device(gateway));
            }
        }

        foreach (var route in router.Routes)
        {
            var leg = legs.FirstOrDefault(leg => view.AddressesOf(leg).Any(address => address.Contains(route.NextHop)));
            if (leg is not null)
            {
                yield return new HostItem.Route("", route.Destination.Network, route.NextHop, Device(leg));
            }
        }
    }
}

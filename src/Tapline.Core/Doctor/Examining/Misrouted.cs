using Tapline.Core.Doctor.Tracing;
using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Examining;

/// <summary>A router that sends outside what belongs to a network behind it: the way there has gone with its leg.</summary>
internal static class Misrouted
{
    public static Fault? Explain(World world, Branch branch, Packet packet) => branch.Hops.Select(hop => hop.Namespace).Distinct()
        .Where(ns => ns.Length > 0 && Places.Of(world, ns) == Place.Service)
        .Select(ns => InRouter(world, world.Namespace(ns), packet.Destination)).FirstOrDefault(fault => fault is not null);

    private static Fault? InRouter(World world, ObservedNamespace ns, IpAddress asked)
    {
        var destination = FloatingIps.FixedOf(world, ns.Name, asked) ?? asked;
        foreach (var leg in ns.Links.Where(link => link.Name.StartsWith("qr-", StringComparison.Ordinal)))
        {
            var own = ns.Addresses.Where(address => address.Device == leg.Name && !address.Prefix.Address.IsV6).ToList();
            if (!leg.Up && (own.Count == 0 || own.Exists(address => address.Prefix.Contains(destination))))
            {
                return LinkFaults.Down(ns.Name, leg);
            }

            if (own.Count == 0)
            {
                var usual = new IpPrefix(destination, 24).First.Plus(1);
                return new Fault
                {
                    Code = "address.missing",
                    Namespace = ns.Name,
                    Device = leg.Name,
                    Summary = $"{leg.Name} in {ns.Name} has no address, so the router does not know the network of {destination} and sends it outside",
                    Evidence = [$"{leg.Name} has no IPv4 address", $"no route to {destination} by {leg.Name}"],
                    Fix = LinkFaults.Host(ns.Name, $"ip addr add {usual}/24 dev {leg.Name}", $"gives the leg an address in its network again; {usual}/24 is what it usually is, 'openstack subnet show' tells the right one"),
                };
            }

            if (own.Find(address => address.Prefix.Contains(destination)) is { } address && !ns.Routes.Any(route => route.NextHops.Any(hop => hop.Device == leg.Name) && route.Destination.Contains(destination)))
            {
                return Unrouted(ns, leg.Name, address.Prefix, destination);
            }
        }

        return ns.Links.Any(link => link.Name.StartsWith("qr-", StringComparison.Ordinal)) ? null : Legless(world);
    }

    /// <summary>A router without any inner leg, and a port of the switch that was one's.</summary>
    private static Fault? Legless(World world) =>
        (from bridge in world.Seen.Switch?.Bridges ?? []
         from port in bridge.Ports
         where port.Name.Contains("qr-", StringComparison.Ordinal) && world.NamespaceOfInternalPort(port.Name) is null
         select LinkFaults.Missing("", port.Name)).FirstOrDefault();

    /// <summary>The kernel's own route, which came with the address, was taken away.</summary>
    private static Fault Unrouted(ObservedNamespace ns, string leg, IpPrefix own, IpAddress destination) => new()
    {
        Code = "route.missing",
        Namespace = ns.Name,
        Device = leg,
        Summary = $"{leg} in {ns.Name} has the address {own}, but no route leads to {own.Network} by it, so the router sends {destination} outside",
        Evidence = [$"no route to {destination} by {leg}"],
        Fix = LinkFaults.Host(ns.Name, $"ip route replace {own.Network} dev {leg} proto kernel scope link src {own.Address}", "what comes with an address by itself"),
    };
}

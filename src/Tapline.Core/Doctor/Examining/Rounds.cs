using Tapline.Core.Doctor.Tracing;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Examining;

/// <summary>The questions that a whole host is examined by: each instance to its router's gateway, and from there to its floating IP.</summary>
public static class Rounds
{
    public static IEnumerable<Inquiry> Of(World world)
    {
        foreach (var guest in world.Guests)
        {
            foreach (var address in guest.Addresses.Where(address => !address.IsV6).Take(1))
            {
                var router = RouterOf(world, address);
                var gateway = router is null ? null : world.Namespace(router).Routes.Where(route => route is { Table: 254, Destination.Length: 0 }).SelectMany(route => route.NextHops)
                    .Select(hop => hop.Via).FirstOrDefault(via => via is { IsV6: false });
                yield return new Inquiry(guest.Tap, (gateway ?? LegOf(world, address) ?? new IpPrefix(address, 24).First.Plus(1)).ToString(), "icmp", null);
                if (router is not null && gateway is not null && FloatingOf(world, router, address) is { } floating)
                {
                    yield return new Inquiry(gateway.Value.ToString(), floating.ToString(), "icmp", null);
                }
            }
        }
    }

    private static string? RouterOf(World world, IpAddress address) =>
        (from ns in world.Seen.Namespaces
         where ns.Addresses.Any(leg => leg.Device.StartsWith("qr-", StringComparison.Ordinal) && leg.Prefix.Contains(address))
         select ns.Name).FirstOrDefault();

    private static IpAddress? LegOf(World world, IpAddress address) =>
        (from ns in world.Seen.Namespaces
         from leg in ns.Addresses
         where leg.Device.StartsWith("qr-", StringComparison.Ordinal) && leg.Prefix.Contains(address)
         select (IpAddress?)leg.Prefix.Address).FirstOrDefault();

    private static IpAddress? FloatingOf(World world, string router, IpAddress address) =>
        (from leg in world.Namespace(router).Addresses
         where leg.Prefix.Length == leg.Prefix.Address.Width && FloatingIps.FixedOf(world, router, leg.Prefix.Address) == address
         select (IpAddress?)leg.Prefix.Address).FirstOrDefault();
}

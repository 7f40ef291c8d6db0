using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Tracing;

/// <summary>An instance that one can look into, and its address.</summary>
internal static class GuestAddressing
{
    /// <summary>It has no address, or another than its port's; null where it has the right one.</summary>
    public static Fault? Of(World world, string ns, string device, IpAddress expected)
    {
        var own = world.Namespace(ns).Addresses.Where(address => address.Device != "lo" && !address.Prefix.Address.IsV6).ToList();
        if (own.Count == 0)
        {
            return new Fault
            {
                Code = "guest.no-address",
                Namespace = ns,
                Device = device,
                Summary = $"the instance has no IPv4 address: it got none by DHCP, or lost {expected}",
                Evidence = [$"no IPv4 address{LinkFaults.In(ns)}"],
                Fix = new Fix(FixPlace.Guest, [.. Giving(world, ns, device, expected)], "gives it the address of its port; a DHCP client asks for it too, and 'tapline doctor dhcp' tells why none comes"),
            };
        }

        return own.Exists(address => address.Prefix.Address == expected) ? null : new Fault
        {
            Code = "guest.wrong-address",
            Namespace = ns,
            Device = own[0].Device,
            Summary = $"the instance uses {own[0].Prefix.Address}, not its port's {expected}: anti-spoofing drops what it sends",
            Evidence = [$"addresses of the instance: {string.Join(", ", own.Select(address => address.Prefix))}"],
            Fix = new Fix(FixPlace.Guest, [$"ip addr del {own[0].Prefix} dev {own[0].Device}", .. Giving(world, ns, own[0].Device, expected)],
                "gives it the address of its port; or let the port use the other ('openstack port set --allowed-address')"),
        };
    }

    /// <summary>What is for the instance comes to it, and it does not know that it is meant; null where it is not, or has the address.</summary>
    public static Fault? OfReceiver(World world, string ns, string device, IpAddress destination) =>
        world.Guests.Any(guest => guest.Inside == (ns, device) && guest.Addresses.Contains(destination)) ? Of(world, ns, device, destination) : null;

    /// <summary>The commands that set its address and its way out, as far as the network's router or DHCP server tells them.</summary>
    private static IEnumerable<string> Giving(World world, string ns, string device, IpAddress address)
    {
        var near = world.Seen.Namespaces.Where(other => other.Name.Length > 0 && other.Name != ns).SelectMany(other => other.Addresses)
            .Where(leg => leg.Prefix.Length < leg.Prefix.Address.Width && leg.Prefix.Contains(address) && leg.Prefix.Address != address)
            .OrderByDescending(leg => leg.Device.StartsWith("qr-", StringComparison.Ordinal)).ToList();
        if (world.Link(ns, device) is { Up: false })
        {
            yield return $"ip link set {device} up";
        }

        yield return $"ip addr add {address}/{LinkStep.Number(near is [var first, ..] ? first.Prefix.Length : 24)} dev {device}";
        if ((near.Find(leg => leg.Device.StartsWith("qr-", StringComparison.Ordinal))?.Prefix.Address ?? (near is [var served, ..] ? DhcpGateways.In(world, served.Prefix) : null)) is { } gateway)
        {
            yield return $"ip route replace default via {gateway} dev {device}";
        }
    }
}

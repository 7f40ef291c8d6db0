using Tapline.Core.Doctor.Tracing;
using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Examining;

/// <summary>Finds what a user means: an instance, port, TAP, MAC, iface-id, floating IP or address.</summary>
public static class EndpointFinder
{
    /// <param name="world">The host.</param>
    /// <param name="intent">What the cloud says should be; empty where it is not asked.</param>
    /// <param name="text">What the user wrote.</param>
    /// <param name="address">The user's word for the address of an instance of which the host does not tell it.</param>
    public static Result<Endpoint> Find(World world, Topology intent, string text, IpAddress? address)
    {
        if (IpAddress.TryParse(text, out var plain))
        {
            return new Endpoint(text, ByAddress(world, intent, plain), plain);
        }

        var guest = ByDevice(world, intent, text) ?? ByMac(world, text) ?? ByPortId(world, text);
        if (guest is null)
        {
            return Rejection.NotFound("PortNotFound", $"no instance, port, TAP, MAC or address '{text}' on this host; its VIFs are: {string.Join(", ", world.Guests.Select(item => item.Tap))}");
        }

        if (address is { } given)
        {
            world.Give(guest.Tap, given);
        }

        return (address ?? FixedIp(world, ByTap(intent), guest)) is { } found
            ? new Endpoint(text, guest, found)
            : Rejection.NotFound("AddressNotFound", $"nothing on this host tells the address of {guest.Tap}: give it with --ip");
    }

    private static GuestFacts? ByDevice(World world, Topology intent, string text)
    {
        var named = intent.Instances.Values.Where(instance => instance.Name == text || instance.Id.ToString() == text).SelectMany(instance => instance.PortIds)
            .Concat(intent.Ports.Values.Where(port => port.Name == text && text.Length > 0).Select(port => port.Id)).Select(id => "tap" + id.Short).FirstOrDefault();
        return GuestFacts.Of(world, named ?? text) is { } guest && (world.Link("", guest.Tap) is not null || world.Guests.Any(item => item.Tap == guest.Tap)) ? guest : null;
    }

    private static GuestFacts? ByMac(World world, string text) =>
        MacAddress.TryParse(text, out var mac) ? world.Guests.FirstOrDefault(guest => guest.Mac == mac) : null;

    private static GuestFacts? ByPortId(World world, string text) =>
        text.Length >= 4 ? world.Guests.FirstOrDefault(guest => guest.PortId.StartsWith(text, StringComparison.OrdinalIgnoreCase)
            || text.StartsWith(guest.Tap[3..], StringComparison.OrdinalIgnoreCase)) : null;

    /// <summary>A guest's own address; a floating IP stays an address, since the way to it is what is asked.</summary>
    private static GuestFacts? ByAddress(World world, Topology intent, IpAddress address)
    {
        var ports = ByTap(intent);
        return world.Guests.FirstOrDefault(guest => guest.Addresses.Contains(address) || FixedIp(world, ports, guest) == address);
    }

    private static ILookup<string, Port> ByTap(Topology intent) => intent.Ports.Values.ToLookup(port => "tap" + port.Id.Short, StringComparer.Ordinal);

    private static IpAddress? FixedIp(World world, ILookup<string, Port> ports, GuestFacts guest) =>
        ports[guest.Tap].SelectMany(port => port.FixedIps).Select(ip => (IpAddress?)ip.Address).FirstOrDefault(ip => ip is { IsV6: false })
            ?? guest.Addresses.Where(item => !item.IsV6).Select(item => (IpAddress?)item).FirstOrDefault()
            ?? (guest.Inside is { } inside
                ? world.Namespace(inside.Namespace).Addresses.Where(item => item.Device == inside.Device && !item.Prefix.Address.IsV6).Select(item => (IpAddress?)item.Prefix.Address).FirstOrDefault()
                : null);
}

using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Tracing;

/// <summary>Copies of a flood that go where nobody is whom it is for: how they end says little.</summary>
internal static class Asides
{
    /// <summary>It ended at an instance that neither sent it nor is meant by it.</summary>
    public static bool IsAside(World world, Branch branch)
    {
        if (branch.End is not End.Lost { Fault: var fault } || branch.Trail is null)
        {
            return false;
        }

        var packet = branch.Hops[^1].Packet;
        var guest = GuestFacts.Of(world, fault.Device) ?? world.Guests.FirstOrDefault(item => fault.Namespace.Length > 0 && item.Inside?.Namespace == fault.Namespace);
        return guest is not null
            && !guest.Addresses.Contains(packet.Destination) && !guest.Addresses.Contains(packet.Source)
            && guest.Mac != packet.EtherDestination && guest.Mac != packet.EtherSource;
    }

    /// <summary>A copy of a flood on its way to an instance that does not answer it: an ARP request, or what is for another hardware address.</summary>
    public static bool IsInVain(World world, Position next) =>
        next is Position.Leaving { Namespace: "", Device: ['t', 'a', 'p', ..] or ['q', 'v', 'o', ..], Packet: var packet }
        && GuestFacts.Of(world, next.Device) is { } guest
        && (packet.ArpOperation == 1 ? !MayAnswer(world, guest, packet.Destination) : !packet.EtherDestination.IsMulticast && !MayTake(world, guest, packet.EtherDestination));

    private static bool MayTake(World world, GuestFacts guest, MacAddress destination) =>
        guest.Mac is not { } mac || mac == destination
        || (guest.Inside is { } inside ? world.Link(inside.Namespace, inside.Device) is not { Master: null } link || link.Mac == destination : world.Link("", guest.Tap)?.Peer is not null);

    private static bool MayAnswer(World world, GuestFacts guest, IpAddress asked) =>
        guest.Addresses.Contains(asked)
        || (guest.Inside is { } inside ? world.FindNamespace(inside.Namespace) is not { } ns || MayAnswer(ns, asked) : world.Link("", guest.Tap)?.Peer is not null);

    /// <summary>For what is local to it, and for whom it is told to; rules of its own may change whom it is asked for.</summary>
    private static bool MayAnswer(ObservedNamespace ns, IpAddress asked) =>
        ns.IsPartial || ns.Nftables is not null || !ns.Iptables.IsEmpty
        || ns.Routes.Any(route => route.Type == "local" && route.Destination.Contains(asked))
        || ns.Neighbours.Any(entry => entry.Proxy)
        || ns.Sysctls.Any(setting => setting.Value != "0" && setting.Name.EndsWith("/proxy_arp", StringComparison.Ordinal));
}

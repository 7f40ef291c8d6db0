using Tapline.Core.Doctor.Tracing;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Living;

/// <summary>Frames to a hardware address that a switch has not learned go everywhere: what others overhear is not the packet's way.</summary>
internal static class Copies
{
    /// <summary>What was seen on the traced way, and beside it only where the frame's hardware address leads.</summary>
    public static IEnumerable<Sighting> Without(World world, ValueList<Hop> traced, IEnumerable<Sighting> sightings)
    {
        var way = traced.Select(hop => (hop.Namespace, hop.Device)).ToHashSet();
        var all = sightings.Where(sighting => !sighting.IsCopy).ToList();
        var meant = all.Where(sighting => way.Contains((sighting.Namespace, sighting.Device)) || LeadsTo(world, sighting, sighting.EtherDestination)).ToList();
        return meant.Count > 0 ? meant : all;
    }

    private static bool LeadsTo(World world, Sighting sighting, MacAddress mac)
    {
        if (mac == default || mac.IsMulticast)
        {
            return true;
        }

        if (sighting.Namespace.Length > 0)
        {
            return world.FindNamespace(sighting.Namespace)?.Links.Any(link => link.Mac == mac) == true;
        }

        return GuestFacts.Of(world, sighting.Device) is { Mac: { } guest } ? guest == mac
            : world.Link("", sighting.Device)?.Peer is { In.Length: > 0 } peer ? world.FindNamespace(peer.In)?.Links.Any(link => link.Mac == mac) == true
            : !world.LinksWith(mac).Any();
    }
}

using Tapline.Core.Doctor.Tracing;

namespace Tapline.Core.Doctor.Examining;

/// <summary>What is wrong inside an instance that one can look into.</summary>
internal static class GuestFaults
{
    /// <summary>It can not send at all; null where it can, or where it is no guest.</summary>
    public static Fault? OfSender(World world, string ns, Packet packet)
    {
        var staysInside = packet.Source.IsLoopback || world.Namespace(ns).Addresses.Any(own => own.Prefix.Address == packet.Destination);
        if (Places.Of(world, ns) != Place.Guest || staysInside) // that asks nobody
        {
            return null;
        }

        var device = world.Guests.Where(guest => guest.Inside?.Namespace == ns).Select(guest => guest.Inside!.Value.Device).FirstOrDefault() ?? "eth0";
        return GuestAddressing.Of(world, ns, device, packet.Source);
    }
}

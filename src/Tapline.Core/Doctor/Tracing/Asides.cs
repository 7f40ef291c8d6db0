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
}

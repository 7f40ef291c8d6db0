using Tapline.Core.Doctor.Tracing;

namespace Tapline.Core.Doctor.Examining;

/// <summary>What is wrong inside an instance that one can look into.</summary>
internal static class GuestFaults
{
    /// <summary>It can not send at all; null where it can, or where it is no guest.</summary>
    public static Fault? OfSender(World world, string ns, Packet packet)
    {
        if (Places.Of(world, ns) != Place.Guest)
        {
            return null;
        }

        var own = world.Namespace(ns).Addresses.Where(address => address.Device != "lo" && !address.Prefix.Address.IsV6).ToList();
        if (own.Count == 0)
        {
            return new Fault
            {
                Code = "guest.no-address",
                Namespace = ns,
                Device = "eth0",
                Summary = "the instance has no IPv4 address: it got none by DHCP, or lost it",
                Evidence = [$"no IPv4 address{LinkFaults.In(ns)}"],
                Fix = new Fix(FixPlace.Guest, ["dhclient -1 eth0 || udhcpc -i eth0 -n -q"], $"asks again; its address should be {packet.Source}; 'tapline doctor dhcp' tells why none comes"),
            };
        }

        return own.Exists(address => address.Prefix.Address == packet.Source) ? null : new Fault
        {
            Code = "guest.wrong-address",
            Namespace = ns,
            Device = own[0].Device,
            Summary = $"the instance uses {own[0].Prefix.Address}, not its port's {packet.Source}: anti-spoofing drops what it sends",
            Evidence = [$"addresses of the instance: {string.Join(", ", own.Select(address => address.Prefix))}"],
            Fix = new Fix(FixPlace.Guest,
                [$"ip addr add {packet.Source}/{LinkStep.Number(own[0].Prefix.Length)} dev {own[0].Device}", $"ip addr del {own[0].Prefix} dev {own[0].Device}"],
                "gives it the address of its port; or let the port use the other ('openstack port set --allowed-address')"),
        };
    }
}

using Tapline.Core.Host.Observed;

namespace Tapline.Core.Doctor.Tracing;

/// <summary>Why two devices that belong to one segment do not hear each other.</summary>
internal static class SegmentFaults
{
    private const int DeadVlan = 4095;

    /// <summary>Equal addresses are found in several tenants: an owner counts only where it hangs on the same switch and, if told, on the same VLAN or a dead one.</summary>
    public static bool MayShareSegment(World world, Neighbourhood found, string ns, string device)
    {
        var (own, other) = (PortOf(world, found.Namespace, found.Device), PortOf(world, ns, device));
        if (own is null || other is null)
        {
            return own is null && other is null ? found.Requests.Any(branch => branch.Hops.Any(hop => hop.Namespace == ns)) : !IsElsewhere(world, found, ns, device);
        }

        return own.Tag == other.Tag || !ShareBridge(world, own, other) || own.Tag == DeadVlan || other.Tag == DeadVlan
            || world.OwnersOf(found.Neighbour).Count(owner => owner.Namespace != found.Namespace) + world.Guests.Count(guest => guest.Inside is null && guest.Addresses.Contains(found.Neighbour)) == 1;
    }

    /// <summary>Who asks is on the VLAN of ports that nobody knows, so that whoever has the address does not hear it; null where it is not.</summary>
    public static Fault? Apart(World world, Neighbourhood found) => PortOf(world, found.Namespace, found.Device) is { Tag: DeadVlan } port ? SwitchFaults.Dead(world, port) : null;

    /// <summary>The owner's port does not get what is sent from the asker's.</summary>
    public static Fault? Between(World world, Neighbourhood found, IReadOnlyList<(string Namespace, string Device)> chain)
    {
        foreach (var (ns, device) in chain)
        {
            if (world.Link(ns, device) is not { } link)
            {
                return LinkFaults.Missing(ns, device);
            }

            if (!link.Up)
            {
                return LinkFaults.Down(ns, link);
            }
        }

        var (lastNs, last) = chain[^1];
        if (world.PortAt(lastNs, last) is null)
        {
            return world.Link(lastNs, last) is { } end ? Plugging.Unplugged(world, world.Namespace(lastNs), end) : null;
        }

        var (own, other) = (PortOf(world, found.Namespace, found.Device), world.Port(last)!.Value.Port);
        return other.Interfaces.FirstOrDefault(item => item.Ofport is -1 || item.Error.Length > 0) is { } broken ? PortError(broken)
            : other.Tag == DeadVlan ? SwitchFaults.Dead(world, other)
            : own?.Tag == DeadVlan ? SwitchFaults.Dead(world, own)
            : own is not null && own.Tag != other.Tag && ShareBridge(world, own, other) ? Mismatch(world, own, other)
            : null;
    }

    private static Fault Mismatch(World world, ObservedPort own, ObservedPort other)
    {
        var (ownRight, otherRight) = (Tags.Of(world, own), Tags.Of(world, other));
        var wrong = otherRight is { } right && right != other.Tag && (ownRight is null || ownRight == own.Tag) ? other : own;
        var tag = wrong == other ? otherRight ?? own.Tag : ownRight ?? other.Tag;
        return new Fault
        {
            Code = "ovs.vlan-mismatch",
            Device = wrong.Name,
            Summary = $"{own.Name} and {other.Name} are on different local VLANs of br-int ({Told(own.Tag)} and {Told(other.Tag)}), so they do not hear each other",
            Evidence = [$"Port {own.Name}: tag {Told(own.Tag)}", $"Port {other.Name}: tag {Told(other.Tag)}"],
            Fix = tag is { } number
                ? new Fix(FixPlace.Host, [$"ovs-vsctl set Port {wrong.Name} tag={LinkStep.Number(number)}"], "puts both on their network's local VLAN")
                : new Fix(FixPlace.Host, [$"ovs-vsctl clear Port {wrong.Name} tag"], "puts both on the same VLAN"),
        };
    }

    private static Fault PortError(ObservedInterface device) => new()
    {
        Code = "ovs.port-error",
        Device = device.Name,
        Summary = $"Open vSwitch could not take {device.Name} in: {(device.Error.Length > 0 ? device.Error : "it has no port number")}",
        Evidence = [$"Interface {device.Name}: ofport {(device.Ofport is { } number ? LinkStep.Number(number) : "none")}, error {device.Error}"],
    };

    private static bool IsElsewhere(World world, Neighbourhood found, string ns, string device) =>
        world.Link(ns, device) is null || world.FindNamespace(found.Namespace) is null;

    private static bool ShareBridge(World world, ObservedPort own, ObservedPort other) =>
        world.Port(own.Name)?.Bridge.Name == world.Port(other.Name)?.Bridge.Name;

    private static ObservedPort? PortOf(World world, string ns, string device)
    {
        var (lastNs, last) = Attachments.Toward(world, ns, device)[^1];
        return world.PortAt(lastNs, last)?.Port;
    }

    private static string Told(int? tag) => tag is { } number ? LinkStep.Number(number) : "none";
}

using Tapline.Core.Doctor.Tracing;

namespace Tapline.Core.Doctor.Examining;

/// <summary>One direction of what is asked about: the packet's way and how it ended.</summary>
/// <param name="Hops">ARP's ways, where the sender's own could be followed, before the packet's.</param>
/// <param name="Arrived">Where it was to come and came.</param>
/// <param name="Fault">Why it did not.</param>
/// <param name="Unknown">What is missing to tell.</param>
public sealed record Passage(IReadOnlyList<Hop> Hops, End? Arrived, Fault? Fault, string? Unknown)
{
    public static Passage None { get; } = new([], null, null, null);

    /// <summary>Out of all branches: the one that arrived, else the one that says most about why none did.</summary>
    public static Passage Of(Walk walk, IReadOnlyCollection<Branch> branches, IReadOnlyList<Hop> before, Func<End, bool> isArrival)
    {
        var best = branches.FirstOrDefault(branch => isArrival(branch.End))
            ?? branches.OrderByDescending(branch => Weight(walk.World, branch)).ThenByDescending(branch => branch.Trail?.Length ?? 0).FirstOrDefault();
        return best is null ? None with { Unknown = "the packet went nowhere" }
            : new Passage(
                [.. before, .. best.Hops],
                isArrival(best.End) ? best.End : null,
                isArrival(best.End) ? null : FaultOf(walk, best),
                !isArrival(best.End) && best.End is End.Unsure unsure ? unsure.Missing : null);
    }

    private static int Weight(World world, Branch branch) => branch.End switch
    {
        End.Unsure => 4,
        End.Delivered => 3,
        End.Lost when Asides.IsAside(world, branch) => 0,
        End.Lost { IsOneOfSeveral: false } => 2,
        _ => 1,
    };

    private static Fault? FaultOf(Walk walk, Branch branch) => branch.End switch
    {
        End.Lost lost => (lost.Fault.Namespace.Length > 0 ? Misrouted.Explain(walk.World, branch, branch.Hops[^1].Packet) : null)
            ?? (lost.Fault.Code == "ovs.dropped" ? Unreached(walk, branch.Hops[^1].Packet) : null) ?? lost.Fault,
        End.Ignored ignored => WrongNeighbour(walk, ignored) ?? new Fault
        {
            Code = "frame.misdirected",
            Namespace = ignored.Namespace,
            Device = ignored.Device,
            Summary = $"{Packets.Words(ignored.Packet)} ends at {ignored.Device}{LinkFaults.In(ignored.Namespace)}: {ignored.Why}",
        },
        End.Delivered delivered => TakenAddresses.Taken(walk.World, delivered),
        End.ToOutside outside => Misrouted.Explain(walk.World, branch, outside.Packet) ?? new Fault
        {
            Code = "frame.leaves-host",
            Device = outside.Device,
            Summary = $"{Packets.Words(outside.Packet)} leaves the host by {outside.Device}, though whom it is for is here",
        },
        End.ToGuest guest => new Fault
        {
            Code = "frame.misdirected",
            Device = guest.Device,
            Summary = $"{Packets.Words(guest.Packet)} comes to {guest.Device}, another instance",
        },
        _ => null,
    };

    /// <summary>It went to a hardware address that a neighbour entry told: either nobody has that one, or who has it is not to be reached.</summary>
    private static Fault? WrongNeighbour(Walk walk, End.Ignored ignored) =>
        Known(walk, ignored.Packet) is not { Entry: { } entry } known ? null
        : Unreached(walk, ignored.Packet) ?? (Owner(walk.World, ignored.Packet.EtherDestination) is not null ? null : new Fault
        {
            Code = "neighbour.wrong",
            Namespace = known.Namespace,
            Device = known.Device,
            Summary = $"{StackFaults.Place(known.Namespace)} believes that {entry.Address} is at {entry.Mac}, which is not its hardware address: what it sends there is thrown away",
            Evidence = [$"neighbour {entry.Address} dev {entry.Device} lladdr {entry.Mac} {entry.State}{LinkFaults.In(known.Namespace)}", $"{ignored.Device}{LinkFaults.In(ignored.Namespace)}: {ignored.Why}"],
            Fix = LinkFaults.Host(known.Namespace, $"ip neigh del {entry.Address} dev {entry.Device}", "has the kernel ask anew"),
        });

    /// <summary>What is between the sender, who knew the hardware address already, and whose it is; null where nothing is, or it was not known so.</summary>
    private static Fault? Unreached(Walk walk, Packet packet) =>
        Known(walk, packet) is not { } known ? null
        : (Owner(walk.World, packet.EtherDestination) is { } owner ? SegmentFaults.Between(walk.World, known, Attachments.Toward(walk.World, owner.Namespace, owner.Device)) : null)
            ?? ResolutionFaults.Beyond(walk.World, known);

    private static Neighbourhood? Known(Walk walk, Packet packet) =>
        walk.Resolutions.FirstOrDefault(item => item.Entry is { Mac: { } mac } && mac == packet.EtherDestination);

    private static (string Namespace, string Device)? Owner(World world, Primitives.MacAddress mac) =>
        world.Guests.Where(guest => guest.Mac == mac).Select(guest => ((string, string)?)(guest.Inside ?? ("", guest.Tap))).FirstOrDefault()
            ?? world.LinksWith(mac).Select(found => ((string, string)?)(found.Namespace, found.Link.Name)).FirstOrDefault();
}

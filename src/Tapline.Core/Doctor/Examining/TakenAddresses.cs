using Tapline.Core.Doctor.Tracing;

namespace Tapline.Core.Doctor.Examining;

/// <summary>Stacks that take, and answer, what is for another.</summary>
internal static class TakenAddresses
{
    /// <summary>Who answers should not: the host itself, which has the address as well as whom it is for, or a stack that a route tells so; null where all is well.</summary>
    public static Fault? Of(World world, Passage request) => request.Arrived is not End.Delivered { Packet.Destination: { IsLoopback: false } now } delivered ? null
        : delivered.Namespace.Length == 0 && world.OwnersOf(now).Any(owner => owner.Namespace.Length > 0) ? Taken(world, delivered)
        : world.OwnersOf(now).Any(owner => owner.Namespace == delivered.Namespace) ? null
        : ByRoute(world, delivered);

    private static Fault? ByRoute(World world, End.Delivered delivered)
    {
        var (ns, now) = (delivered.Namespace, delivered.Packet.Destination);
        if (Places.Of(world, ns) == Place.Outside || world.Namespace(ns).Routes.Where(route => route.Type == "local" && route.Destination.Contains(now)).MaxBy(route => route.Destination.Length) is not { } local)
        {
            return null;
        }

        var route = $"local {local.Destination}{(local.NextHops is [var hop, ..] ? $" dev {hop.Device}" : "")} table {LinkStep.Number(local.Table)}";
        return new Fault
        {
            Code = "address.taken",
            Namespace = ns,
            Device = world.Guests.FirstOrDefault(guest => guest.Inside?.Namespace == ns)?.Inside?.Device ?? delivered.Device,
            Summary = $"{now} answers, but it is {StackFaults.Place(ns)} itself that does: a route calls the address its own",
            Evidence = [$"route {route}", $"{now} is no address of {StackFaults.Place(ns)}"],
            Fix = LinkFaults.Host(ns, $"ip route del {route}", "takes the route away, so that it goes out by the network"),
        };
    }

    /// <summary>It came to a stack that is not whom it is for.</summary>
    public static Fault Taken(World world, End.Delivered delivered)
    {
        var owners = world.OwnersOf(delivered.Packet.Destination).ToList();
        var owner = owners.Exists(other => other.Namespace != delivered.Namespace) ? owners.Find(own => own.Namespace == delivered.Namespace) : default;
        return new Fault
        {
            Code = "address.taken",
            Namespace = delivered.Namespace,
            Device = delivered.Device,
            Summary = $"{Packets.Words(delivered.Packet)} is taken by {StackFaults.Place(delivered.Namespace)} itself, not by whom it is for",
            Evidence = owner.Device is null ? [] : [$"address {owner.Address.Prefix} on {owner.Device}{LinkFaults.In(owner.Namespace)}"],
            Fix = owner.Device is null ? null : LinkFaults.Host(owner.Namespace, $"ip addr del {owner.Address.Prefix} dev {owner.Device}", "takes the address from the one that should not have it"),
        };
    }
}

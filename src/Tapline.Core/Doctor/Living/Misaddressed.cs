using Tapline.Core.Doctor.Examining;
using Tapline.Core.Doctor.Tracing;

namespace Tapline.Core.Doctor.Living;

/// <summary>Frames that end at a stack's device because they bear another's hardware address: who sent them believes a wrong one.</summary>
internal static class Misaddressed
{
    /// <summary>Null where the last who saw it is no stack, or is meant.</summary>
    public static Fault? Explain(World world, Recording live, Death death, string probe)
    {
        if (death is not { IsArp: false, Last: { IsOutgoing: false, EtherDestination: { IsMulticast: false } mac } last } || mac == default
            || world.Link(last.Namespace, last.Device) is not { Master: null, Mac: var own } || own == mac || world.PortAt(last.Namespace, last.Device) is not null
            || Places.Of(world, last.Namespace) == Place.Host)
        {
            return null;
        }

        var what = $"{(death.Direction == "reply" ? "the answer to " : "")}{probe}";
        var believer = (from ns in world.Seen.Namespaces
                        from known in ns.Neighbours
                        where known.Mac == mac && known.Address == last.Destination
                        select (Namespace: ns.Name, Entry: known)).FirstOrDefault();
        return new Fault
        {
            Code = believer.Entry is null ? "frame.misdirected" : "neighbour.wrong",
            Namespace = believer.Entry is null ? last.Namespace : believer.Namespace,
            Device = believer.Entry?.Device ?? last.Device,
            Summary = believer.Entry is null
                ? $"{what} comes to {last.Device}{LinkFaults.In(last.Namespace)} addressed to {mac}, and {last.Device} has {own}: it is thrown away"
                : $"{StackFaults.Place(believer.Namespace)} believes that {last.Destination} is at {mac}, and it is at {own}: {what} is thrown away at {last.Device}{LinkFaults.In(last.Namespace)}",
            Evidence =
            [
                .. believer.Entry is { } entry ? [$"neighbour {entry.Address} dev {entry.Device} lladdr {entry.Mac} {entry.State}{LinkFaults.In(believer.Namespace)}"] : Array.Empty<string>(),
                .. LiveCauses.Evidence(live, death),
            ],
            Fix = believer.Entry is { } wrong
                ? LinkFaults.Host(believer.Namespace, $"ip neigh del {wrong.Address} dev {wrong.Device}", "has the kernel ask anew")
                : null,
        };
    }
}

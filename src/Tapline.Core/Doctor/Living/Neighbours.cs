using Tapline.Core.Doctor.Examining;
using Tapline.Core.Doctor.Tracing;

namespace Tapline.Core.Doctor.Living;

/// <summary>Packets that wait for a hardware address which nobody tells.</summary>
internal static class Neighbours
{
    private const long Slack = 1_000_000; // nanoseconds

    /// <summary>Null where every question that was asked for the probe's sake got its answer.</summary>
    public static Fault? Silent(World world, Recording live, Death death, string probe)
    {
        if (Unanswered(live, death) is not { } asked)
        {
            return null;
        }

        // It has come to the instance, and the instance keeps silent.
        var guest = world.Guests.FirstOrDefault(item => item.Addresses.Contains(asked.Destination));
        if (guest is not null && live.Of(Leg.ArpRequest).Any(sighting => sighting.IsOutgoing && sighting.Destination == asked.Destination && sighting.IsAt("", guest.Tap)))
        {
            return new Fault
            {
                Code = "guest.no-answer",
                Device = guest.Tap,
                Summary = $"the instance at {guest.Tap} does not answer ARP for {asked.Destination}: it does not run, or its network is not up; {probe} waits for it",
                Evidence = [Words(asked), .. LiveCauses.Evidence(live, death)],
            };
        }

        return death.IsArp ? null : new Fault
        {
            Code = "arp.unanswered",
            Namespace = asked.Namespace,
            Device = asked.Device,
            Summary = $"{StackFaults.Place(asked.Namespace)} asks by {asked.Device} who has {asked.Destination}, and hears no answer: {(death.Direction == "reply" ? "the answer to " : "")}{probe} waits there in vain",
            Evidence = [Words(asked), .. LiveCauses.Evidence(live, death)],
        };
    }

    /// <summary>
    /// The packet waited for a hardware address, and the question for it went as far as the packet should have gone by what was read: both
    /// die of the same. A neighbour that was known when the host was read may be asked for anew when the probe is sent.
    /// </summary>
    public static bool AskedInVainAlong(Report report, Recording live, Death death)
    {
        if (report.Causes[0].Direction != death.Direction || Unanswered(live, death) is not { } asked)
        {
            return false;
        }

        var hops = Death.Way(death.Direction == "reply" ? report.Reply : report.Request, isArp: false);
        var before = Death.LastVisibleBeforeTheEnd(hops);
        return before is not null && hops.FindIndex(hop => asked.IsAt(hop.Namespace, hop.Device)) is >= 0 and var from && from <= hops.IndexOf(before)
            && live.Of(Leg.ArpRequest).Any(question => question.Destination == asked.Destination && question.IsAt(before.Namespace, before.Device));
    }

    /// <summary>The question of the stack at which it ended, or of the sender itself.</summary>
    private static Sighting? Unanswered(Recording live, Death death) =>
        live.Of(Leg.ArpRequest).FirstOrDefault(asked => (death.IsArp || (asked.IsOutgoing && asked.Namespace.Length > 0 && asked.Namespace == death.Last?.Namespace && asked.At > death.Ends[0].At - Slack))
            && !live.Of(Leg.ArpReply).Any(answer => answer.Source == asked.Destination && answer.IsAt(asked.Namespace, asked.Device)));

    private static string Words(Sighting asked) => $"live: ARP request {asked.Source} → {asked.Destination} at {asked.Device}{LinkFaults.In(asked.Namespace)}, no answer there";
}

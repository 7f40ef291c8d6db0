using System.Globalization;
using Tapline.Core.Doctor.Examining;
using Tapline.Core.Doctor.Tracing;

namespace Tapline.Core.Doctor.Living;

/// <summary>From what was traced and what really happened to one verdict: what happened overrules.</summary>
public static class LiveVerdict
{
    public static Report Of(World world, Report traced, Recording live)
    {
        ArgumentNullException.ThrowIfNull(traced);
        ArgumentNullException.ThrowIfNull(live);
        var report = traced with
        {
            Request = Seen.Fill(traced.Request, live, isReply: false),
            Reply = Seen.Fill(traced.Reply, live, isReply: true),
            Notes = [.. traced.Notes, .. live.Notes],
        };
        return live.Answered == 0 ? NotAnswered(world, report, live)
            : live.Of(Leg.Refusal).Any() && !live.Of(Leg.Reply).Any() ? Refused(world, report, live)
            : Answered(world, report, live);
    }

    private static Report Answered(World world, Report report, Recording live)
    {
        var isBroken = report.Verdict is Verdict.Broken or Verdict.BrokenInGuest;
        var causes = isBroken ? [.. report.Causes.Select(cause => Contradicted(cause, live))] : report.Causes;
        if (live.Answered < live.Sent)
        {
            var some = new Fault
            {
                Code = "live.some-lost",
                Summary = string.Create(CultureInfo.InvariantCulture, $"only {live.Answered} of {live.Sent} were answered"),
                Evidence = LiveCauses.Evidence(live, Death.Of(world, report, live)),
            };
            causes = [new Cause(some, "both"), .. causes];
        }

        return LiveWay.Whole(LiveWay.Of(world, report, Probe(report, live), live)) with
        {
            Verdict = causes.IsEmpty ? Verdict.Works : Verdict.WorksBut,
            Causes = causes,
            Missing = null,
            Notes = report.Missing is { } missing ? [.. report.Notes, $"it works, though what was read did not tell why: {missing}"] : report.Notes,
        };
    }

    /// <summary>What should break it, and does not: worth knowing, for it may bite others, or the next connection.</summary>
    private static Cause Contradicted(Cause cause, Recording live) => cause with
    {
        Fault = cause.Fault with
        {
            Evidence = [string.Create(CultureInfo.InvariantCulture, $"live: {live.Answered} of {live.Sent} were answered all the same; by what was read they should not have been"), .. cause.Fault.Evidence],
        },
    };

    private static Report Refused(World world, Report report, Recording live)
    {
        var first = live.Of(Leg.Refusal).First();
        if (ArrivedAt(world, report, live) is not { } arrived)
        {
            // Somebody on the way refuses in its name.
            return NotAnswered(world, report, live with
            {
                Answered = 0,
                Sightings = [.. live.Sightings.Select(sighting => sighting.Leg == Leg.Refusal ? sighting with { Leg = Leg.Error, Says = "refused" } : sighting)],
            });
        }

        var isGuest = Places.Of(world, arrived.Namespace) == Place.Guest || GuestFacts.Of(world, arrived.Device) is not null;
        var fault = new Fault
        {
            Code = isGuest ? "guest.port-closed" : "port.closed",
            Namespace = arrived.Namespace,
            Device = arrived.Device,
            Summary = $"the way works both ways, but {first.Source} refuses: nothing serves that port",
            Evidence = [$"live: {report.Inquiry.Protocol} to {arrived.Destination} was answered by a refusal from {first.Source}"],
        };
        return LiveWay.Of(world, report, Probe(report, live), live) with { Verdict = isGuest ? Verdict.BrokenInGuest : Verdict.WorksBut, Causes = [new Cause(fault, "both")], Missing = null };
    }

    private static Report NotAnswered(World world, Report report, Recording live)
    {
        var death = Death.Of(world, report, live).Along(report.Request, live);
        var isRead = report.Verdict is Verdict.Broken or Verdict.BrokenInGuest;
        var hasArrived = death is { Direction: "request", Last: { } last } && Arrival(report) is { } arrival && last.IsAt(arrival.Namespace, arrival.Device);
        if (isRead && (Agrees(report, hasArrived ? death with { Direction = "reply", Last = null } : death) || Neighbours.AskedInVainAlong(report, live, death)))
        {
            var first = report.Causes[0];
            var evident = first with { Fault = first.Fault with { Evidence = [.. first.Fault.Evidence, .. LiveCauses.Evidence(live, death)] } };
            return report with { Causes = [evident, .. report.Causes.Skip(1)] };
        }

        if (hasArrived && report.Inquiry.Protocol == "udp" && !isRead)
        {
            return LiveWay.Of(world, report, Probe(report, live), live) with { Notes = [.. report.Notes, "it arrived; nobody has to answer UDP, so the way back was not seen"] };
        }

        var probe = Packets.Words(Probe(report, live));
        var isInGuest = death is { Direction: "reply", Last: { } heard } && Places.Of(world, heard.Namespace) == Place.Guest && report.Way == "out";
        var fault = Misaddressed.Explain(world, live, death, probe) is { } wrong ? wrong
            : Neighbours.Silent(world, live, death, probe) is { } silent ? silent
            : hasArrived ? LiveCauses.Unanswered(world, live, death, probe)
            : isInGuest ? LiveCauses.NotReceived(live, death, probe)
            : LiveCauses.Lost(live, death, death.Direction == "reply" ? report.Reply : report.Request, probe);
        return LiveWay.Broken(LiveWay.Of(world, report, Probe(report, live), live), death) with
        {
            Verdict = fault.Code.StartsWith("guest.", StringComparison.Ordinal) ? Verdict.BrokenInGuest : Verdict.Broken,
            Causes = [new Cause(fault, hasArrived ? "reply" : death.Direction), .. report.Causes],
            Missing = null,
            Notes = report.Missing is { } missing ? [.. report.Notes, missing] : isRead || hasArrived || fault.Code.StartsWith("guest.", StringComparison.Ordinal) ? report.Notes : [.. report.Notes, "by what was read it should work: the cause is something that was not read, or not understood"],
        };
    }

    /// <summary>All that would have been seen on the way to where the trace ends was seen, and nothing behind it.</summary>
    private static bool Agrees(Report report, Death death)
    {
        var direction = report.Causes[0].Direction;
        if (direction != "both" && direction != death.Direction)
        {
            return false;
        }

        var isReply = death.Direction == "reply";
        var hops = Death.Way(isReply ? report.Reply : report.Request, death.IsArp);
        if (death.Last is null || hops.Count == 0)
        {
            // Seen nowhere; or what an instance sends although nothing good was to come of it.
            return death.Last is null || report.Verdict == Verdict.BrokenInGuest;
        }

        var before = Death.LastVisibleBeforeTheEnd(hops);
        var isBeyond = !death.IsArp && death.Last is { } last && !hops.Exists(hop => last.IsAt(hop.Namespace, hop.Device));
        return (before is null || before.Saw is { Count: > 0 }) && !isBeyond;
    }

    /// <summary>The request at whom it is for: where the trace says so, or at an instance as it may be; null where it did not come so far.</summary>
    private static Sighting? ArrivedAt(World world, Report report, Recording live)
    {
        var arrival = Arrival(report);
        return live.Of(Leg.Request).LastOrDefault(sighting => arrival is not null && sighting.IsAt(arrival.Namespace, arrival.Device))
            ?? live.Of(Leg.Request).LastOrDefault(sighting => (!sighting.IsOutgoing && Places.Of(world, sighting.Namespace) == Place.Guest)
                || (sighting is { IsOutgoing: true, Namespace: "" } && GuestFacts.Of(world, sighting.Device)?.Tap == sighting.Device));
    }

    /// <summary>The last device of the request's way, where the trace says that it arrives.</summary>
    private static Hop? Arrival(Report report) =>
        report.Causes.Any(cause => cause.Direction == "request" && report.Verdict is Verdict.Broken or Verdict.BrokenInGuest) || report.Reply.IsEmpty
            ? null
            : report.Request.LastOrDefault(hop => Seen.IsVisible(hop) && !hop.Packet.IsArp);

    private static Packet Probe(Report report, Recording live) =>
        report.Request.FirstOrDefault(hop => !hop.Packet.IsArp)?.Packet
            ?? (live.Of(Leg.Request).FirstOrDefault() is { } sent ? report.Inquiry.Probe(sent.Source, sent.Destination) : report.Inquiry.Probe(default, default));
}

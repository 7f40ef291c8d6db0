using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Examining;

/// <summary>
/// A question whose two sides are on two hosts: out of the near one by its NIC, into the far one by its own, and back. That the wire
/// between carries it is taken for granted, as nothing of it is in either host's file.
/// </summary>
public static class Across
{
    /// <summary>One report of the two, every hop and cause with its host; the first break on the way decides.</summary>
    /// <param name="near">From the sender to the receiver's address, as if that were outside.</param>
    /// <param name="far">From the sender's address on the wire to the receiver, as if it came from outside.</param>
    public static Report Join(Report near, Report far)
    {
        var there = near.Request.Concat(far.Request).ToValueList();
        var back = far.Reply.Concat(near.Reply).ToValueList();
        var notes = near.Notes.Concat(far.Notes).Distinct().ToValueList();
        if (BreaksOnTheWayThere(near))
        {
            return near;
        }

        if (!Works(far))
        {
            return far with { Inquiry = near.Inquiry, Way = near.Way, Request = there, Notes = notes };
        }

        return near with
        {
            Verdict = Works(near) && far.Verdict == Verdict.WorksBut ? Verdict.WorksBut : near.Verdict,
            Causes = [.. near.Causes, .. Works(near) ? far.Causes : []],
            Request = there,
            Reply = back,
            Notes = notes,
        };
    }

    /// <summary>With the host's name at each hop and cause.</summary>
    public static Report On(string host, Report report) => report with
    {
        Causes = [.. report.Causes.Select(cause => cause with { Host = host })],
        Request = [.. report.Request.Select(hop => hop with { Host = host })],
        Reply = [.. report.Reply.Select(hop => hop with { Host = host })],
        Missing = report.Missing is { } missing ? $"{host}: {missing}" : null,
        Notes = [.. report.Notes.Select(note => $"{host}: {note}")],
    };

    private static bool Works(Report report) => report.Verdict is Verdict.Works or Verdict.WorksBut;

    private static bool BreaksOnTheWayThere(Report near) => !Works(near) && (near.Reply.IsEmpty || near.Causes is [{ Direction: "request" }, ..]);
}

using Tapline.Core.Doctor.Examining;
using Tapline.Core.Doctor.Tracing;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Living;

/// <summary>The ways of a report as the probe went them.</summary>
internal static class LiveWay
{
    /// <summary>Where the trace ended early, or led elsewhere, the way as it was seen.</summary>
    public static Report Of(World world, Report report, Packet probe, Recording live) => report with
    {
        Request = Led(world, live, report.Request, probe, isReply: false),
        Reply = Led(world, live, report.Reply, Inquiry.Answer(probe), isReply: true),
    };

    /// <summary>Nothing broke it.</summary>
    public static Report Whole(Report report) => report with { Request = Passed(report.Request), Reply = Passed(report.Reply) };

    /// <summary>The break where it was last seen; what would be behind it was not reached.</summary>
    public static Report Broken(Report report, Death death) => death.Direction == "reply"
        ? report with { Reply = Marked(report.Reply, death) }
        : report with { Request = Marked(report.Request, death), Reply = [.. report.Reply.Select(hop => hop with { State = HopState.Unknown })] };

    private static ValueList<Hop> Led(World world, Recording live, ValueList<Hop> hops, Packet like, bool isReply)
    {
        var way = Seen.Way(world, live, like, isReply).ToList();
        var elsewhere = way.Where(seen => !hops.Any(hop => !hop.Packet.IsArp && hop.Device == seen.Device && hop.Namespace == seen.Namespace)).ToList();
        return elsewhere.Count == 0 ? hops : [.. hops.Where(hop => hop.Packet.IsArp), .. way];
    }

    private static ValueList<Hop> Passed(ValueList<Hop> hops) =>
        [.. hops.Select(hop => hop.State is HopState.Drop or HopState.Unknown ? hop with { State = HopState.Pass } : hop)];

    private static ValueList<Hop> Marked(ValueList<Hop> hops, Death death)
    {
        var list = hops.ToList();
        var at = death.Last is { } last ? list.FindLastIndex(hop => hop.Packet.IsArp == death.IsArp && last.IsAt(hop.Namespace, hop.Device)) : -1;
        return at < 0 ? hops : [.. list.Select((hop, index) => index < at ? hop : index == at ? hop with { State = HopState.Drop, Detail = "last seen here" } : hop with { State = HopState.Unknown })];
    }
}

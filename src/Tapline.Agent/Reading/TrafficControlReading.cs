using System.Text.RegularExpressions;
using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;
using Tapline.Wire.Netlink;

namespace Tapline.Agent.Reading;

/// <summary>Queueing disciplines and classifiers of the calling thread's namespace; tc is asked only about links where one stands in the way.</summary>
internal sealed partial class TrafficControlReading(string ns, Unread unread)
{
    private const int MostLinks = 64;
    private static readonly string[] Plain = ["noqueue", "noop", "mq", "fq", "fq_codel", "pfifo_fast"];

    public (ValueList<ObservedQdisc> Qdiscs, ValueList<ObservedQdisc> Filters) Read(IReadOnlyList<QdiscInfo> qdiscs, Func<int, string> nameOf)
    {
        var unusual = qdiscs.Where(qdisc => !Plain.Contains(qdisc.Kind)).ToLookup(qdisc => nameOf(qdisc.LinkIndex));
        var observed = qdiscs.Where(qdisc => qdisc.Kind is not ("noqueue" or "noop") && Plain.Contains(qdisc.Kind))
            .Select(qdisc => new ObservedQdisc(nameOf(qdisc.LinkIndex), ParentOf(qdisc), qdisc.Kind, $"qdisc {qdisc.Kind} {Number(qdisc.Handle)}"))
            .ToList();
        if (unusual.Count == 0)
        {
            return (observed.ToValueList(), []);
        }

        if (Programs.Find("tc") is not { } tc)
        {
            unread.Add($"classifiers{Place}: tc is not installed");
            return ([.. observed, .. unusual.SelectMany(of => of.Select(qdisc => new ObservedQdisc(of.Key, ParentOf(qdisc), qdisc.Kind, "")))], []);
        }

        if (unusual.Count > MostLinks)
        {
            unread.Add($"classifiers{Place}: of {MostLinks} links alone, of {unusual.Count} that have some");
        }

        var filters = new List<ObservedQdisc>();
        foreach (var of in unusual.Take(MostLinks))
        {
            var text = Run(tc, "-s", "qdisc", "show", "dev", of.Key);
            observed.AddRange(of.Select(qdisc => new ObservedQdisc(of.Key, ParentOf(qdisc), qdisc.Kind, PartOf(text, qdisc))));
            filters.AddRange(of.SelectMany(PlacesOf).Distinct().SelectMany(place => Filters(tc, of.Key, place)));
        }

        return (observed.ToValueList(), filters.ToValueList());
    }

    private string Place => ns.Length == 0 ? "" : $" in {ns}";

    private IEnumerable<ObservedQdisc> Filters(string tc, string device, string place)
    {
        string[] where = place switch { "ingress" or "egress" => [place], _ => ["parent", place] };
        var text = Run(tc, ["-s", "filter", "show", "dev", device, .. where]).TrimEnd();
        return text.Length == 0 ? [] : [new ObservedQdisc(device, place, Kind().Match(text).Groups[1].Value, text)];
    }

    private string Run(string tc, params IEnumerable<string> arguments) => unread.Try($"classifiers{Place}", "", () => Programs.Run(tc, arguments));

    private static IEnumerable<string> PlacesOf(QdiscInfo qdisc) => qdisc.Kind switch
    {
        "clsact" => ["ingress", "egress"],
        "ingress" => ["ingress"],
        _ => [Number(qdisc.Handle)],
    };

    private static string ParentOf(QdiscInfo qdisc) => qdisc.Parent switch
    {
        QdiscInfo.Root => "root",
        QdiscInfo.Ingress => "ingress",
        var number => Number(number),
    };

    private static string Number(uint number) => (number & 0xffff) == 0 ? $"{number >> 16:x}:" : $"{number >> 16:x}:{number & 0xffff:x}";

    /// <summary>From its own line to the next one's.</summary>
    private static string PartOf(string text, QdiscInfo qdisc)
    {
        var head = $"qdisc {qdisc.Kind} {Number(qdisc.Handle)}";
        var start = text.IndexOf(head, StringComparison.Ordinal);
        if (start < 0)
        {
            return "";
        }

        var end = text.IndexOf("\nqdisc ", start, StringComparison.Ordinal);
        return (end < 0 ? text[start..] : text[start..end]).TrimEnd();
    }

    [GeneratedRegex(@" pref \d+ (\S+)")]
    private static partial Regex Kind();
}

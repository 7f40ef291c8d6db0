using System.Text.Json.Nodes;
using Tapline.Core.Doctor.Examining;

namespace Tapline.Doctor;

/// <summary>What all instances of a host were found to be like, a line each.</summary>
internal static class RoundText
{
    public static string Of(IReadOnlyList<Report> reports)
    {
        if (reports.Count == 0)
        {
            return "this host has no instance: no device tap… of OpenStack's kind whose address can be told";
        }

        string[][] rows = [["from", "to", "verdict", "first cause"], .. reports.Select(Row)];
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        var lines = rows.Select(row => string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        var bad = reports.FirstOrDefault(report => report.Verdict != Verdict.Works);
        return string.Join('\n', lines) + (bad is null ? "" : $"\n\nthe whole story of one:  tapline doctor ping {bad.Inquiry.From} {bad.Inquiry.To}");
    }

    public static JsonObject Json(IReadOnlyList<Report> reports, string host, string mode) => new()
    {
        ["schema"] = 1,
        ["mode"] = mode,
        ["reports"] = new JsonArray([.. reports.Select(report => (JsonNode)DoctorJson.Of(report, host, mode))]),
    };

    /// <summary>The worst of all: what is broken before what is unknown before what waits to bite.</summary>
    public static Verdict Worst(IReadOnlyList<Report> reports)
    {
        Verdict[] order = [Verdict.Broken, Verdict.BrokenInGuest, Verdict.Unknown, Verdict.WorksBut];
        return order.Where(verdict => reports.Any(report => report.Verdict == verdict)).Append(Verdict.Works).First();
    }

    private static string[] Row(Report report) =>
    [
        report.Inquiry.From, report.Inquiry.To, DoctorJson.Word(report.Verdict),
        report.Causes.IsEmpty ? report.Missing ?? "" : $"{report.Causes[0].Fault.Summary} ({report.Causes[0].Fault.Code})",
    ];
}

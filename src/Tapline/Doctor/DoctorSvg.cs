using System.Globalization;
using System.Net;
using System.Text;
using Tapline.Core.Doctor.Examining;
using Tapline.Core.Doctor.Tracing;

namespace Tapline.Doctor;

/// <summary>The same picture as a file.</summary>
internal static class DoctorSvg
{
    private const int Row = 30;
    private const int Top = 84;
    private const int Center = 420;
    private const int Width = 840;
    private const int Box = 170;
    private const int Line = 20;
    private const int Letters = 108; // that fit into a line of the picture's width

    public static string Of(Report report)
    {
        var rows = Picture.Rows([.. report.Request], [.. report.Reply]);
        var lines = Told(report).ToList();
        var height = Top + (rows.Count * Row) + 24 + (Line * Math.Max(1, lines.Count));
        var svg = new StringBuilder();
        svg.AppendLine(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Width}\" height=\"{height}\" viewBox=\"0 0 {Width} {height}\" font-family=\"sans-serif\" font-size=\"13\">");
        svg.AppendLine("<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>");
        Text(svg, 20, 30, $"{report.Inquiry}: {DoctorJson.Word(report.Verdict)}", ColorOf(report.Verdict), "start", "bold 17px sans-serif");
        Text(svg, Center - (Box / 2) - 20, 62, "request ↓", "#555555", "end");
        Text(svg, Center + (Box / 2) + 20, 62, "↑ reply", "#555555", "start");
        foreach (var (index, row) in rows.Index())
        {
            Draw(svg, row, Top + (index * Row));
        }

        foreach (var (index, line) in lines.Index())
        {
            Text(svg, 20, Top + (rows.Count * Row) + 20 + (Line * index), line.Words, line.Color, "start");
        }

        return svg.AppendLine("</svg>").ToString();
    }

    /// <summary>What is wrong and what mends it, in lines that fit.</summary>
    private static IEnumerable<(string Words, string Color)> Told(Report report)
    {
        foreach (var (index, cause) in report.Causes.Index())
        {
            foreach (var line in Wrapped(cause.Fault.Summary))
            {
                yield return (line, index == 0 ? ColorOf(report.Verdict) : "#555555");
            }

            foreach (var line in (cause.Fault.Fix?.Commands ?? []).SelectMany(command => Wrapped($"mend: {command}")))
            {
                yield return (line, "#137333");
            }
        }

        foreach (var line in Wrapped(report.Missing is { } missing ? $"what is missing to know: {missing}" : ""))
        {
            yield return (line, "#555555");
        }
    }

    private static IEnumerable<string> Wrapped(string text)
    {
        var line = "";
        foreach (var word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > Letters)
            {
                yield return line;
                line = "";
            }

            line = line.Length == 0 ? word : $"{line} {word}";
        }

        if (line.Length > 0)
        {
            yield return line;
        }
    }

    private static void Draw(StringBuilder svg, PictureRow row, int y)
    {
        var isBroken = row.Request is { State: HopState.Drop } || row.Reply is { State: HopState.Drop };
        var fill = isBroken ? "#fde0e4" : row.Station.Namespace.Length > 0 ? "#e8f0fe" : "#f3f4f6";
        var left = Center - (Box / 2);
        svg.AppendLine(CultureInfo.InvariantCulture, $"<rect x=\"{left}\" y=\"{y - 13}\" width=\"{Box}\" height=\"{Row - 6}\" rx=\"4\" fill=\"{fill}\" stroke=\"{(isBroken ? "#b00020" : "#9aa0a6")}\"/>");
        Text(svg, Center, y + 4, row.Station.Device, "#202124", "middle");
        if (row.Request is { } request)
        {
            Text(svg, left - 20, y + 4, Words(request), ColorOf(request), "end");
        }

        if (row.Reply is { } reply)
        {
            Text(svg, Center + (Box / 2) + 20, y + 4, Words(reply), ColorOf(reply), "start");
        }
    }

    private static string Words(Hop hop) =>
        $"{(hop.State == HopState.Drop ? "✗ " : hop.State == HopState.Unknown ? "? " : "")}{hop.Packet.Source} → {hop.Packet.Destination}{(hop.Packet.IsArp ? " (ARP)" : "")}{(hop.Saw is { } saw ? $"  {saw.Short}" : "")}";

    private static void Text(StringBuilder svg, int x, int y, string text, string color, string anchor, string? font = null) =>
        svg.AppendLine(CultureInfo.InvariantCulture,
            $"<text x=\"{x}\" y=\"{y}\" fill=\"{color}\" text-anchor=\"{anchor}\"{(font is null ? "" : $" style=\"font:{font}\"")}>{WebUtility.HtmlEncode(text)}</text>");

    private static string ColorOf(Verdict verdict) => verdict switch { Verdict.Works => "#137333", Verdict.WorksBut or Verdict.Unknown => "#b06000", _ => "#b00020" };

    private static string ColorOf(Hop hop) => hop.State switch { HopState.Drop => "#b00020", HopState.Unknown or HopState.Rewrite => "#b06000", _ => "#202124" };
}

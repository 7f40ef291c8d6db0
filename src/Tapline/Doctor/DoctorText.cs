using System.Text;
using Tapline.Core.Doctor;
using Tapline.Core.Doctor.Examining;
using Tapline.Core.Doctor.Tracing;

namespace Tapline.Doctor;

/// <summary>A report for people: the verdict, the picture with the break in it, the cause, its evidence, its mend.</summary>
internal static class DoctorText
{
    private const string Red = "\e[1;31m";
    private const string Green = "\e[32m";
    private const string Yellow = "\e[33m";
    private const string Bold = "\e[1m";
    private const string Plain = "\e[0m";

    public static string Of(Report report, bool color)
    {
        var text = new StringBuilder();
        text.AppendLine($"{report.Inquiry}: {Paint(Headline(report), ColorOf(report.Verdict), color)}");
        text.Append(Drawn(report, color));
        foreach (var (number, cause) in report.Causes.Index())
        {
            Tell(text, number, cause, color);
        }

        if (report.Missing is { } missing)
        {
            text.AppendLine().AppendLine($"what is missing to know: {missing}");
        }

        foreach (var (number, note) in report.Notes.Index())
        {
            text.Append(number == 0 ? Environment.NewLine : "").AppendLine($"note  {note}");
        }

        return text.ToString().TrimEnd();
    }

    private static string Headline(Report report) => report.Verdict switch
    {
        Verdict.Works => "works",
        Verdict.WorksBut => "works, but",
        Verdict.Broken => "broken",
        Verdict.BrokenInGuest => "broken inside the instance",
        _ => "unknown",
    };

    private static void Tell(StringBuilder text, int number, Cause cause, bool color)
    {
        var fault = cause.Fault;
        text.AppendLine().AppendLine($"{Paint(number == 0 ? "why" : "also", Bold, color)}   {fault.Summary}");
        text.AppendLine($"      ({fault.Code}{(fault.Device.Length > 0 ? $", at {fault.Device}" : "")}{(fault.Namespace.Length > 0 ? $" in {fault.Namespace}" : "")}{(cause.Host is { } host ? $" on {host}" : "")}, {cause.Direction})");
        foreach (var line in fault.Evidence)
        {
            text.AppendLine($"read  {line}");
        }

        if (fault.Fix is not { } fix)
        {
            return;
        }

        foreach (var command in fix.Commands)
        {
            text.AppendLine($"{Paint("mend", Green, color)}  {Where(fix.Where)}{command}");
        }

        text.AppendLine($"      {fix.Explanation}");
    }

    private static string Where(FixPlace place) => place switch
    {
        FixPlace.Guest => "(in the instance) ",
        FixPlace.Outside => "(outside) ",
        FixPlace.Api => "(with the openstack client) ",
        _ => "",
    };

    /// <summary>The request goes down on the left, the reply comes up on the right.</summary>
    private static string Drawn(Report report, bool color)
    {
        var rows = Picture.Rows([.. report.Request], [.. report.Reply]);
        if (rows.Count == 0)
        {
            return "";
        }

        var cells = rows.Select(row => (Row: row, Left: Cell(row.Request, '↓'), Device: row.Station.Device, Right: Cell(row.Reply, '↑'))).ToList();
        var (left, device) = (cells.Max(cell => cell.Left.Length), cells.Max(cell => cell.Device.Length));
        var text = new StringBuilder().AppendLine().AppendLine($"  {"request".PadRight(left)}   {"".PadRight(device)}   reply");
        foreach (var cell in cells)
        {
            var place = string.Concat(new[] { cell.Row.Station.Host ?? "", Short(cell.Row.Station.Namespace) }.Where(part => part.Length > 0).Select(part => $"  {part}"));
            text.AppendLine(($"  {Paint(cell.Left.PadRight(left), ColorOf(cell.Row.Request), color)}   {Paint(cell.Device.PadRight(device), Bold, color)}   "
                + $"{Paint(cell.Right.PadRight(left), ColorOf(cell.Row.Reply), color)}{place}").TrimEnd());
        }

        return text.ToString();
    }

    private static string Cell(Hop? hop, char arrow) => hop is null ? "" : hop.State switch
    {
        HopState.Drop => $"✗ {hop.Packet.Source} → {hop.Packet.Destination}",
        HopState.Unknown => $"? {hop.Packet.Source} → {hop.Packet.Destination}",
        HopState.Rewrite => $"{arrow} {hop.Packet.Source} → {hop.Packet.Destination} *",
        _ => $"{arrow} {hop.Packet.Source} → {hop.Packet.Destination}{(hop.Packet.IsArp ? " (ARP)" : "")}",
    } + (hop.Saw is { } saw ? $"  {saw.Short}" : "");

    private static string Short(string ns) => ns.Length > 20 ? ns[..19] + "…" : ns;

    private static string ColorOf(Verdict verdict) => verdict switch { Verdict.Works => Green, Verdict.WorksBut or Verdict.Unknown => Yellow, _ => Red };

    private static string ColorOf(Hop? hop) => hop?.State switch { HopState.Drop => Red, HopState.Unknown or HopState.Rewrite => Yellow, _ => Plain };

    private static string Paint(string text, string paint, bool color) => color ? $"{paint}{text}{Plain}" : text;
}

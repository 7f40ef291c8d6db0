using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Tapline.Commands;
using Tapline.Core.Doctor.Fitness;
using Tapline.Core.Host.Observed;

namespace Tapline.Doctor;

/// <summary>What <c>tapline doctor host</c> says: a table of all, then each that is not well with what mends it; and as JSON (docs/doctor.md).</summary>
internal static class HostFitnessText
{
    private const int Schema = 1;
    private const string Plain = "\e[0m";
    private static readonly FindingLevel[] WorstFirst = [FindingLevel.Bad, FindingLevel.Unknown, FindingLevel.Warning];

    public static string Of(Observation seen, IReadOnlyList<HostFinding> findings, bool color)
    {
        var text = new StringBuilder();
        text.AppendLine($"{seen.Host}: {Paint(Headline(findings), HostFitness.Worst(findings), color)}").AppendLine();
        var lines = Output.Table(["", "what", "read"], findings.Select(finding => (string[])[Word(finding.Level), finding.Subject, finding.Read])).Split('\n');
        text.AppendLine(lines[0].TrimEnd());
        foreach (var (finding, line) in findings.Zip(lines.Skip(1)))
        {
            var word = Word(finding.Level);
            text.AppendLine(Paint(word, finding.Level, color) + line.TrimEnd()[word.Length..]);
        }

        foreach (var finding in WorstFirst.SelectMany(level => findings.Where(finding => finding.Level == level)))
        {
            Tell(text, finding, color);
        }

        return text.ToString().TrimEnd();
    }

    public static JsonObject Json(Observation seen, IReadOnlyList<HostFinding> findings, string mode) => new()
    {
        ["schema"] = Schema,
        ["mode"] = mode,
        ["host"] = seen.Host,
        ["kernel"] = seen.Kernel,
        ["verdict"] = Verdict(HostFitness.Worst(findings)),
        ["findings"] = new JsonArray([.. findings.Select(finding => (JsonNode)new JsonObject
        {
            ["code"] = finding.Code,
            ["level"] = Word(finding.Level),
            ["subject"] = finding.Subject,
            ["read"] = finding.Read,
            ["why"] = finding.Why,
            ["fix"] = DoctorJson.Of(finding.Fix),
        })]),
    };

    /// <summary>What the command exits with.</summary>
    public static int ExitCode(FindingLevel worst) => worst switch
    {
        FindingLevel.Ok => 0,
        FindingLevel.Bad => 1,
        FindingLevel.Warning => 2,
        FindingLevel.Unknown => 3,
        _ => throw new UnreachableException(),
    };

    private static string Headline(IReadOnlyList<HostFinding> findings)
    {
        (FindingLevel Level, string Word)[] kinds = [(FindingLevel.Bad, "bad"), (FindingLevel.Unknown, "not known"), (FindingLevel.Warning, "to mind")];
        var counts = kinds.Select(kind => (Count: findings.Count(finding => finding.Level == kind.Level), kind.Word)).Where(kind => kind.Count > 0)
            .Select(kind => $"{kind.Count.ToString(CultureInfo.InvariantCulture)} {kind.Word}").ToList();
        var verdict = HostFitness.Worst(findings) switch
        {
            FindingLevel.Bad => "not fit to carry instances",
            FindingLevel.Unknown => "not all could be read",
            _ => "fit to carry instances",
        };
        return counts.Count == 0 ? verdict : $"{verdict} ({string.Join(", ", counts)})";
    }

    private static void Tell(StringBuilder text, HostFinding finding, bool color)
    {
        text.AppendLine().AppendLine($"{Paint(Word(finding.Level), finding.Level, color)}  {finding.Subject} ({finding.Code})");
        text.AppendLine($"read  {finding.Read}");
        text.AppendLine($"why   {finding.Why}");
        foreach (var command in finding.Fix?.Commands ?? [])
        {
            text.AppendLine($"mend  {command}");
        }

        if (finding.Fix is { } fix)
        {
            text.AppendLine($"      {fix.Explanation}");
        }
    }

    private static string Word(FindingLevel level) => level switch
    {
        FindingLevel.Ok => "ok",
        FindingLevel.Warning => "warning",
        FindingLevel.Bad => "bad",
        FindingLevel.Unknown => "unknown",
        _ => throw new UnreachableException(),
    };

    private static string Verdict(FindingLevel worst) => worst switch
    {
        FindingLevel.Ok => "fit",
        FindingLevel.Warning => "fit-but",
        FindingLevel.Bad => "unfit",
        _ => "unknown",
    };

    private static string Paint(string text, FindingLevel level, bool color)
    {
        var paint = level switch { FindingLevel.Ok => "\e[32m", FindingLevel.Bad => "\e[1;31m", _ => "\e[33m" };
        return color ? $"{paint}{text}{Plain}" : text;
    }
}

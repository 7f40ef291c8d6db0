using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Tapline.HostTests.Doctor;

/// <summary>One fault of the catalogue, what the doctor said of it, and what came of its own mends.</summary>
internal sealed partial class LabFaultRow
{
    public required JsonNode Fault { get; init; }

    /// <summary>Whether a real ping is answered: out, in.</summary>
    public required (bool Out, bool In) Pings { get; init; }

    /// <summary>The doctor's reports while it is broken: out, in.</summary>
    public required (JsonNode Out, JsonNode In) Reports { get; init; }

    /// <summary>The same with --live; null where that was not asked.</summary>
    public (JsonNode Out, JsonNode In)? Live { get; set; }

    /// <summary>Every command that was run, with what it said if it failed.</summary>
    public List<string> Commands { get; } = [];

    /// <summary>How often the doctor had to be asked for commands.</summary>
    public int Rounds { get; set; }

    /// <summary>The doctor's commands made both ways work, and it has nothing more to say.</summary>
    public bool Mended { get; set; }

    /// <summary>What <c>tapline diff</c> shows after that, while the agent is paused: it compares text, where the doctor compares effect.</summary>
    public JsonArray Left { get; set; } = [];

    public string Id => (string)Fault["id"]!;

    /// <summary>Works where the ping works, broken where it does not, in both directions.</summary>
    public bool Agrees => Agree(Reports.Out, Pings.Out) && Agree(Reports.In, Pings.In);

    /// <summary>The first cause, of the way out if it has one.</summary>
    public string? First => CodeOf(Reports.Out) ?? CodeOf(Reports.In);

    public bool Found => Agrees && IsExpected(First) && ((string)Fault["also"]! is "" || new[] { Reports.Out, Reports.In }.Any(IsAlsoNamed));

    /// <summary>Live works where the ping works; where it does not, its first cause is the one that was read.</summary>
    public bool? LiveAgrees => Live is not { } live ? null
        : Agree(live.Out, Pings.Out) && Agree(live.In, Pings.In) && (Pings.Out || CodeOf(live.Out) == CodeOf(Reports.Out)) && (Pings.In || CodeOf(live.In) == CodeOf(Reports.In));

    /// <summary>No direction begins with a cause that it is not.</summary>
    public bool NothingFalse => new[] { CodeOf(Reports.Out), CodeOf(Reports.In) }.All(code => code is null || IsExpected(code));

    public bool Right => Found && NothingFalse && Mended && Rounds == 1 && LiveAgrees != false;

    public override string ToString() =>
        $"| {Id} | {Fault["title"]} | out {Word(Pings.Out)}, in {Word(Pings.In)} | {Told()} | {LiveAgrees switch { true => "yes", false => "NO", null => "-" }} "
        + $"| {(Mended ? Rounds == 1 ? "yes" : $"in {Rounds}" : "NO")} | {Left.Count} | {(NothingFalse ? "yes" : "NO")} | {(Right ? "" : Wrong())} |";

    public static string? CodeOf(JsonNode report) => FirstOf(report) is { } cause ? (string?)cause["code"] : null;

    public JsonObject ToJson() => new()
    {
        ["row"] = ToString(),
        ["fault"] = Fault.DeepClone(),
        ["out"] = Reports.Out.DeepClone(),
        ["in"] = Reports.In.DeepClone(),
        ["live_out"] = Live?.Out.DeepClone(),
        ["live_in"] = Live?.In.DeepClone(),
        ["commands"] = new JsonArray([.. Commands.Select(command => (JsonNode)command)]),
        ["left"] = Left.DeepClone(),
    };

    private string Told()
    {
        var (there, back) = (Cell(Reports.Out), Cell(Reports.In));
        return there is null ? back is null ? "-" : $"in: {back}" : back is null || back == there ? there : $"{there}; in: {back}";
    }

    private string Wrong() => $"doctor {Reports.Out["verdict"]}/{Reports.In["verdict"]}"
        + (Live is { } live ? $", live {live.Out["verdict"]} {CodeOf(live.Out)}/{live.In["verdict"]} {CodeOf(live.In)}" : "");

    /// <summary>Names that are new in each lab are cut.</summary>
    private static string? Cell(JsonNode report) => FirstOf(report) is not { } cause ? null
        : $"`{cause["code"]}`{((string?)cause["device"] is { Length: > 0 } device ? $" at {Identifier().Replace(device, "$1…")}" : "")}";

    private static JsonNode? FirstOf(JsonNode report) => report["causes"]!.AsArray() is [{ } cause, ..] ? cause : null;

    private bool IsAlsoNamed(JsonNode report) => report["causes"]!.AsArray().Skip(1).Any(cause => (string?)cause!["code"] == (string?)Fault["also"]);

    private bool IsExpected(string? code) => Fault["codes"]!.AsArray().Any(expected => (string?)expected == code);

    private static bool Agree(JsonNode report, bool pings) =>
        (string?)report["verdict"] is { } verdict && (pings ? verdict is "works" or "works-but" : verdict is "broken" or "broken-in-guest");

    private static string Word(bool pings) => pings ? "yes" : "no";

    [GeneratedRegex("^(tap|qbr|qvb|qvo|o?qr-|o?qg-)[0-9a-f]{8}-[0-9a-f]{2}$")]
    private static partial Regex Identifier();
}

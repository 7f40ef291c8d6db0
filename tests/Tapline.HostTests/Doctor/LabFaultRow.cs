using System.Text.Json.Nodes;

namespace Tapline.HostTests.Doctor;

/// <summary>One fault of the catalogue, what the doctor said of it, and what came of its own mends.</summary>
internal sealed class LabFaultRow
{
    public required JsonNode Fault { get; init; }

    /// <summary>Whether a real ping is answered: out, in.</summary>
    public required (bool Out, bool In) Pings { get; init; }

    /// <summary>The doctor's reports while it is broken: out, in.</summary>
    public required (JsonNode Out, JsonNode In) Reports { get; init; }

    /// <summary>Every command that was run, with what it said if it failed.</summary>
    public List<string> Commands { get; } = [];

    /// <summary>Null where the mend asks for a name that only a person knows.</summary>
    public bool? Mended { get; set; } = false;

    public string Id => (string)Fault["id"]!;

    /// <summary>Works where the ping works, broken where it does not, in both directions.</summary>
    public bool Agrees => Agree(Reports.Out, Pings.Out) && Agree(Reports.In, Pings.In);

    /// <summary>The first cause, of the way out if it has one.</summary>
    public string? First => CodeOf(Reports.Out) ?? CodeOf(Reports.In);

    public bool Found => Agrees && IsExpected(First);

    /// <summary>No direction begins with a cause that it is not.</summary>
    public bool NothingFalse => new[] { CodeOf(Reports.Out), CodeOf(Reports.In) }.All(code => code is null || IsExpected(code));

    public bool Right => Found && NothingFalse && Mended != false;

    public string[] Cells =>
    [
        Id, $"{Word(Pings.Out)}/{Word(Pings.In)}", $"{Reports.Out["verdict"]}/{Reports.In["verdict"]}", First ?? "-",
        Found ? "yes" : "NO", Mended switch { true => "yes", false => "NO", null => "by hand" }, NothingFalse ? "yes" : "NO",
    ];

    public static string? CodeOf(JsonNode report) => report["causes"]!.AsArray() is [{ } cause, ..] ? (string?)cause["code"] : null;

    public JsonObject ToJson() => new()
    {
        ["fault"] = Fault.DeepClone(),
        ["pings"] = $"{Word(Pings.Out)}/{Word(Pings.In)}",
        ["out"] = Reports.Out.DeepClone(),
        ["in"] = Reports.In.DeepClone(),
        ["commands"] = new JsonArray([.. Commands.Select(command => (JsonNode)command)]),
    };

    private bool IsExpected(string? code) => Fault["codes"]!.AsArray().Any(expected => (string?)expected == code);

    private static bool Agree(JsonNode report, bool pings) =>
        (string?)report["verdict"] is { } verdict && (pings ? verdict is "works" or "works-but" : verdict is "broken" or "broken-in-guest");

    private static string Word(bool pings) => pings ? "alive" : "dead";
}

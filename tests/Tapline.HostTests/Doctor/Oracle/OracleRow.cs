using System.Text.Json.Nodes;

namespace Tapline.HostTests.Doctor.Oracle;

/// <summary>What a mutation did to pings, and what the doctor said of it, each way.</summary>
internal sealed record OracleRow(int Seed, Mutation Mutation)
{
    public List<(string Way, bool Alive, JsonNode Report)> Asked { get; } = [];

    /// <summary>What came of the doctor's own mends; null where none was asked for or nothing was broken.</summary>
    public string? Mend { get; set; }

    /// <summary>The mends that were run.</summary>
    public List<string> Mends { get; } = [];

    public int Unknown => Asked.Count(item => (string?)item.Report["verdict"] == "unknown");

    public bool Breaks => Asked.Any(item => !item.Alive);

    /// <summary>Of every direction where a verdict is not what the ping does.</summary>
    public IEnumerable<string> Disagreements => Asked.Where(item => !Agrees(item)).Select(Told);

    public override string ToString() => $"{Seed} {Mutation.Kind}: {Mutation.Inject.Trim()}\n    {string.Join("\n    ", Asked.Select(Told))}"
        + $"{(Mend is null ? "" : $"\n    mended: {Mend}")}{string.Concat(Mends.Select(mend => $"\n      {mend}"))}";

    private static bool Agrees((string Way, bool Alive, JsonNode Report) item) => (string?)item.Report["verdict"] switch
    {
        "works" or "works-but" => item.Alive,
        "unknown" => true,
        _ => !item.Alive,
    };

    private static string Told((string Way, bool Alive, JsonNode Report) item)
    {
        var (way, alive, report) = item;
        var cause = report["causes"]!.AsArray().FirstOrDefault();
        return $"{way}: {(alive ? "answered" : "silence")}, {report["verdict"]} {cause?["code"]} {cause?["summary"]}{report["missing"]?.ToJsonString()}";
    }
}

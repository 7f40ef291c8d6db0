using System.Text.Json.Nodes;

namespace Tapline.HostTests.Doctor.Bed;

/// <summary>A fault's line of the table: what a ping did, what the doctor said, and whether its mends mended.</summary>
internal sealed record BedRow(BedFault Fault)
{
    private const int MostRounds = 3;

    public List<string> Wrong { get; } = [];

    public string Pings { get; private set; } = "";

    public string Found { get; private set; } = "";

    public string Live { get; private set; } = "-";

    public int Rounds { get; private set; }

    public bool IsRight => Wrong.Count == 0;

    public override string ToString() =>
        $"| {Fault.Id} | {Fault.Title} | {Pings} | {Found} | {Live} | {(Rounds == 0 ? "-" : Rounds == 1 ? "yes" : $"yes, in {Rounds}")} | {(IsRight ? "" : string.Join("; ", Wrong))} |";

    /// <summary>Injects, asks, mends by what was answered, and asks again.</summary>
    public async Task RunAsync(ForeignBed bed, bool alsoLive)
    {
        await bed.ForgetAsync();
        await bed.RunAsync($"{{ {Fault.Inject}; }} > /dev/null 2>&1 < /dev/null");
        await bed.ForgetAsync();
        foreach (var way in (string[])["out", "in"])
        {
            await AskAsync(bed, way, alsoLive);
        }

        while (await FirstCauseAsync(bed) is { } cause && Rounds < MostRounds)
        {
            Rounds++;
            if (cause["fix"] is not { } fix || !await bed.MendAsync(fix, Fault.Cloud))
            {
                Wrong.Add($"no mend for {cause["code"]} that can be run: {cause["fix"]?.ToJsonString()}");
                break;
            }

            await bed.ForgetAsync();
        }

        foreach (var way in (string[])["out", "in"])
        {
            if (!await bed.PingsAsync(way, Fault))
            {
                Wrong.Add($"{way}: not mended");
            }
        }

        if (Rounds > 1)
        {
            Wrong.Add($"{Rounds} rounds to mend one fault");
        }

        await bed.RunAsync($"{{ {Fault.Undo}; }} > /dev/null 2>&1 < /dev/null");
    }

    private async Task AskAsync(ForeignBed bed, string way, bool alsoLive)
    {
        var alive = await bed.PingsAsync(way, Fault);
        var report = await bed.DoctorAsync(way, Fault);
        Pings += $"{(Pings.Length > 0 ? ", " : "")}{way} {(alive ? "yes" : "no")}";
        var first = report["causes"]!.AsArray().FirstOrDefault();
        if (Works(report) != alive)
        {
            Wrong.Add($"{way}: a ping {(alive ? "is" : "is not")} answered, static said {Told(report)}");
        }

        if (first is not null)
        {
            Check(way, report, first);
        }
        else if (!alive)
        {
            Wrong.Add($"{way}: no cause");
        }

        if (alsoLive && (!alive || first is not null) && await bed.PingsAsync(way, Fault) == alive)
        {
            var live = await bed.DoctorAsync(way, Fault, "--live");
            var agrees = Works(live) == alive && (alive || (string?)live["causes"]?[0]?["code"] == (string?)first?["code"]);
            Live = agrees && Live != "no" ? "yes" : "no";
            if (!agrees)
            {
                Wrong.Add($"{way}: live said {Told(live)}");
            }
        }
    }

    private void Check(string way, JsonNode report, JsonNode first)
    {
        var (code, place) = ((string)first["code"]!, $"{first["namespace"]}/{first["device"]}");
        if (!Fault.Codes.Contains(code) || !System.Text.RegularExpressions.Regex.IsMatch(place, Fault.Fields["device"]))
        {
            Wrong.Add($"{way}: first cause {code} at {place}");
        }

        if (Fault.Also is { } also && (string?)report["verdict"] == "broken" && !report["causes"]!.AsArray().Any(cause => (string?)cause!["code"] == also))
        {
            Wrong.Add($"{way}: {also} is not named");
        }

        var told = $"`{code}` at {first["device"]}";
        Found = Found.Contains(told, StringComparison.Ordinal) ? Found : Found.Length == 0 ? told : $"{Found}; {way}: {told}";
    }

    private async Task<JsonNode?> FirstCauseAsync(ForeignBed bed)
    {
        foreach (var way in (string[])["out", "in"])
        {
            if ((await bed.DoctorAsync(way, Fault))["causes"]!.AsArray().FirstOrDefault() is { } cause && (string?)cause["code"] != Fault.Leaves)
            {
                return cause;
            }
        }

        return null;
    }

    private static bool Works(JsonNode report) => (string?)report["verdict"] is "works" or "works-but";

    private static string Told(JsonNode report) => $"{report["verdict"]} {string.Join(' ', report["causes"]!.AsArray().Select(cause => $"{cause!["code"]}@{cause["device"]}"))}{report["missing"]}";
}

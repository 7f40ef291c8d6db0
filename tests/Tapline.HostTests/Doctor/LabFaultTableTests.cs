using System.Diagnostics;
using System.Text.Json.Nodes;
using Tapline.HostTests.Labs;

namespace Tapline.HostTests.Doctor;

/// <summary>
/// Everything that <c>lab break</c> can break, one after the other: the doctor's verdict agrees with a real ping, names the cause, and its own
/// commands, run where they say, make it right; mends in the cloud by OpenStack's own client. TAPLINE_FAULTS_LIVE=1 also asks with --live.
/// The table is printed and kept beside the tests, with the reports of each row.
/// </summary>
[Collection(LabCollection.Name)]
public sealed class LabFaultTableTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Rounds = 3;
    private const int Again = 3;

    /// <summary>All of them take half an hour; these are of each layer one. TAPLINE_FAULTS=all, or their names, for others.</summary>
    private static readonly string[] Few = ["r1-forwarding-off", "s7-foreign-reject", "l2-tap-without-bridge"];

    /// <summary>What the doctor does not do yet; a row that is right does not stay here.</summary>
    private static readonly string[] Open = [];

    private static readonly TimeSpan ForTheCloud = TimeSpan.FromSeconds(10);

    private readonly LabFixture _lab = new("faults");
    private readonly bool _isLive = Environment.GetEnvironmentVariable("TAPLINE_FAULTS_LIVE") == "1";
    private Guest _web = null!; // set before any row
    private string _floating = "";

    public ValueTask InitializeAsync() => _lab.InitializeAsync();

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    [Fact]
    public async Task Every_fault_is_found_and_mended()
    {
        var folder = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "lab-faults")).FullName;
        var rows = new List<LabFaultRow>();
        try
        {
            await using var tenant = await Tenant.MakeAsync(_lab);
            _web = await tenant.StartAsync("192.168.1.5");
            (_, _floating) = await tenant.FloatAsync(_web);
            await WorksAsync("before");
            foreach (var fault in JsonNode.Parse((await Labs.Tapline.RunAsync("lab", "break", "--list", "--json")).Required().Text)!.AsArray().Where(IsWanted))
            {
                rows.Add(await RowAsync(fault!));
                (await Labs.Tapline.RunAsync("lab", "mend", "--lab", _lab.Name)).Required();
                await WorksAsync($"after {rows[^1].Id}");
                await File.WriteAllTextAsync(Path.Combine(folder, $"{rows[^1].Id}.json"), rows[^1].ToJson().ToJsonString(), TestContext.Current.CancellationToken);
            }
        }
        finally
        {
            var table = Table(rows);
            output.WriteLine(table);
            await File.WriteAllTextAsync(Path.Combine(folder, "table.txt"), table, CancellationToken.None);
        }

        Assert.Equal(Open.Where(id => rows.Exists(row => row.Id == id)).Order(StringComparer.Ordinal), rows.Where(row => !row.Right).Select(row => row.Id).Order(StringComparer.Ordinal));
    }

    private static bool IsWanted(JsonNode? fault) => Environment.GetEnvironmentVariable("TAPLINE_FAULTS") is not "all" and var named
        ? (named?.Split(' ') ?? Few).Contains((string?)fault!["id"])
        : true;

    private async Task<LabFaultRow> RowAsync(JsonNode fault)
    {
        (await Labs.Tapline.RunAsync("lab", "break", (string)fault["id"]!, "--lab", _lab.Name)).Required();
        var row = new LabFaultRow { Fault = fault, Pings = await PingsAsync(), Reports = await ExamineAsync() };
        row.Live = _isLive ? await ExamineLiveAsync() : null;
        await MendAsync(row);
        return row;
    }

    /// <summary>By what is said first, again and again while something is left; a fault should not need that.</summary>
    private async Task MendAsync(LabFaultRow row)
    {
        var now = row.Reports;
        for (var round = 0; round < Rounds && !IsWell(now); round++)
        {
            var cause = now.Out["causes"]!.AsArray().Concat(now.In["causes"]!.AsArray()).FirstOrDefault();
            if (cause?["fix"] is not { } fix)
            {
                break;
            }

            row.Rounds++;
            foreach (var command in fix["commands"]!.AsArray())
            {
                var result = await RunAsync((string)fix["where"]!, (string)command!);
                row.Commands.Add($"{fix["where"]}: {command}{(result.ExitCode == 0 ? "" : $" ended with {result.ExitCode}: {result.Error.Trim()}")}");
            }

            now = await ExamineAsync();
            for (var limit = Stopwatch.StartNew(); (string?)fix["where"] == "api" && !IsWell(now) && limit.Elapsed < ForTheCloud;)
            {
                now = await ExamineAsync(); // the agent has to carry it out
            }
        }

        row.Mended = IsWell(now) && await PingsAsync() == (true, true);
        row.Left = await _lab.DiffAsync();
    }

    private Task<Shell.Result> RunAsync(string where, string command) => where switch
    {
        "host" => _lab.OnHostAsync("sh", "-c", command),
        "guest" => _lab.InAsync(_web, "sh", "-c", command),
        "outside" => _lab.OutsideAsync("sh", "-c", command),
        "api" => Shell.RunAsync(["sh", "-c", command], environment: _lab.Environs),
        _ => throw new InvalidOperationException($"a mend for '{where}'"),
    };

    private async Task<(JsonNode Out, JsonNode In)> ExamineAsync()
    {
        var way = await Task.WhenAll(AskAsync(_web.Tap, LabFixture.Far), AskAsync(LabFixture.Far, _floating));
        return (way[0], way[1]);
    }

    /// <summary>One after the other: each probe would be in the other's captures.</summary>
    private async Task<(JsonNode Out, JsonNode In)> ExamineLiveAsync() =>
        (await AskAsync(_web.Tap, LabFixture.Far, "--live"), await AskAsync(LabFixture.Far, _floating, "--live"));

    /// <summary>Again where something could not be read: on a busy machine programs answer late.</summary>
    private async Task<JsonNode> AskAsync(string from, string to, params IEnumerable<string> more)
    {
        for (var left = Again; ; left--)
        {
            var result = await Labs.Tapline.RunAsync(["doctor", "ping", from, to, "--json", "--lab", _lab.Name, .. more]);
            Assert.True(result.ExitCode < 64, $"{result.Error}{result.Text}");
            var report = JsonNode.Parse(result.Text)!;
            if (left == 0 || ((string?)report["missing"])?.Contains("could not be read", StringComparison.Ordinal) != true)
            {
                return report;
            }
        }
    }

    private async Task<(bool Out, bool In)> PingsAsync()
    {
        string[] ping = ["ping", "-n", "-c", "2", "-i", "0.2", "-W", "1"];
        var answers = await Task.WhenAll(_lab.InAsync(_web, [.. ping, LabFixture.Far]), _lab.OutsideAsync([.. ping, "-I", LabFixture.Far, _floating]));
        return (answers[0].ExitCode == 0, answers[1].ExitCode == 0);
    }

    /// <summary>The untouched lab works, and the doctor has nothing to say.</summary>
    private async Task WorksAsync(string when)
    {
        await Within.AtMostAsync(TimeSpan.FromSeconds(10), $"pings {when}", async () => await PingsAsync() == (true, true));
        var reports = await ExamineAsync();
        Assert.True(IsWell(reports), $"{when}: {reports.Out}\n{reports.In}");
    }

    private static bool IsWell((JsonNode Out, JsonNode In) reports) =>
        new[] { reports.Out, reports.In }.All(report => (string?)report["verdict"] == "works" && LabFaultRow.CodeOf(report) is null);

    private static string Table(IEnumerable<LabFaultRow> rows) => string.Join('\n', rows.Select(row => row.ToString()).Prepend("""
        | fault | | ping | found first | live | mended | left in diff | no false cause | |
        |---|---|---|---|---|---|---|---|---|
        """));
}

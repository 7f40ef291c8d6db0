using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Tapline.HostTests.Doctor.Bed;

namespace Tapline.HostTests.Doctor.Oracle;

/// <summary>
/// Two of the bed's faults at once, drawn at random: the first cause is one of the two, and what the doctor says mends both in as many
/// rounds. A few that never change by default; TAPLINE_PAIRS="60 1000" takes so many, from that seed on.
/// </summary>
public sealed class PairTests(ITestOutputHelper output)
{
    private const int Few = 3;
    private const int Beds = 2;
    private static readonly BedFault None = new("", "untouched", new Dictionary<string, string>());

    [Fact]
    public async Task Of_two_faults_at_once_one_is_named_and_two_rounds_mend_them()
    {
        var faults = BedFault.ReadAll(Path.Combine(ForeignBed.Directory, "faults.txt")).Where(fault => fault is { From: "203.0.113.1", To: "8.8.8.8" }).ToList();
        var seeds = new ConcurrentQueue<int>(Seeds.From("TAPLINE_PAIRS", Few));
        var count = seeds.Count;
        var rows = new ConcurrentBag<(int Seed, string Told, string? Wrong)>();

        await Task.WhenAll(Enumerable.Range(0, Beds).Select(async _ =>
        {
            while (seeds.TryDequeue(out var seed))
            {
                await RunAsync(seed, faults, seeds, rows);
            }
        }));

        foreach (var (_, told, wrong) in rows.OrderBy(row => row.Seed))
        {
            output.WriteLine($"{(wrong is null ? "ok   " : "WRONG")} {told} {wrong}");
        }

        Assert.Equal(count, rows.Count);
        Assert.All(rows, row => Assert.Null(row.Wrong));
    }

    /// <summary>On one bed as long as it comes clean out of each pair.</summary>
    private static async Task RunAsync(int first, List<BedFault> faults, ConcurrentQueue<int> more, ConcurrentBag<(int Seed, string Told, string? Wrong)> rows)
    {
        await using var bed = await ForeignBed.StartAsync();
        var seed = first;
        do
        {
            var (told, wrong) = await PairAsync(bed, faults, new Chance(seed));
            rows.Add((seed, $"{seed} {told}", wrong));
            if (Environment.GetEnvironmentVariable("TAPLINE_ORACLE_LOG") is { } file)
            {
                await File.AppendAllTextAsync(file, $"{(wrong is null ? "ok" : "WRONG")} {seed} {told} {wrong}\n");
            }

            await bed.ForgetAsync();
            if (!IsWell(await bed.DoctorAsync("out", None)) || !IsWell(await bed.DoctorAsync("in", None)))
            {
                return;
            }
        }
        while (more.TryDequeue(out seed));
    }

    private static async Task<(string Told, string? Wrong)> PairAsync(ForeignBed bed, List<BedFault> faults, Chance chance)
    {
        var one = chance.Any(faults);
        var other = chance.Any([.. faults.Where(fault => fault != one)]);
        foreach (var fault in new[] { one, other }.OrderBy(Stops)) // ovs-vsctl waits for a daemon that is stopped
        {
            await bed.RunAsync($"{{ {fault.Inject}; }} > /dev/null 2>&1 < /dev/null");
        }

        var told = $"{one.Id} and {other.Id}:";
        var wrong = (string?)null;
        for (var round = 0; await FirstCauseAsync(bed, [one.Leaves, other.Leaves]) is { } cause; round++)
        {
            told += $" {cause["code"]}@{cause["device"]}";
            wrong ??= one.Codes.Concat(other.Codes).Contains((string?)cause["code"]) ? null : "the cause is neither";
            if (round == 2 || cause["fix"] is not { } fix || !await bed.MendAsync(fix, one.Cloud ?? other.Cloud))
            {
                wrong ??= round == 2 ? "not mended in two rounds" : "no mend that can be run";
                break;
            }
        }

        await bed.ForgetAsync();
        wrong ??= await bed.PingsAsync("out", None) && await bed.PingsAsync("in", None) ? null : "it works, says the doctor, and does not";
        await bed.RunAsync($"{{ {other.Undo}; {one.Undo}; }} > /dev/null 2>&1 < /dev/null");
        return (told, wrong);
    }

    private static async Task<JsonNode?> FirstCauseAsync(ForeignBed bed, string?[] leaves)
    {
        foreach (var way in (string[])["out", "in"])
        {
            await bed.ForgetAsync();
            if ((await bed.DoctorAsync(way, None))["causes"]!.AsArray().FirstOrDefault() is { } cause && !leaves.Contains((string?)cause["code"]))
            {
                return cause;
            }
        }

        return null;
    }

    private static bool Stops(BedFault fault) => fault.Inject.Contains("-STOP", StringComparison.Ordinal);

    private static bool IsWell(JsonNode report) => (string?)report["verdict"] == "works" && report["causes"]!.AsArray().Count == 0;
}

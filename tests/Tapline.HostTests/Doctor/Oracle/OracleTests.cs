using System.Collections.Concurrent;

namespace Tapline.HostTests.Doctor.Oracle;

/// <summary>
/// Random changes of a host, one at a time: the static verdict agrees with what a real ping does, in each direction. A few that never
/// change by default; TAPLINE_ORACLE="300 1000" takes so many, from that seed on. TAPLINE_ORACLE_MEND=1 also runs what the doctor says where
/// something is broken, and tells what came of it.
/// </summary>
public sealed class OracleTests(ITestOutputHelper output)
{
    private const int Few = 8;
    private const int Hosts = 2;
    private const int MostUnknownPercent = 2;
    private const int MostMends = 3;
    private static readonly Lock Logging = new();

    [Fact]
    public Task Of_a_host_laid_out_by_a_script_the_doctor_says_what_a_ping_does() => AgreesAsync(OracleBed.StartAsync);

    [Fact]
    public Task Of_a_lab_the_doctor_says_what_a_ping_does() => AgreesAsync(OracleLab.StartAsync);

    private async Task AgreesAsync(Func<Task<OracleHost>> start)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can change a host at every place");
        var seeds = new ConcurrentQueue<int>(Seeds.From("TAPLINE_ORACLE", Few));
        var count = seeds.Count;
        var rows = new ConcurrentBag<OracleRow>();
        var refused = new ConcurrentDictionary<string, int>();

        await Task.WhenAll(Enumerable.Range(0, Math.Min(Hosts, count)).Select(async _ =>
        {
            while (seeds.TryDequeue(out var seed))
            {
                await RunAsync(start, seed, seeds, rows, refused);
            }
        }));

        Report(rows, refused);
        Assert.Equal(count, rows.Count);
        Assert.Empty(rows.Where(row => row.Disagreements.Any()).Select(row => row.ToString()));
        Assert.True(rows.Sum(row => row.Unknown) * 100 <= MostUnknownPercent * rows.Sum(row => row.Asked.Count) || rows.Sum(row => row.Unknown) <= 1, "more is unknown than may be");
    }

    /// <summary>On one host as long as it comes clean out of each mutation.</summary>
    private static async Task RunAsync(
        Func<Task<OracleHost>> start, int first, ConcurrentQueue<int> more, ConcurrentBag<OracleRow> rows, ConcurrentDictionary<string, int> refused)
    {
        await using var host = await start();
        Assert.Null(await host.DeviationAsync());
        var seed = first;
        do
        {
            var row = await MutateAsync(host, new Chance(seed), seed, refused);
            rows.Add(row);
            Log(row);
            await host.RunAsync($"{{ {row.Mutation.Undo}; }} > /dev/null 2>&1 < /dev/null");
            await host.ForgetAsync();
            if (!await host.RestoreAsync())
            {
                return;
            }
        }
        while (more.TryDequeue(out seed));
    }

    private static async Task<OracleRow> MutateAsync(OracleHost host, Chance chance, int seed, ConcurrentDictionary<string, int> refused)
    {
        await host.ForgetAsync();
        Mutation mutation;
        while (true)
        {
            mutation = await Mutations.MakeAsync(chance, host);
            if ((await host.RunAsync($"{{ {mutation.Inject}\n}} > /dev/null 2> /run/oracle-error < /dev/null")).ExitCode == 0)
            {
                break;
            }

            refused.AddOrUpdate(mutation.Kind, 1, (_, count) => count + 1);
            await host.RunAsync($"{{ {mutation.Undo}\n}} > /dev/null 2>&1 < /dev/null"); // of several commands the first may have been carried out
        }

        var row = new OracleRow(seed, mutation);
        var isAskedFirst = chance.OneIn(2);
        try
        {
            foreach (var way in (string[])[OracleHost.Out, OracleHost.In])
            {
                await host.ForgetAsync();
                var before = isAskedFirst ? await host.DoctorAsync(way) : null;
                var alive = await host.PingsAsync(way);
                row.Asked.Add((way, alive, before ?? await host.DoctorAsync(way)));
            }
        }
        catch (InvalidOperationException error)
        {
            throw new InvalidOperationException($"{row}: {error.Message}", error);
        }

        if (row.Breaks && Environment.GetEnvironmentVariable("TAPLINE_ORACLE_MEND") is "1")
        {
            row.Mend = await MendAsync(host, row);
        }

        return row;
    }

    /// <summary>By the first cause of a way that is broken, until both are not: "yes", how many it took, or why it did not come so far.</summary>
    private static async Task<string> MendAsync(OracleHost host, OracleRow row)
    {
        for (var round = 0; ; round++)
        {
            await host.ForgetAsync();
            if (await BrokenAsync(host) is not { } way)
            {
                return round <= 1 ? "yes" : $"in {round}";
            }

            await host.ForgetAsync();
            var report = await host.DoctorAsync(way);
            if (report["causes"]!.AsArray().FirstOrDefault() is not { } cause)
            {
                return $"NO, {way} is {report["verdict"]}";
            }

            if (round == MostMends || cause["fix"] is not { } fix)
            {
                return $"NO, {way} is {cause["code"]} at {cause["device"]}{(round == MostMends ? " still" : ", and there is no mend")}";
            }

            row.Mends.Add($"{way} {cause["code"]}: {fix["where"]}: {string.Join("; ", fix["commands"]!.AsArray().Select(command => (string)command!))}");
            if (await host.MendAsync(fix) is { } refused)
            {
                return $"NO, {way} is {cause["code"]} at {cause["device"]}, {refused}";
            }
        }
    }

    private static async Task<string?> BrokenAsync(OracleHost host) =>
        !await host.PingsAsync(OracleHost.Out) ? OracleHost.Out : !await host.PingsAsync(OracleHost.In) ? OracleHost.In : null;

    /// <summary>A long run is watched by TAPLINE_ORACLE_LOG, a file.</summary>
    private static void Log(OracleRow row)
    {
        if (Environment.GetEnvironmentVariable("TAPLINE_ORACLE_LOG") is { } file)
        {
            lock (Logging)
            {
                File.AppendAllText(file, $"{(row.Disagreements.Any() ? "DISAGREES " : row.Unknown > 0 ? "UNKNOWN " : "")}{row}\n");
            }
        }
    }

    private void Report(ConcurrentBag<OracleRow> rows, ConcurrentDictionary<string, int> refused)
    {
        output.WriteLine("| what | mutations | break a way | refused by the host | unknown | disagree |\n|---|---|---|---|---|---|");
        foreach (var kind in rows.GroupBy(row => row.Mutation.Kind).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            output.WriteLine($"| {kind.Key} | {kind.Count()} | {kind.Count(row => row.Breaks)} | {refused.GetValueOrDefault(kind.Key)} | {kind.Count(row => row.Unknown > 0)} | {kind.Count(row => row.Disagreements.Any())} |");
        }

        output.WriteLine($"| all | {rows.Count} | {rows.Count(row => row.Breaks)} | {refused.Values.Sum()} | {rows.Count(row => row.Unknown > 0)} | {rows.Count(row => row.Disagreements.Any())} |");
        if (rows.Any(row => row.Mend is not null))
        {
            output.WriteLine($"mended: {rows.Count(row => row.Mend is "yes")} at once, {rows.Count(row => row.Mend?.StartsWith("in", StringComparison.Ordinal) == true)} in more rounds, {rows.Count(row => row.Mend?.StartsWith("NO", StringComparison.Ordinal) == true)} not");
        }

        foreach (var row in rows.Where(row => row.Unknown > 0 || row.Disagreements.Any()).OrderBy(row => row.Seed))
        {
            output.WriteLine(row.ToString());
        }
    }
}

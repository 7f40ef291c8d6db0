using System.Diagnostics;
using System.Text.Json.Nodes;
using Tapline.HostTests.Labs;

namespace Tapline.HostTests.Doctor.Bed;

/// <summary>The host of tests/foreign-bed/bed.sh, which Tapline did not build.</summary>
internal sealed class ForeignBed : IAsyncDisposable
{
    private const string Names = "set -a; . /run/bed.env; set +a; export OVS_RUNDIR=/run/openvswitch PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C; "
        + "RN=\"ip netns exec $R\" G=\"ip netns exec vm\" E=\"ip netns exec out\"; ";

    private const string Forget = "for n in $R vm out; do ip netns exec $n ip neigh flush all nud reachable nud stale nud failed nud incomplete nud delay nud probe; done; "
        + "timeout 2 ovs-appctl fdb/flush br-int; timeout 2 ovs-appctl fdb/flush br-eth1; true";

    private readonly Process _script;
    private readonly string _pid;

    private ForeignBed(Process script, string pid) => (_script, _pid) = (script, pid);

    public static string Directory { get; } = Path.Combine(Root(), "tests", "foreign-bed");

    public string Tap { get; private set; } = "";

    public string Floating { get; private set; } = "";

    public static async Task<ForeignBed> StartAsync()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can lay out a host of its own by script");
        var script = Shell.Start(["bash", Path.Combine(Directory, "bed.sh")]);
        _ = script.StandardError.ReadToEndAsync();
        while (await script.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line == "ready")
            {
                var pid = (await Shell.RunAsync(["pgrep", "-P", script.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)])).Text.Trim();
                var bed = new ForeignBed(script, pid);
                var names = (await bed.RunAsync("echo $TAP $FLOATING")).Text.Trim().Split(' ');
                (bed.Tap, bed.Floating) = (names[0], names[1]);
                return bed;
            }
        }

        throw new InvalidOperationException("the bed could not be laid out: run tests/foreign-bed/bed.sh by hand to see why");
    }

    /// <summary>A shell's commands on the host, which know the bed's names; what they leave running keeps no pipe open.</summary>
    public Task<Shell.Result> RunAsync(string commands) => Shell.RunAsync(["nsenter", "-t", _pid, "-n", "-m", "-p", "bash", "-c", Names + commands]);

    public async Task<bool> PingsAsync(string way, BedFault fault) => (await RunAsync(way == "out"
        ? $"$G ping -q -c2 -i0.2 -W1 {fault.To}"
        : $"$E ping -q -c2 -i0.2 -W1 -I {fault.From} $FLOATING")).ExitCode == 0;

    public async Task<JsonNode> DoctorAsync(string way, BedFault fault, string more = "")
    {
        var (from, to) = way == "out" ? (Tap, fault.To) : (fault.From, Floating);
        var answer = await RunAsync($"{Path.GetFullPath(Labs.Tapline.Executable)} doctor ping {from} {to} --json {more}");
        return answer.ExitCode is 64 or 70 || answer.Text.Length == 0 ? throw new InvalidOperationException($"doctor: {answer}") : JsonNode.Parse(answer.Text)!;
    }

    /// <summary>Runs a mend where it says; false where it can not be run here.</summary>
    /// <param name="fix">The doctor's.</param>
    /// <param name="cloud">What a mend that asks the cloud comes to on this host; null where none should.</param>
    public async Task<bool> MendAsync(JsonNode fix, string? cloud)
    {
        if ((string?)fix["where"] == "api")
        {
            return cloud is not null && (await RunAsync(cloud)).ExitCode == 0;
        }

        var commands = fix["commands"]!.AsArray();
        foreach (var command in commands.Select(item => (string)item!))
        {
            if (await MendAsync((string)fix["where"]!, command) is not { ExitCode: 0 })
            {
                return false;
            }
        }

        return commands.Count > 0;
    }

    /// <summary>A command of a mend, where it says; null where there is no such place here.</summary>
    public async Task<Shell.Result?> MendAsync(string where, string command)
    {
        var inside = where switch { "host" => "", "guest" => "ip netns exec vm ", "outside" => "ip netns exec out ", _ => null };
        return inside is null ? null
            : await Shell.RunAsync(["nsenter", "-t", _pid, "-n", "-m", "-p", "sh", "-c", $"export OVS_RUNDIR=/run/openvswitch; {inside}sh", "-"], command);
    }

    /// <summary>What was learned of neighbours is forgotten, so that each question is asked anew.</summary>
    public Task ForgetAsync() => RunAsync(Forget);

    public async ValueTask DisposeAsync()
    {
        _script.StandardInput.Close();
        if (!_script.WaitForExit(2000))
        {
            _script.Kill(entireProcessTree: true);
        }

        await _script.WaitForExitAsync();
        _script.Dispose();
    }

    private static string Root()
    {
        var directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "Tapline.slnx")))
        {
            directory = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(directory)) ?? throw new InvalidOperationException("no Tapline.slnx above the tests");
        }

        return directory;
    }
}

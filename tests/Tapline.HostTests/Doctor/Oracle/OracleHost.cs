using System.Text.Json.Nodes;
using Tapline.HostTests.Labs;

namespace Tapline.HostTests.Doctor.Oracle;

/// <summary>
/// A host with one instance behind a hybrid plug, its router and a floating IP, that mutations are made to. Its shell knows the names
/// TAP QBR QVB QVO OQR OQG (host), R QR QG (router), NIC PROVIDER, MAC FIXED GATEWAY OUTER FLOATING FAR, and RN and G, which run a
/// command in the router and in the instance.
/// </summary>
internal abstract class OracleHost : IAsyncDisposable
{
    public const string Out = "out";
    public const string In = "in";

    protected const string ForgetNeighbours = "ip neigh flush all nud reachable nud stale nud failed nud incomplete nud delay nud probe";

    private const string Forget = "for n in \"$RN\" \"$G\"; do $n " + ForgetNeighbours + "; done; "
        + "timeout 2 ovs-appctl fdb/flush br-int; timeout 2 ovs-appctl fdb/flush $PROVIDER; true";

    /// <summary>A shell's commands on the host.</summary>
    public abstract Task<Shell.Result> RunAsync(string commands);

    public abstract Task<bool> PingsAsync(string way);

    public abstract Task<JsonNode> DoctorAsync(string way, string more = "");

    /// <summary>Runs a mend where it says: null where all of its commands could be, else why not.</summary>
    public async Task<string?> MendAsync(JsonNode fix)
    {
        var commands = fix["commands"]!.AsArray();
        foreach (var command in commands.Select(item => (string)item!))
        {
            var done = await MendAsync((string)fix["where"]!, command);
            if (done is not { ExitCode: 0 })
            {
                return $"{fix["where"]}: {command}: {done?.Error.Trim() ?? "is not to be run here"}";
            }
        }

        return commands.Count > 0 ? null : $"told: {fix["explanation"]}";
    }

    /// <summary>After a mutation's undo: brings back what the setting can bring back. False if a new host is needed.</summary>
    public abstract Task<bool> RestoreAsync();

    public abstract ValueTask DisposeAsync();

    /// <summary>What was learnt from the last ping is forgotten.</summary>
    public Task ForgetAsync() => Task.WhenAll(RunAsync(Forget), OutsideAsync(ForgetNeighbours));

    /// <summary>A command of a mend; null where there is no such place.</summary>
    protected abstract Task<Shell.Result?> MendAsync(string where, string command);

    /// <summary>A shell's command in the outside, whose kernel learns and forgets as well.</summary>
    protected abstract Task<Shell.Result> OutsideAsync(string command);

    /// <summary>The lines that a command prints.</summary>
    public async Task<string[]> LinesAsync(string command) => (await RunAsync(command)).Text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Null where all is well both ways and the doctor has nothing to say.</summary>
    public async Task<string?> DeviationAsync()
    {
        foreach (var way in (string[])[Out, In])
        {
            var report = await DoctorAsync(way);
            if (!await PingsAsync(way) || (string?)report["verdict"] != "works" || report["causes"]!.AsArray().Count > 0)
            {
                return $"{way}: {report["verdict"]} {report["causes"]!.AsArray().FirstOrDefault()?["summary"]}";
            }
        }

        return null;
    }
}

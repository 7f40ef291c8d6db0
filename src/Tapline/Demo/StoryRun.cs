using System.Diagnostics;
using System.Text.Json.Nodes;
using Tapline.Agent;
using Tapline.Clouds;
using Tapline.Commands;
using Tapline.Labs;
using Tapline.Labs.Faults;

namespace Tapline.Demo;

/// <summary>A tale in a lab of its own: a ping works, something is taken away, the doctor finds what, its command is run, and the ping works.</summary>
internal sealed class StoryRun(string labName, Action<string> tell)
{
    private const string Taken = "r5-masquerade-gone";
    private const string Cause = "router.no-source-nat";
    private const int Steps = 7;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    private readonly List<DemoCheck> _checks = [];
    private LabEntry? _lab;
    private IReadOnlyList<string> _instance = [];

    public bool Ok => _checks.Count == Steps && _checks.TrueForAll(check => check.Ok);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            tell($"Lab '{labName}': a host, a server and an outside, in namespaces of their own.\n");
            _lab = await Lab.UpAsync(labName, cancellationToken).ConfigureAwait(false);
            using var cloud = new CloudClient(LabAccess.Of(_lab));
            await TellAsync(cloud, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await CleanUpAsync().ConfigureAwait(false);
        }
    }

    private async Task TellAsync(CloudClient cloud, CancellationToken cancellationToken)
    {
        tell("Once there was an instance 'web' in a network 192.168.1.0/24, with a router to the outside.");
        var demo = await DemoCloud.MakeAsync(cloud, cancellationToken).ConfigureAwait(false);
        var instance = await demo.StartInstanceAsync(cancellationToken).ConfigureAwait(false);
        var enter = InstanceEntry.Command(new HostPaths(HostCommands.DefaultState, HostCommands.OvsRunDirectory), (string)instance["id"]!);
        _instance = await LabAccess.EnterAsync(_lab!, LabInit.HostName, enter, cancellationToken).ConfigureAwait(false);
        await CheckAsync("works", $"{DemoCloud.FixedIp} pings {FaultSite.Far}, and it works", () => UntilPingsAsync(cancellationToken)).ConfigureAwait(false);

        var site = await FaultSite.FindAsync(cloud, "web", cancellationToken).ConfigureAwait(false);
        var injection = await Breaking.BreakAsync(_lab!, FaultCatalogue.Require(Taken), site, cancellationToken).ConfigureAwait(false);
        tell($"""

            One night somebody took the masquerade away, the router's translation of source addresses:
                {injection.Inject}
            (The agent would have mended it at once: it is paused.)
            """);
        await CheckAsync("broken", "the ping dies", async () => !await PingsAsync(cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        await MendAsync(cancellationToken).ConfigureAwait(false);
        await CheckAsync("works-again", $"{DemoCloud.FixedIp} pings {FaultSite.Far}, and it works again", () => PingsAsync(cancellationToken)).ConfigureAwait(false);
        tell("\nThe agent goes on, and finds what differs from what is wanted.");
        await CheckAsync("as-wanted", "'tapline diff' shows nothing", async () =>
            (await Breaking.MendAsync(_lab!, cancellationToken).ConfigureAwait(false)).Count == 1).ConfigureAwait(false);
    }

    /// <summary>The doctor is asked as anybody would ask it; what it says to do is done where it says.</summary>
    private async Task MendAsync(CancellationToken cancellationToken)
    {
        tell($"\nSo the doctor was called:  tapline doctor ping web {FaultSite.Far}\n");
        var text = await DoctorAsync([], cancellationToken).ConfigureAwait(false);
        tell(string.Join('\n', text.Split('\n').Select(line => $"    {line}".TrimEnd())));
        var report = JsonNode.Parse(await DoctorAsync(["--json"], cancellationToken).ConfigureAwait(false))!;
        var cause = report["causes"]!.AsArray() is [{ } first, ..] ? first : null;
        await CheckAsync("found", $"the doctor finds that the reply can not find its way to {DemoCloud.FixedIp}", () => Task.FromResult(
            (string?)report["verdict"] == "broken" && (string?)cause?["code"] == Cause
            && ((string)cause!["summary"]!).Contains(DemoCloud.FixedIp, StringComparison.Ordinal))).ConfigureAwait(false);
        await CheckAsync("mended", "what it prints as the mend runs on the host", async () =>
        {
            var commands = (string?)cause?["fix"]?["where"] == "host" ? cause["fix"]!["commands"]!.AsArray().Select(command => (string)command!).ToList() : [];
            foreach (var command in commands)
            {
                tell($"    {command}");
                var result = await Breaking.OnHostAsync(_lab!, command, cancellationToken).ConfigureAwait(false);
                if (result.ExitCode != 0)
                {
                    throw new CommandException(result.Error.Trim());
                }
            }

            return commands.Count > 0;
        }).ConfigureAwait(false);
    }

    private async Task<string> DoctorAsync(string[] options, CancellationToken cancellationToken) => (await Shell.RunAsync(
        await LabAccess.EnterAsync(_lab!, LabInit.HostName, [Self.Executable, "doctor", "ping", "web", FaultSite.Far, .. options], cancellationToken).ConfigureAwait(false),
        cancellationToken).ConfigureAwait(false)).Text.TrimEnd();

    private async Task<bool> PingsAsync(CancellationToken cancellationToken) => PingResult.Parse((await Shell.RunAsync(
        [.. _instance, "ping", "-n", "-c", "2", "-i", "0.1", "-W", "1", FaultSite.Far], cancellationToken).ConfigureAwait(false)).Text).AllAnswered;

    private async Task<bool> UntilPingsAsync(CancellationToken cancellationToken)
    {
        for (var limit = Stopwatch.StartNew(); limit.Elapsed < Limit;)
        {
            if (await PingsAsync(cancellationToken).ConfigureAwait(false))
            {
                return true;
            }

            await Task.Delay(50, cancellationToken).ConfigureAwait(false);
        }

        return false;
    }

    private async Task CleanUpAsync()
    {
        await CheckAsync("clean-up", "everything is gone again", async () =>
        {
            if (_lab is not null)
            {
                await Lab.DownAsync(_lab, CancellationToken.None).ConfigureAwait(false);
            }

            return LabRegistry.Find(labName) is null;
        }).ConfigureAwait(false);
    }

    private async Task CheckAsync(string name, string what, Func<Task<bool>> holds)
    {
        var clock = Stopwatch.StartNew();
        var (ok, said) = (false, "");
        try
        {
            ok = await holds().ConfigureAwait(false);
        }
        catch (CommandException error)
        {
            said = error.Message;
        }

        _checks.Add(new DemoCheck(name, ok, clock.ElapsedMilliseconds, said));
        tell($"{(ok ? "ok  " : "FAIL")}  {what}  ({clock.ElapsedMilliseconds} ms){(said.Length > 0 ? $": {said}" : "")}");
    }
}

using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Tapline.Labs.Faults;

/// <summary>
/// Breaks and mends a lab's host. The agent would mend a deviation at once, so it is paused from the first break to the mend; but it
/// carries out what the cloud itself is asked for.
/// </summary>
internal static class Breaking
{
    private const string AgentService = "agent";
    private static readonly TimeSpan PauseLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan MendLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    /// <summary>Pauses the agent and injects; what is broken already stays so. If the injection fails, what it did is taken back.</summary>
    public static async Task<Injection> BreakAsync(LabEntry lab, Fault fault, FaultSite site, CancellationToken cancellationToken)
    {
        if (!site.Has(fault.Needs))
        {
            throw new CommandException($"'{fault.Id}' needs: {fault.Needs}; {(site.Instance is null ? $"lab '{lab.Name}' has no instance" : $"instance '{site.Instance}' has none")}");
        }

        var before = BrokenThings.Read(lab);
        var injection = Injection.Of(fault, site);
        if (before.Any(item => item.Id == injection.Id && item.Instance == injection.Instance))
        {
            throw new CommandException($"'{injection.Id}' is broken already: 'tapline lab mend --lab {lab.Name}' takes it back");
        }

        if (!injection.IsInCloud)
        {
            await PauseAsync(lab, cancellationToken).ConfigureAwait(false);
        }

        BrokenThings.Write(lab, [.. before, injection]); // first: a mend after a crash in between knows of it
        var result = await RunAsync(lab, injection, injection.Inject, cancellationToken).ConfigureAwait(false);
        if (result.ExitCode == 0)
        {
            if (before.All(item => item.IsInCloud) && injection.IsInCloud)
            {
                await ConvergeAsync(lab, cancellationToken).ConfigureAwait(false);
            }

            return injection;
        }

        await RunAsync(lab, injection, injection.Undo, cancellationToken).ConfigureAwait(false);
        BrokenThings.Write(lab, before);
        if (before.Count == 0)
        {
            await AgentAsync(lab, "start", cancellationToken).ConfigureAwait(false);
        }

        throw new CommandException($"'{injection.Inject}' ended with {result.ExitCode}: {result.Error.Trim()}{result.Text.Trim()}");
    }

    /// <summary>Takes back what is broken, the last first, resumes the agent, and returns when nothing deviates from what is wanted.</summary>
    public static async Task<IReadOnlyList<Injection>> MendAsync(LabEntry lab, CancellationToken cancellationToken)
    {
        var broken = BrokenThings.Read(lab);
        foreach (var injection in broken.Reverse().Where(item => item.Undo.Length > 0))
        {
            // What it takes back may have been mended by other means: whether all is well, the diff tells.
            await RunAsync(lab, injection, injection.Undo, cancellationToken).ConfigureAwait(false);
        }

        await AgentAsync(lab, "start", cancellationToken).ConfigureAwait(false);
        await ConvergeAsync(lab, cancellationToken).ConfigureAwait(false);
        BrokenThings.Write(lab, []);
        return broken;
    }

    /// <summary>Runs a shell command as root in the host's namespaces.</summary>
    public static async Task<Shell.Output> OnHostAsync(LabEntry lab, string command, CancellationToken cancellationToken) =>
        await Shell.RunAsync(
            await LabAccess.EnterAsync(lab, LabInit.HostName, ["sh", "-c", command], cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);

    private static async Task<Shell.Output> RunAsync(LabEntry lab, Injection injection, string command, CancellationToken cancellationToken) =>
        injection.IsInCloud ? await Shell.RunAsync(["sh", "-c", $"{LabAccess.Exports(lab)}\n{command}"], cancellationToken).ConfigureAwait(false)
        : await OnHostAsync(lab, command, cancellationToken).ConfigureAwait(false);

    private static async Task PauseAsync(LabEntry lab, CancellationToken cancellationToken)
    {
        await AgentAsync(lab, "stop", cancellationToken).ConfigureAwait(false);
        for (var limit = Stopwatch.StartNew(); limit.Elapsed < PauseLimit;)
        {
            var description = await Lab.DescribeAsync(lab, cancellationToken).ConfigureAwait(false);
            if (description["services"]!.AsArray().Any(service => (string?)service!["service"] == AgentService && (string?)service["state"] == "stopped"))
            {
                return;
            }

            await Task.Delay(Look, cancellationToken).ConfigureAwait(false);
        }

        throw new CommandException($"the agent did not stop within {PauseLimit.TotalSeconds} s: nothing was broken");
    }

    private static Task<JsonObject> AgentAsync(LabEntry lab, string verb, CancellationToken cancellationToken) =>
        LabControl.AskAsync(
            LabPaths.Of(lab.Name).Control, new JsonObject { ["do"] = verb, ["host"] = LabInit.HostName, ["service"] = AgentService }, cancellationToken);

    private static async Task ConvergeAsync(LabEntry lab, CancellationToken cancellationToken)
    {
        var left = "";
        for (var limit = Stopwatch.StartNew(); limit.Elapsed < MendLimit;)
        {
            var diff = await Shell.RunAsync(
                await LabAccess.EnterAsync(lab, LabInit.HostName, [Self.Executable, "diff", "--json"], cancellationToken).ConfigureAwait(false), cancellationToken)
                .ConfigureAwait(false);
            left = diff.Text.Trim() + diff.Error.Trim();
            if (left == "[]")
            {
                return;
            }

            await Task.Delay(Look, cancellationToken).ConfigureAwait(false);
        }

        throw new CommandException($"'tapline diff' still shows, after {MendLimit.TotalSeconds} s: {left}");
    }
}

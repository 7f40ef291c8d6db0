using System.Diagnostics;
using Tapline.Agent.Processes;
using Tapline.Core.Host;

namespace Tapline.Agent.Apply;

/// <summary>Starts, tells and ends the programs that serve namespaces. They outlive the agent; a later one finds them by their directory.</summary>
internal sealed class ProcessApplier(ProcessDirectory directory, DhcpLeases leases)
{
    public async Task PutAsync(HostItem.Process wanted, HostItem.Process? seen, CancellationToken cancellationToken)
    {
        var restart = seen is not { Running: true } || seen.Command != wanted.Command || seen.Mounts != wanted.Mounts;
        if (restart)
        {
            await StopAsync(wanted.In, wanted.Name, cancellationToken).ConfigureAwait(false);
            directory.Write(wanted);
            directory.WriteSeat(wanted);
            Start(wanted);
            return;
        }

        var removed = directory.RemoveStaleFiles(wanted);
        if (removed.Count > 0)
        {
            // dnsmasq does not notice removed files; without a SIGHUP it keeps serving what they said.
            Signals.Send(directory.PidOf(wanted.In, wanted.Name), Signals.Hangup);
            await leases.ReleaseAsync(wanted, removed, cancellationToken).ConfigureAwait(false);
        }

        directory.Write(wanted);
    }

    public async Task DeleteAsync(HostItem.Process item, CancellationToken cancellationToken)
    {
        await StopAsync(item.In, item.Name, cancellationToken).ConfigureAwait(false);
        directory.Delete(item.In, item.Name);
    }

    private async Task StopAsync(string ns, string name, CancellationToken cancellationToken)
    {
        if (directory.PidOf(ns, name) is not { } pid)
        {
            return;
        }

        Signals.Send(pid, Signals.Terminate);
        for (var i = 0; i < 100 && directory.PidOf(ns, name) == pid; i++)
        {
            await Task.Delay(10, cancellationToken).ConfigureAwait(false);
        }

        Signals.Send(directory.PidOf(ns, name), Signals.Kill);
    }

    /// <summary>
    /// A shell writes the pid before it ends, and the program has its mark from its first moment: who looks next finds it. A program that
    /// wrote its own would be missed by a look that comes too early, and started twice.
    /// </summary>
    private void Start(HostItem.Process wanted)
    {
        const string launch = "setsid sh \"$1\" & echo $! > \"$2.new\" && mv \"$2.new\" \"$2\"";
        var (script, pidFile) = (directory.ScriptOf(wanted.In, wanted.Name), directory.PidFileOf(wanted.In, wanted.Name));
        var start = new ProcessStartInfo("sh", ["-c", launch, "sh", script, pidFile]) { UseShellExecute = false };
        start.Environment[ProcessDirectory.MarkVariable] = ProcessDirectory.MarkOf(wanted.In, wanted.Name);
        using var process = Process.Start(start) ?? throw new HostException($"{wanted.Key}: sh did not start");
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new HostException($"{wanted.Key}: could not be started, see {directory.LogOf(wanted.In, wanted.Name)}");
        }
    }
}

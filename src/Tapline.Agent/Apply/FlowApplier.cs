using System.Diagnostics;
using System.Text;
using Tapline.Core.Host;

namespace Tapline.Agent.Apply;

/// <summary>A bridge's flows, replaced in one OpenFlow bundle: ours by their cookie, others' are not touched.</summary>
internal sealed class FlowApplier(SwitchApplier switchApplier, HostPaths paths)
{
    public async Task PutAsync(HostItem.FlowTable wanted, CancellationToken cancellationToken)
    {
        await switchApplier.SettleAsync(cancellationToken).ConfigureAwait(false);
        var text = new StringBuilder($"delete cookie=0x{Flow.CookiePrefix:x}000000000000/0xffff000000000000\n");
        foreach (var flow in wanted.Flows)
        {
            var match = flow.Match.Length > 0 ? $",{flow.Match}" : "";
            text.Append($"add table={flow.Table},priority={flow.Priority},cookie=0x{flow.Cookie:x}{match},actions={flow.Actions}\n");
        }

        await RunAsync(wanted.Bridge, text.ToString(), cancellationToken).ConfigureAwait(false);
    }

    private async Task RunAsync(string bridge, string flows, CancellationToken cancellationToken)
    {
        var socket = $"unix:{Path.Combine(paths.OvsRunDirectory, $"{bridge}.mgmt")}";
        var start = new ProcessStartInfo("ovs-ofctl", ["-O", "OpenFlow13", "--timeout=5", "--names", "--bundle", "add-flows", socket, "-"])
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        using var process = Process.Start(start) ?? throw new HostException("ovs-ofctl did not start");
        await process.StandardInput.WriteAsync(flows.AsMemory(), cancellationToken).ConfigureAwait(false);
        process.StandardInput.Close();
        var error = await process.StandardError.ReadToEndAsync(cancellationToken).ConfigureAwait(false);
        await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        if (process.ExitCode != 0)
        {
            throw new HostException($"flows of {bridge}: ovs-ofctl said: {error.Trim()}");
        }
    }
}

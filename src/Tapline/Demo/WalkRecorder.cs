using System.Globalization;
using System.Text.Json.Nodes;
using Tapline.Agent;
using Tapline.Commands;
using Tapline.Wire.Namespaces;
using Tapline.Wire.Ovs;

namespace Tapline.Demo;

/// <summary>Runs on a lab's host: captures on all its devices and outside while the demo pings, then tells the ways of one ping and its reply.</summary>
internal static class WalkRecorder
{
    public const string Ready = "ready";

    /// <param name="outsidePid">A process in the outside's namespace, as numbered in the lab.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<int> RunAsync(int outsidePid, CancellationToken cancellationToken)
    {
        using var capture = new DeviceCapture();
        using var own = NetNamespace.Current();
        capture.Add("", own);
        foreach (var path in Directory.EnumerateFiles(HostPaths.NetworkNamespaces))
        {
            using var ns = NetNamespace.Open(path);
            capture.Add(Path.GetFileName(path), ns);
        }

        using var outside = NetNamespace.Open($"/proc/{outsidePid.ToString(CultureInfo.InvariantCulture)}/ns/net");
        capture.Add(Labs.LabInit.OutsideName, outside);
        Console.WriteLine(Ready);
        var sequence = int.Parse(await Console.In.ReadLineAsync(cancellationToken).ConfigureAwait(false) ?? "1", CultureInfo.InvariantCulture);
        await Task.Delay(50, cancellationToken).ConfigureAwait(false); // what the last device saw is still on its way to us
        await capture.StopAsync().ConfigureAwait(false);

        await using var client = await OvsdbClient.ConnectAsync($"{HostCommands.OvsRunDirectory}/db.sock", cancellationToken).ConfigureAwait(false);
        var mirror = await OvsdbMirror.StartAsync(client, cancellationToken).ConfigureAwait(false);
        var control = Unixctl.Find(HostCommands.OvsRunDirectory) ?? throw new CommandException("ovs-vswitchd's control socket was not found");
        var view = new SwitchView(mirror.Current, control);
        Task<IReadOnlyList<string>> Trace(string bridge, string device, byte[] frame) => view.TraceAsync(bridge, device, frame, cancellationToken);
        var request = await Walk.AssembleAsync(capture.Of(sequence, reply: false), Trace, view).ConfigureAwait(false);
        var reply = await Walk.AssembleAsync(capture.Of(sequence, reply: true), Trace, view).ConfigureAwait(false);
        Console.WriteLine(new JsonObject { ["request"] = Json(request), ["reply"] = Json(reply) }.ToJsonString());
        return 0;
    }

    private static JsonArray Json(IEnumerable<Hop> hops) => new([.. hops.Select(hop => (JsonNode)hop.ToJson())]);
}

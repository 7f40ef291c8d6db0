using System.Globalization;
using System.Text.Json.Nodes;
using Tapline.Agent;
using Tapline.Commands;
using Tapline.Wire.Namespaces;
using Tapline.Wire.Ovs;

namespace Tapline.Demo;

/// <summary>Runs on a lab's host: captures on all its devices and outside, and counts at all its switch ports, while the demo pings; then tells the ways of one ping and its reply.</summary>
internal static class WalkRecorder
{
    public const string Ready = "ready";

    /// <summary>The member that tells what of the ways could not be shown.</summary>
    public const string Gaps = "gaps";

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
        await using var client = await OvsdbClient.ConnectAsync($"{HostCommands.OvsRunDirectory}/db.sock", cancellationToken).ConfigureAwait(false);
        var mirror = await OvsdbMirror.StartAsync(client, cancellationToken).ConfigureAwait(false);
        var control = Unixctl.Find(HostCommands.OvsRunDirectory) ?? throw new CommandException("ovs-vswitchd's control socket was not found");
        var bridges = mirror.Current.Bridges.Select(bridge => bridge.Name).ToList();
        var before = await SwitchCounters.ReadAsync(HostCommands.OvsRunDirectory, control, bridges, cancellationToken).ConfigureAwait(false);
        Console.WriteLine(Ready);
        var sequence = int.Parse(await Console.In.ReadLineAsync(cancellationToken).ConfigureAwait(false) ?? "1", CultureInfo.InvariantCulture);
        await Task.Delay(50, cancellationToken).ConfigureAwait(false); // what the last device saw is still on its way to us
        var after = await SwitchCounters.ReadAsync(HostCommands.OvsRunDirectory, control, bridges, cancellationToken).ConfigureAwait(false);
        await capture.StopAsync().ConfigureAwait(false);

        var view = new SwitchView(mirror.Current, before, after);
        async Task<IReadOnlyList<Crossing>> Trace(string bridge, string device, byte[] frame) => SwitchView.CrossingsIn(await Unixctl.CallAsync(
            control, "ofproto/trace", ["--names", bridge, $"in_port={device}", Convert.ToHexStringLower(frame)], cancellationToken).ConfigureAwait(false));
        var request = await Walk.AssembleAsync(capture.Recorded, sequence, reply: false, Trace, view).ConfigureAwait(false);
        var reply = await Walk.AssembleAsync(capture.Recorded, sequence, reply: true, Trace, view).ConfigureAwait(false);
        Console.WriteLine(new JsonObject
        {
            ["request"] = Json(request),
            ["reply"] = Json(reply),
            [Gaps] = new JsonArray([.. request.Gaps.Concat(reply.Gaps).Select(gap => (JsonNode)JsonValue.Create(gap))]),
        }.ToJsonString());
        return 0;
    }

    private static JsonArray Json(Walk walk) => new([.. walk.Hops.Select(hop => (JsonNode)hop.ToJson())]);
}

using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Tapline.Agent;
using Tapline.Clouds;
using Tapline.Commands;
using Tapline.Core.Model;
using Tapline.Core.Planning;
using Tapline.Core.Primitives;
using Tapline.Labs;

namespace Tapline.Demo;

/// <summary>The whole story, told in a lab of its own: a network is asked for, an instance pings out, is pinged back, and the ways are shown.</summary>
internal sealed class DemoRun(string labName, bool keep, Action<string> tell)
{
    private const string Gateway = "10.1.0.1";
    private const string Far = "198.51.100.1";
    private const int Pings = 3;
    private const int ClosedPort = 8080;
    private const int FullPayload = 1500 - 20 - 8; // what fits behind the IPv4 and ICMP headers

    private readonly List<DemoCheck> _checks = [];
    private readonly JsonObject _ping = [];
    private readonly JsonObject _walk = [];
    private LabEntry? _lab;
    private IReadOnlyList<string> _instance = [];

    public bool Ok => _checks.Count == 8 && _checks.TrueForAll(check => check.Ok);

    public async Task<JsonObject> RunAsync(CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var result = new JsonObject { ["ok"] = false, ["lab"] = labName };
        try
        {
            tell($"lab '{labName}': a host, a server and an outside, in namespaces of their own");
            _lab = await Lab.UpAsync(labName, cancellationToken).ConfigureAwait(false);
            result["api_url"] = _lab.ApiUrl;
            using var cloud = new CloudClient(LabAccess.Of(_lab));
            await TellStoryAsync(cloud, result, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await CleanUpAsync().ConfigureAwait(false);
        }

        result["ping"] = _ping;
        result["walk"] = _walk;
        result["checks"] = new JsonArray([.. _checks.Select(check => (JsonNode)check.ToJson())]);
        result["took_ms"] = clock.ElapsedMilliseconds;
        result["ok"] = Ok;
        return result;
    }

    private async Task TellStoryAsync(CloudClient cloud, JsonObject result, CancellationToken cancellationToken)
    {
        tell("network 192.168.1.0/24, router to 'public', security group with ICMP and SSH");
        var demo = await DemoCloud.MakeAsync(cloud, cancellationToken).ConfigureAwait(false);
        var clock = Stopwatch.StartNew();
        tell("instance 'web'");
        var instance = await demo.StartInstanceAsync(cancellationToken).ConfigureAwait(false);
        var id = (string)instance["id"]!;
        _instance = await InInstanceAsync(id, cancellationToken).ConfigureAwait(false);
        await CheckAsync("dhcp", $"web gets {DemoCloud.FixedIp} by DHCP", clock, () => HasAddressAsync(cancellationToken)).ConfigureAwait(false);
        await CheckPingOutAsync(cancellationToken).ConfigureAwait(false);
        await CheckAsync("ping-far", $"web pings {Far}, which lies behind", Stopwatch.StartNew(), async () =>
            (await PingAsync(_instance, ["-c", "2", "-i", "0.1", Far], cancellationToken).ConfigureAwait(false)).AllAnswered).ConfigureAwait(false);
        await CheckAsync("ping-mtu", "… with packets of the full 1500 bytes, unfragmented", Stopwatch.StartNew(), async () =>
            (await PingAsync(_instance, ["-c", "2", "-i", "0.1", "-M", "do", "-s", FullPayload.ToString(CultureInfo.InvariantCulture), Far], cancellationToken)
                .ConfigureAwait(false)).AllAnswered).ConfigureAwait(false);
        var floating = await demo.MakeFloatingIpAsync(cancellationToken).ConfigureAwait(false);
        await CheckPingInAsync(floating, cancellationToken).ConfigureAwait(false);
        await CheckPortsAsync(floating, cancellationToken).ConfigureAwait(false);
        await DescribeAsync(result, demo, instance, floating, cancellationToken).ConfigureAwait(false);
    }

    private Task CheckPingOutAsync(CancellationToken cancellationToken) =>
        CheckAsync("ping-out", $"web pings {Gateway} outside", Stopwatch.StartNew(), async () =>
        {
            var (ping, walk) = await RecordAsync(_instance, Gateway, cancellationToken).ConfigureAwait(false);
            (_ping["out"], _walk["out"]) = (ping.ToJson(), walk);
            return ping.AllAnswered && IsWhole(walk);
        });

    private async Task CheckPingInAsync(string floating, CancellationToken cancellationToken)
    {
        var outside = await LabAccess.EnterAsync(_lab!, LabInit.OutsideName, [], cancellationToken).ConfigureAwait(false);
        await CheckAsync("floating-ip-in", $"the outside pings web at its floating IP {floating}", Stopwatch.StartNew(), async () =>
        {
            await UntilAsync(async () => (await PingAsync(outside, ["-c", "1", "-W", "1", floating], cancellationToken).ConfigureAwait(false)).AllAnswered, cancellationToken)
                .ConfigureAwait(false);
            var (ping, walk) = await RecordAsync(outside, floating, cancellationToken).ConfigureAwait(false);
            (_ping["in"], _walk["in"]) = (ping.ToJson(), walk);
            return ping.AllAnswered && IsWhole(walk);
        }).ConfigureAwait(false);
    }

    /// <summary>Both ports are listened on; only what the security group opens may answer.</summary>
    private async Task CheckPortsAsync(string floating, CancellationToken cancellationToken)
    {
        var outside = await LabAccess.EnterAsync(_lab!, LabInit.OutsideName, [], cancellationToken).ConfigureAwait(false);
        using var closed = Listen(ClosedPort);
        using var open = Listen(22);
        try
        {
            await UntilAsync(() => ConnectsAsync(_instance, "127.0.0.1", ClosedPort, cancellationToken), cancellationToken).ConfigureAwait(false);
            await UntilAsync(() => ConnectsAsync(_instance, "127.0.0.1", 22, cancellationToken), cancellationToken).ConfigureAwait(false);
            await CheckAsync("closed-port", $"port {ClosedPort}, which the security group does not open, stays closed", Stopwatch.StartNew(), async () =>
                !await ConnectsAsync(outside, floating, ClosedPort, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
            await CheckAsync("open-port", "port 22, which it opens, answers", Stopwatch.StartNew(), () =>
                ConnectsAsync(outside, floating, 22, cancellationToken)).ConfigureAwait(false);
        }
        finally
        {
            closed.Kill();
            open.Kill();
        }
    }

    private Process Listen(int port)
    {
        string[] command = [.. _instance, "timeout", "20", "busybox", "nc", "-ll", "-p", port.ToString(CultureInfo.InvariantCulture), "-e", "true"];
        return Process.Start(new ProcessStartInfo(command[0], command.Skip(1)) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
    }

    private static async Task<bool> ConnectsAsync(IReadOnlyList<string> from, string address, int port, CancellationToken cancellationToken)
    {
        string[] command = [.. from, "busybox", "nc", "-w", "1", address, port.ToString(CultureInfo.InvariantCulture)];
        return (await Shell.RunAsync(command, cancellationToken).ConfigureAwait(false)).ExitCode == 0;
    }

    private async Task<bool> HasAddressAsync(CancellationToken cancellationToken)
    {
        await UntilAsync(async () =>
        {
            var shown = await Shell.RunAsync([.. _instance, "ip", "-4", "addr", "show", "dev", "eth0"], cancellationToken).ConfigureAwait(false);
            var routes = await Shell.RunAsync([.. _instance, "ip", "route"], cancellationToken).ConfigureAwait(false);
            return shown.Text.Contains($" {DemoCloud.FixedIp}/24 ", StringComparison.Ordinal) && routes.Text.Contains("default via", StringComparison.Ordinal);
        }, cancellationToken).ConfigureAwait(false);
        return true;
    }

    private async Task<IReadOnlyList<string>> InInstanceAsync(string id, CancellationToken cancellationToken) =>
        await LabAccess.EnterAsync(_lab!, LabInit.HostName,
            InstanceEntry.Command(new HostPaths(HostCommands.DefaultState, HostCommands.OvsRunDirectory), id), cancellationToken).ConfigureAwait(false);

    private static async Task<PingResult> PingAsync(IReadOnlyList<string> from, IEnumerable<string> arguments, CancellationToken cancellationToken) =>
        PingResult.Parse((await Shell.RunAsync([.. from, "ping", "-n", .. arguments], cancellationToken).ConfigureAwait(false)).Text);

    /// <summary>Pings while every device of the host and outside is listened on; the last ping's way is told, when every table has learned.</summary>
    private async Task<(PingResult Ping, JsonObject Walk)> RecordAsync(IReadOnlyList<string> from, string target, CancellationToken cancellationToken)
    {
        var description = await Lab.DescribeAsync(_lab!, cancellationToken).ConfigureAwait(false);
        var outside = (int)description["hosts"]!.AsArray().First(host => (string?)host!["name"] == LabInit.OutsideName)!["pid"]!;
        var init = ProcessTable.ChildrenOf(_lab!.Pid).First();
        var inner = ProcessTable.NumbersIn(init).First(pair => pair.Value == outside).Key;
        var command = await LabAccess.EnterAsync(_lab!, LabInit.HostName,
            [Self.Executable, "lab-walk", inner.ToString(CultureInfo.InvariantCulture)], cancellationToken).ConfigureAwait(false);
        using var recorder = Process.Start(new ProcessStartInfo(command[0], command.Skip(1))
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        if (await recorder.StandardOutput.ReadLineAsync(cancellationToken).ConfigureAwait(false) != WalkRecorder.Ready)
        {
            throw new CommandException("the capture on the host's devices did not start");
        }

        var ping = await PingAsync(from, ["-c", Pings.ToString(CultureInfo.InvariantCulture), "-i", "0.1", "-W", "1", target], cancellationToken).ConfigureAwait(false);
        await recorder.StandardInput.WriteLineAsync(Pings.ToString(CultureInfo.InvariantCulture)).ConfigureAwait(false);
        recorder.StandardInput.Close();
        var json = await recorder.StandardOutput.ReadToEndAsync(cancellationToken).ConfigureAwait(false);
        await recorder.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        return (ping, JsonNode.Parse(json)?.AsObject() ?? throw new CommandException("the capture on the host's devices told nothing"));
    }

    /// <summary>What the recorder could not show is no part of the walk: it is told, and fails the check.</summary>
    private static bool IsWhole(JsonObject walk)
    {
        walk.Remove(WalkRecorder.Gaps, out var gaps);
        return gaps is JsonArray { Count: > 0 } ? throw new CommandException(string.Join("; ", gaps.AsArray())) : true;
    }

    private static async Task DescribeAsync(JsonObject result, DemoCloud demo, JsonObject instance, string floating, CancellationToken cancellationToken)
    {
        var port = await demo.PortAsync(cancellationToken).ConfigureAwait(false);
        var id = Id<Port>.Parse(demo.PortId);
        var (inside, outside) = await demo.RouterPortsAsync(cancellationToken).ConfigureAwait(false);
        result["instance"] = new JsonObject
        {
            ["name"] = "web",
            ["id"] = (string)instance["id"]!,
            ["port_id"] = demo.PortId,
            ["mac"] = (string)port["mac_address"]!,
            ["fixed_ip"] = DemoCloud.FixedIp,
            ["floating_ip"] = floating,
            ["host"] = (string)port["binding:host_id"]!,
            ["tap"] = Names.Tap(id),
            ["qbr"] = Names.Qbr(id),
            ["qvb"] = Names.Qvb(id),
            ["qvo"] = Names.Qvo(id),
        };
        result["router"] = new JsonObject
        {
            ["id"] = (string)demo.Router["id"]!,
            ["namespace"] = Names.RouterNamespace(Id<Router>.Parse((string)demo.Router["id"]!)),
            ["qr"] = Names.Qr(Id<Port>.Parse(inside)),
            ["qg"] = Names.Qg(Id<Port>.Parse(outside)),
        };
    }

    private async Task CleanUpAsync()
    {
        var clock = Stopwatch.StartNew();
        if (keep && _lab is not null)
        {
            _checks.Add(new DemoCheck("clean-up", true, 0, "kept"));
            return;
        }

        if (_lab is not null)
        {
            await Lab.DownAsync(_lab, CancellationToken.None).ConfigureAwait(false);
        }

        var gone = LabRegistry.Find(labName) is null && (_lab is null || ProcessTable.StartOf(_lab.Pid) != _lab.Started);
        _checks.Add(new DemoCheck("clean-up", gone, clock.ElapsedMilliseconds, ""));
        tell($"{(gone ? "ok  " : "FAIL")}  everything is gone again  ({clock.ElapsedMilliseconds} ms)");
    }

    private async Task CheckAsync(string name, string what, Stopwatch clock, Func<Task<bool>> holds)
    {
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

    private static async Task UntilAsync(Func<Task<bool>> condition, CancellationToken cancellationToken)
    {
        var limit = Stopwatch.StartNew();
        while (!await condition().ConfigureAwait(false))
        {
            if (limit.Elapsed > TimeSpan.FromSeconds(15))
            {
                throw new CommandException("not so within 15 s");
            }

            await Task.Delay(20, cancellationToken).ConfigureAwait(false);
        }
    }
}

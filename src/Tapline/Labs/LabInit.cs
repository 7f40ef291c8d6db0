using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Tapline.Wire.Namespaces;
using Tapline.Wire.Netlink;

namespace Tapline.Labs;

/// <summary>The lab's supervisor, inside its namespaces: lays out the hosts, starts the services, starts again what is killed.</summary>
internal sealed class LabInit(string directory, int port)
{
    public const string HostName = "host1";
    public const string OutsideName = "outside";
    private const string FeedSocket = "feed/feed.sock";

    private readonly LabPaths _paths = new(directory);
    private readonly Dictionary<string, int> _holders = [];
    private readonly List<LabService> _services = [];
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        await PrepareStateAsync(cancellationToken).ConfigureAwait(false);
        var control = LabControl.ServeAsync(_paths.Control, AnswerAsync, cancellationToken);
        await Task.WhenAll(HoldAsync(OutsideName, cancellationToken), HoldAsync(HostName, cancellationToken)).ConfigureAwait(false);
        ConnectOutside();
        await StartServicesAsync(cancellationToken).ConfigureAwait(false);
        await LabPublicNetwork.MakeAsync(port, Path.Combine(_paths.ServerData, "clouds.yaml"), cancellationToken).ConfigureAwait(false);
        _ready.SetResult();
        await control.ConfigureAwait(false);
        return 0;
    }

    private async Task PrepareStateAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(_paths.State);
        await Shell.RequireAsync(["mount", "-t", "tmpfs", "-o", "mode=0700", "tmpfs", _paths.State], cancellationToken).ConfigureAwait(false);
        Directory.CreateDirectory(_paths.Logs);
    }

    /// <summary>A process that keeps a host's network and mount namespace; the host's own /run and /sys are in it.</summary>
    private async Task HoldAsync(string host, CancellationToken cancellationToken)
    {
        const string script = "mount -t tmpfs -o mode=0755 tmpfs /run && mkdir -p /run/netns /run/openvswitch && mount -t sysfs sysfs /sys; "
            + "ip link set lo up && echo held && exec sleep infinity";
        var start = new ProcessStartInfo("unshare", ["--net", .. MountNamespace.Options, "sh", "-c", script]) { UseShellExecute = false, RedirectStandardOutput = true };
        var process = Process.Start(start) ?? throw new CommandException("unshare did not start");
        if (await process.StandardOutput.ReadLineAsync(cancellationToken).ConfigureAwait(false) != "held")
        {
            throw new CommandException($"the namespaces of {host} could not be made");
        }

        lock (_holders)
        {
            _holders[host] = process.Id;
        }
    }

    /// <summary>eth1 of the host to ext0 outside, where 10.1.0.1 answers and 198.51.100.1 lies behind it.</summary>
    private void ConnectOutside()
    {
        using var host = NetNamespace.Open($"/proc/{_holders[HostName]}/ns/net");
        using var outside = NetNamespace.Open($"/proc/{_holders[OutsideName]}/ns/net");
        using var onHost = RouteSocket.Open(host);
        using var onOutside = RouteSocket.Open(outside);
        onHost.AddVeth("eth1", "ext0", outside, null, null, 1500, 1500);
        Sysctl.Write(host, "net/ipv6/conf/eth1/disable_ipv6", "1");
        Offload.TransmitOff(host, "eth1");
        Offload.TransmitOff(outside, "ext0");
        onHost.SetLink("eth1", new LinkChange { Up = true });
        onOutside.SetLink("ext0", new LinkChange { Up = true });
        onOutside.AddAddress("ext0", IPAddress.Parse("10.1.0.1"), 16);
        onOutside.AddAddress("lo", IPAddress.Parse("198.51.100.1"), 32);
    }

    private async Task StartServicesAsync(CancellationToken cancellationToken)
    {
        var database = _paths.OvsDatabase(HostName);
        await Shell.RequireAsync(["ovsdb-tool", "create", database, "/usr/share/openvswitch/vswitch.ovsschema"], cancellationToken).ConfigureAwait(false);
        var hasTun = Commands.Datapath.CanOpenTun();
        string[] userspace = hasTun ? ["--disable-system"] : ["--disable-system", "--enable-dummy"];
        Add("", "server", [Self.Executable, "server", "--data", _paths.ServerData, "--listen", $"127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}"]);
        Add(HostName, "ovsdb-server",
            ["ovsdb-server", database, "--remote=punix:/run/openvswitch/db.sock", "--pidfile=/run/openvswitch/ovsdb-server.pid", "-vconsole:warn", "-vfile:off"]);
        await UntilAsync(() => File.Exists($"/proc/{_holders[HostName]}/root/run/openvswitch/db.sock"), "ovsdb-server", cancellationToken).ConfigureAwait(false);
        await Shell.RequireAsync([.. Enter(HostName), "ovs-vsctl", "--no-wait", "--db=unix:/run/openvswitch/db.sock", "init"], cancellationToken)
            .ConfigureAwait(false);
        Add(HostName, "ovs-vswitchd",
            ["ovs-vswitchd", "unix:/run/openvswitch/db.sock", .. userspace, "--pidfile=/run/openvswitch/ovs-vswitchd.pid", "-vconsole:warn", "-vfile:off"]);
        Add(HostName, "agent",
            [Self.Executable, "agent", "--name", HostName, "--feed", Path.Combine(_paths.ServerData, FeedSocket), "--bridge-mapping", "physnet1:br-eth1:eth1",
                "--datapath", hasTun ? "netdev" : "dummy"]);
        await UntilAsync(() => File.Exists(Path.Combine(_paths.ServerData, "clouds.yaml")), "server", cancellationToken).ConfigureAwait(false);
    }

    private void Add(string host, string service, string[] command) =>
        _services.Add(new LabService(host, service, host.Length > 0 ? [.. Enter(host), .. command] : command,
            _paths.Log(host.Length > 0 ? $"{host}-{service}" : service)));

    /// <summary>With --root: in a chroot a mount namespace's own root is not ours.</summary>
    private string[] Enter(string host) =>
        ["nsenter", "-t", _holders[host].ToString(CultureInfo.InvariantCulture), "--net", "--mount", "--root", "--wd=/", "--"];

    private static async Task UntilAsync(Func<bool> condition, string what, CancellationToken cancellationToken)
    {
        for (var i = 0; i < 1500; i++)
        {
            if (condition())
            {
                return;
            }

            await Task.Delay(10, cancellationToken).ConfigureAwait(false);
        }

        throw new CommandException($"{what} did not come up within 15 s");
    }

    private async Task<JsonObject> AnswerAsync(JsonObject request, CancellationToken cancellationToken)
    {
        switch ((string?)request["do"])
        {
            case "wait-ready":
                await _ready.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
                return new JsonObject { ["ready"] = true };
            case "status":
                return new JsonObject
                {
                    ["hosts"] = new JsonArray([.. _holders.Select(pair => (JsonNode)new JsonObject { ["name"] = pair.Key, ["pid"] = pair.Value })]),
                    ["services"] = new JsonArray([.. _services.Select(service => (JsonNode)service.Describe())]),
                };
            case "kill" or "stop" or "start":
                Find((string?)request["host"] ?? "", (string?)request["service"] ?? "").Do((string)request["do"]!);
                return new JsonObject { ["ok"] = true };
            default:
                throw new CommandException("the lab does not know that request");
        }
    }

    private LabService Find(string host, string service) =>
        _services.Find(item => item.Service == service && (item.Host == host || item.Host.Length == 0))
        ?? throw new CommandException(
            $"no service '{service}' on '{host}'; there are: {string.Join(", ", _services.Select(item => $"{(item.Host.Length > 0 ? item.Host : HostName)} {item.Service}"))}");
}

using System.Globalization;
using System.Text.RegularExpressions;
using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;
using Tapline.Wire.Ovs;

namespace Tapline.Agent.Reading;

/// <summary>Open vSwitch by its database, its daemon's control socket and, for flows in its own words, by ovs-ofctl.</summary>
internal sealed partial class SwitchReader(string runDirectory, Unread unread)
{
    private static readonly TimeSpan DatabaseLimit = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan DaemonLimit = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan StoppedLimit = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(4);
    private static readonly string[] Usual = ["/run/openvswitch", "/var/run/openvswitch"];

    /// <summary>OpenFlow 1.0 alone tells of NO_FLOOD; later versions alone of groups and several tables.</summary>
    private const string LaterVersions = "OpenFlow15,OpenFlow14,OpenFlow13,OpenFlow12,OpenFlow11";

    private readonly string? _directory = new[] { runDirectory, Environment.GetEnvironmentVariable("OVS_RUNDIR") ?? "" }.Concat(Usual)
        .FirstOrDefault(directory => directory.Length > 0 && Directory.Exists(directory));

    /// <summary>Null where there is none, or its database does not answer (which is said).</summary>
    public async Task<ObservedSwitch?> ReadAsync(CancellationToken cancellationToken)
    {
        if (_directory is null)
        {
            return null;
        }

        var database = await unread.TryAsync<OvsdbSnapshot?>(
            "Open vSwitch's database", null, async () => await ReadDatabaseAsync(cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        if (database is null)
        {
            return null;
        }

        var (version, socket) = await FindDaemonAsync(cancellationToken).ConfigureAwait(false);
        var bridges = await Task.WhenAll(database.Bridges.OrderBy(bridge => bridge.Name, StringComparer.Ordinal)
            .Select(bridge => ReadBridgeAsync(database, bridge, socket, cancellationToken))).ConfigureAwait(false);
        return new ObservedSwitch
        {
            Version = version ?? database.Configuration?.GetString("ovs_version") ?? "",
            DaemonAnswers = socket is not null,
            Bridges = bridges.ToValueList(),
        };
    }

    private async Task<OvsdbSnapshot> ReadDatabaseAsync(CancellationToken cancellationToken)
    {
        using var limit = Within(DatabaseLimit, cancellationToken);
        var client = await OvsdbClient.ConnectAsync(Path.Combine(_directory!, "db.sock"), limit.Token).ConfigureAwait(false);
        await using (client.ConfigureAwait(false))
        {
            return await SwitchDatabase.ReadAsync(client, limit.Token).ConfigureAwait(false);
        }
    }

    /// <summary>Its version and control socket, or nulls where it does not answer.</summary>
    private async Task<(string? Version, string? Socket)> FindDaemonAsync(CancellationToken cancellationToken)
    {
        if (Unixctl.Find(_directory!) is not { } socket)
        {
            unread.Add("Open vSwitch's flows: ovs-vswitchd does not run");
            return (null, null);
        }

        var patience = IsStopped(socket) ? StoppedLimit : DaemonLimit;
        try
        {
            using var limit = Within(patience, cancellationToken);
            var text = await Unixctl.CallAsync(socket, "version", [], limit.Token).ConfigureAwait(false);
            return (Version().Match(text) is { Success: true } match ? match.Value : text.Trim(), socket);
        }
        catch (Exception error) when (error is UnixctlException || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            unread.Add($"Open vSwitch's flows: ovs-vswitchd does not answer{(error is UnixctlException ? $": {error.Message}" : $" within {patience.TotalMilliseconds} ms")}");
            return (null, null);
        }
    }

    /// <summary>The socket's name has the daemon's process id, which may be of another pid namespace: then patience is the greater one.</summary>
    private static bool IsStopped(string socket)
    {
        try
        {
            var status = File.ReadAllText($"/proc/{Path.GetFileName(socket).Split('.')[1]}/stat");
            return status.Contains("(ovs-vswitchd) T ", StringComparison.Ordinal);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private async Task<ObservedBridgeOfSwitch> ReadBridgeAsync(
        OvsdbSnapshot database, OvsRow row, string? socket, CancellationToken cancellationToken)
    {
        var bridge = SwitchDatabase.Bridge(database, row);
        if (socket is null)
        {
            return bridge;
        }

        var fdb = unread.TryAsync(
            $"learned addresses of {bridge.Name}", "", () => CallAsync(socket, "fdb/show", bridge.Name, cancellationToken), cancellationToken);
        bridge = Programs.Find("ovs-ofctl") is { } program ? await WithFlowsAsync(bridge, program, cancellationToken).ConfigureAwait(false) : WithoutFlows(bridge);
        return bridge with { Fdb = Learned(await fdb.ConfigureAwait(false), bridge) };
    }

    private static async Task<string> CallAsync(string socket, string method, string argument, CancellationToken cancellationToken)
    {
        using var limit = Within(AnswerLimit, cancellationToken);
        return await Unixctl.CallAsync(socket, method, [argument], limit.Token).ConfigureAwait(false);
    }

    private ObservedBridgeOfSwitch WithoutFlows(ObservedBridgeOfSwitch bridge)
    {
        unread.Add("Open vSwitch's flows: ovs-ofctl is not installed");
        return bridge;
    }

    private async Task<ObservedBridgeOfSwitch> WithFlowsAsync(ObservedBridgeOfSwitch bridge, string program, CancellationToken cancellationToken)
    {
        var target = $"unix:{Path.Combine(_directory!, $"{bridge.Name}.mgmt")}";
        Task<ValueList<string>> LinesAsync(string what, string command) => OwnThread.Run(() => unread.Try<ValueList<string>>($"{what} of {bridge.Name}", [], () =>
            Programs.Run(program, ["--timeout=4", "--names", "-O", LaterVersions, command, target]).Split('\n')
                .Where(line => line.Contains('=', StringComparison.Ordinal) && !IsHead(line)).Select(line => line.Trim()).ToValueList()));

        var ports = OwnThread.Run(() => WithConfig(bridge, program, target)); // both wait for ovs-vswitchd, which takes its time
        var flows = await LinesAsync("flows", "dump-flows").ConfigureAwait(false);
        var names = flows.Any(flow => flow.Contains("group:", StringComparison.Ordinal));
        var meters = flows.Any(flow => flow.Contains("meter:", StringComparison.Ordinal));
        return bridge with
        {
            Flows = flows,
            Groups = names ? await LinesAsync("groups", "dump-groups").ConfigureAwait(false) : [],
            Extras = meters ? [.. bridge.Extras, .. await LinesAsync("meters", "dump-meters").ConfigureAwait(false)] : bridge.Extras,
            Ports = await ports.ConfigureAwait(false),
        };
    }

    /// <summary><c>OFPST_FLOW reply (OF1.5) (xid=0x4):</c></summary>
    private static bool IsHead(string line) => line.StartsWith("OFPST_", StringComparison.Ordinal) || line.StartsWith("NXST_", StringComparison.Ordinal);

    /// <summary>What stops frames at ports; of bridges that refuse OpenFlow 1.0, what later versions tell.</summary>
    private ValueList<ObservedPort> WithConfig(ObservedBridgeOfSwitch bridge, string program, string target)
    {
        string Show(string version) => Programs.Run(program, "--timeout=4", "-O", version, "show", target);
        var text = unread.Try($"port settings of {bridge.Name}", "", () =>
        {
            try
            {
                return Show("OpenFlow10");
            }
            catch (IOException)
            {
                return Show(LaterVersions);
            }
        });
        var settings = new Dictionary<string, ValueList<string>>(StringComparer.Ordinal);
        var port = "";
        foreach (var line in text.Split('\n'))
        {
            if (PortHead().Match(line) is { Success: true } head)
            {
                port = head.Groups[1].Value;
            }
            else if (line.TrimStart().StartsWith("config:", StringComparison.Ordinal))
            {
                settings[port] = line.Trim()["config:".Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(word => word != "0").ToValueList();
            }
        }

        return bridge.Ports.Select(item => item with
        {
            Interfaces = item.Interfaces.Select(device => settings.TryGetValue(device.Name, out var config) ? device with { Config = config } : device)
                .ToValueList(),
        }).ToValueList();
    }

    /// <summary>Lines of <c>port VLAN MAC Age</c>; ports by number, the bridge's own as LOCAL.</summary>
    private static ValueList<LearnedMac> Learned(string text, ObservedBridgeOfSwitch bridge)
    {
        var names = bridge.Ports.SelectMany(port => port.Interfaces).Where(item => item.Ofport is > 0)
            .GroupBy(item => item.Ofport!.Value.ToString(CultureInfo.InvariantCulture)).ToDictionary(group => group.Key, group => group.First().Name);
        return
        [
            .. from line in text.Split('\n')
               let words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
               where words.Length >= 4 && MacAddress.TryParse(words[2], out _) && int.TryParse(words[1], out _)
               select new LearnedMac(
                   words[0] == "LOCAL" ? bridge.Name : names.GetValueOrDefault(words[0], words[0]), int.Parse(words[1], CultureInfo.InvariantCulture),
                   MacAddress.Parse(words[2]), int.TryParse(words[3], out var age) ? age : 0),
        ];
    }

    private static CancellationTokenSource Within(TimeSpan limit, CancellationToken cancellationToken)
    {
        var source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        source.CancelAfter(limit);
        return source;
    }

    [GeneratedRegex(@"\d+(\.\d+)+")]
    private static partial Regex Version();

    [GeneratedRegex(@"^ (?:\w+)\(([^)]+)\): addr:")]
    private static partial Regex PortHead();
}

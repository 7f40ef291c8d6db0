using System.Diagnostics;
using Tapline.Core.Host;
using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;
using Tapline.HostTests.Wire;
using Tapline.Wire.Ovs;

namespace Tapline.HostTests.Doctor;

/// <summary>Lays a generated switch out in a real ovs-vswitchd, and reads back what is there.</summary>
internal sealed class LiveSwitch(PrivateOvs ovs)
{
    private readonly string _control = Unixctl.Find(ovs.RunDirectory) ?? throw new InvalidOperationException("ovs-vswitchd has no control socket");
    private readonly Dictionary<string, string> _versions = [];
    private string[] _bridges = [];

    /// <summary>Flows that ovs-ofctl refused: they are left out on both sides.</summary>
    internal int Refused { get; private set; }

    /// <summary>What was laid out, with its flows as ovs-vswitchd tells them itself or as ovs-ofctl translates them.</summary>
    internal async Task<ObservedSwitch> LayOutAsync(SwitchLayout layout, bool translated)
    {
        // In two steps: a bridge that is deleted and added in one keeps its groups.
        await RunAsync("ovs-vsctl", "", [$"--db=unix:{ovs.Socket}", "-t5", .. _bridges.SelectMany(name => new[] { "--", "del-br", name })]);
        await RunAsync("ovs-vsctl", "", [$"--db=unix:{ovs.Socket}", "-t5", .. layout.Bridges.SelectMany(Rows)]);
        _bridges = [.. layout.Bridges.Select(bridge => bridge.Name)];
        foreach (var bridge in layout.Bridges)
        {
            var management = Management(bridge.Name);
            await MustAsync("ovs-ofctl", string.Join('\n', bridge.Groups) + "\n", ["-O", "OpenFlow15", "add-groups", management, "-"]);
            await AddFlowsAsync(management, [.. bridge.Flows]);
            foreach (var port in bridge.Ports.Where(port => port.Config.Length > 0))
            {
                await MustAsync("ovs-ofctl", "", ["mod-port", management, port.Name, port.Config]);
            }

            foreach (var entry in bridge.Fdb)
            {
                try
                {
                    await Unixctl.CallAsync(_control, "fdb/add", [bridge.Name, .. entry.Split(' ')], CancellationToken.None);
                }
                catch (UnixctlException)
                {
                    // Not every kind of port can be given an address by hand; what counts is what fdb/show shows then.
                }
            }
        }

        var numbers = await NumbersAsync();
        var seen = new List<ObservedBridgeOfSwitch>();
        foreach (var bridge in layout.Bridges)
        {
            seen.Add(await ObserveAsync(bridge, numbers, translated));
        }

        return new ObservedSwitch { DaemonAnswers = true, Version = "3.1", Bridges = seen.ToValueList() };
    }

    internal Task<string> TraceAsync(string bridge, string question) => Unixctl.CallAsync(_control, "ofproto/trace", "--names", bridge, question);

    private static IEnumerable<string> Rows(BridgeLayout bridge) =>
    [
        "--", "add-br", bridge.Name, "--", "set", "Bridge", bridge.Name, "datapath_type=dummy", "fail_mode=secure",
        .. bridge.Ports.SelectMany(port => new[] { "--", "add-port", bridge.Name, port.Name }.Concat(port.Port)
            .Concat(["--", "set", "Interface", port.Name]).Concat(port.Interface)),
    ];

    private string Management(string bridge) => $"unix:{Path.Combine(ovs.RunDirectory, bridge + ".mgmt")}";

    /// <summary>ovs-ofctl takes all or nothing: then one by one, and those that it does not like stay out.</summary>
    private async Task AddFlowsAsync(string management, IReadOnlyList<string> flows)
    {
        string[] newer = ["push_vlan", "goto_table", "group:", "write_actions"];
        var version = flows.Any(flow => newer.Any(word => flow.Contains(word, StringComparison.Ordinal))) ? "OpenFlow14" : "OpenFlow10";
        _versions[management] = version;
        var (code, _, _) = await RunAsync("ovs-ofctl", string.Join('\n', flows) + "\n", ["-O", version, "add-flows", management, "-"]);
        if (code == 0)
        {
            return;
        }

        foreach (var flow in flows)
        {
            var (one, _, _) = await RunAsync("ovs-ofctl", "", ["-O", version, "add-flow", management, flow]);
            Refused += one == 0 ? 0 : 1;
        }
    }

    private async Task<Dictionary<string, int>> NumbersAsync()
    {
        var numbers = new Dictionary<string, int>();
        foreach (var words in (await Unixctl.CallAsync(_control, "dpif/show")).Split('\n').Select(line => line.Trim().Split(' ')))
        {
            if (words is [var name, var number, ..] && number.EndsWith(':') && number.Contains('/'))
            {
                numbers[name] = int.Parse(number.Split('/')[0]);
            }
        }

        return numbers;
    }

    private async Task<ObservedBridgeOfSwitch> ObserveAsync(BridgeLayout bridge, Dictionary<string, int> numbers, bool translated)
    {
        var management = Management(bridge.Name);
        var flows = translated
            ? await MustAsync("ovs-ofctl", "", ["-O", _versions[management], "--names", "dump-flows", management])
            : await Unixctl.CallAsync(_control, "bridge/dump-flows", bridge.Name);
        var groups = await MustAsync("ovs-ofctl", "", ["-O", "OpenFlow14", "--names", "dump-groups", management]);
        var fdb = await Unixctl.CallAsync(_control, "fdb/show", bridge.Name);
        return new ObservedBridgeOfSwitch
        {
            Name = bridge.Name,
            DatapathType = "dummy",
            FailMode = "secure",
            Ports = bridge.Ports.Select(port => Port(port, numbers.GetValueOrDefault(port.Name, -1)))
                .Append(Port(new PortLayout(bridge.Name, [], ["type=internal"], ""), 65534)).ToValueList(),
            Flows = flows.Split('\n').Where(line => line.Contains("actions=", StringComparison.Ordinal)).ToValueList(),
            Groups = groups.Split('\n').Where(line => line.Contains("group_id=", StringComparison.Ordinal)).ToValueList(),
            Fdb = fdb.Split('\n').Skip(1).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(words => words.Length == 4)
                .Select(words => new LearnedMac(words[0], int.Parse(words[1]), MacAddress.Parse(words[2]), 0)).ToValueList(),
        };
    }

    private static ObservedPort Port(PortLayout port, int number)
    {
        string? Column(string name) => port.Port.FirstOrDefault(column => column.StartsWith(name + "=", StringComparison.Ordinal))?[(name.Length + 1)..];
        var peer = port.Interface.FirstOrDefault(column => column.StartsWith("options:peer=", StringComparison.Ordinal))?["options:peer=".Length..];
        List<Setting> other = [];
        if (port.Port.FirstOrDefault(column => column.StartsWith("other_config:priority-tags=", StringComparison.Ordinal)) is { } tags)
        {
            other.Add(new Setting("priority-tags", tags.Split('=')[1]));
        }

        if (Column("protected") is { } isProtected)
        {
            other.Add(new Setting("protected", isProtected));
        }

        return new ObservedPort
        {
            Name = port.Name,
            Tag = Column("tag") is { } tag ? int.Parse(tag) : null,
            Trunks = Column("trunks") is { } trunks ? [.. trunks.Split(',').Select(int.Parse)] : [],
            VlanMode = Column("vlan_mode") ?? "",
            OtherConfig = other.ToValueList(),
            Interfaces =
            [
                new ObservedInterface
                {
                    Name = port.Name,
                    Type = port.Interface[0]["type=".Length..],
                    Ofport = number,
                    LinkState = "up",
                    Options = peer is null ? [] : [new Setting("peer", peer)],
                    Config = port.Config switch { "no-flood" => ["NO_FLOOD"], "no-forward" => ["NO_FWD"], "no-receive" => ["NO_RECV"], _ => [] },
                },
            ],
        };
    }

    private static async Task<string> MustAsync(string program, string input, string[] arguments)
    {
        var (code, output, error) = await RunAsync(program, input, arguments);
        return code == 0 ? output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {error}\n{input}");
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(string program, string input, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }
}

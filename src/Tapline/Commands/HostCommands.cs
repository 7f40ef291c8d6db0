using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tapline.Agent;
using Tapline.Core.Diff;
using Tapline.Core.Host;
using Tapline.Core.Model;
using Tapline.Core.Planning;
using Tapline.Labs;

namespace Tapline.Commands;

/// <summary><c>tapline plan|diff</c> and <c>observe --configured</c>: the wanted host, the seen host, and what is between, read on the spot.</summary>
internal static class HostCommands
{
    public const string DefaultState = "/run/tapline";
    public const string OvsRunDirectory = "/run/openvswitch";

    public static Command Plan() => Make("plan", "what this host has to look like", async (host, slice, cancellationToken) =>
        (await ComputeAsync(host, slice, cancellationToken).ConfigureAwait(false)).Wanted.Items.Values.OrderBy(item => item.Key).Select(HostText.Line));

    /// <summary>What this host looks like, as far as Tapline configures hosts.</summary>
    public static Task<int> ObserveConfiguredAsync(string? lab, string hostName, bool json, CancellationToken cancellationToken) =>
        RunAsync(["observe", "--configured"], lab, hostName, json, async (host, slice, token) =>
            (await ComputeAsync(host, slice, token).ConfigureAwait(false)).Seen.Items.Values.OrderBy(item => item.Key).Select(HostText.Line), cancellationToken);

    public static Command Diff() => Make("diff", "what is between; nothing when converged", async (host, slice, cancellationToken) =>
    {
        var (seen, wanted) = await ComputeAsync(host, slice, cancellationToken).ConfigureAwait(false);
        return HostDiff.Between(seen, wanted).Select(change => change.ToString());
    });

    private static Command Make(string name, string description, Lines lines)
    {
        var (json, lab, hostName) = (Options.Json(), Options.LabName(), Options.HostOfLab());
        var command = new Command(name, description) { json, lab, hostName };
        command.SetAction((parsed, cancellationToken) =>
            RunAsync([name], parsed.GetValue(lab), parsed.GetRequiredValue(hostName), parsed.GetValue(json), lines, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(
        string[] command, string? lab, string hostName, bool json, Lines lines, CancellationToken cancellationToken)
    {
        if (lab is not null)
        {
            string[] again = [Self.Executable, .. command, .. json ? ["--json"] : Array.Empty<string>()];
            var enter = await LabAccess.EnterAsync(Lab.Require(lab), hostName, again, cancellationToken).ConfigureAwait(false);
            return await Shell.RunAttachedAsync(enter, cancellationToken).ConfigureAwait(false);
        }

        var paths = new HostPaths(DefaultState, OvsRunDirectory);
        var slice = File.Exists(paths.Slice)
            ? JsonSerializer.Deserialize(await File.ReadAllBytesAsync(paths.Slice, cancellationToken).ConfigureAwait(false), ModelJson.Default.Slice)!
            : throw new CommandException($"there is no {paths.Slice}: no agent of Tapline has run on this host");
        await using var host = new LinuxHost(paths);
        var result = await lines(host, slice, cancellationToken).ConfigureAwait(false);
        if (json)
        {
            Console.WriteLine(new JsonArray([.. result.Select(line => (JsonNode)JsonValue.Create(line))]).ToJsonString(Output.Indented));
        }
        else
        {
            foreach (var line in result)
            {
                Console.WriteLine(line);
            }
        }

        return 0;
    }

    private static async Task<(HostState Seen, HostState Wanted)> ComputeAsync(LinuxHost host, Slice slice, CancellationToken cancellationToken)
    {
        var seen = await host.ObserveAsync(HostState.Empty, HostState.Empty, Aspects.All & ~Aspects.Sysctls, cancellationToken).ConfigureAwait(false);
        var bridge = seen.Find(new ItemKey(ItemKind.OvsBridge, "", Names.IntegrationBridge)) as HostItem.OvsBridge;
        var wanted = HostPlanner.Plan(slice.ToTopology(), slice.HostId, Sticky.From(seen, bridge?.DatapathType ?? Datapath.Detect()));
        return (await host.ObserveAsync(seen, wanted, Aspects.Sysctls, cancellationToken).ConfigureAwait(false), wanted);
    }

    private delegate Task<IEnumerable<string>> Lines(LinuxHost host, Slice slice, CancellationToken cancellationToken);
}

using System.CommandLine;
using Tapline.Agent;
using Tapline.Core.Model;
using Tapline.Core.Rules;

namespace Tapline.Commands;

/// <summary><c>tapline agent</c>: makes this host what the server says.</summary>
internal static class AgentCommand
{
    public static Command Make()
    {
        var name = new Option<string>("--name") { Description = "this host's name", DefaultValueFactory = _ => Environment.MachineName };
        var feed = new Option<string>("--feed") { Description = "the server's feed socket", DefaultValueFactory = _ => "/var/lib/tapline/feed/feed.sock" };
        var mapping = new Option<string[]>("--bridge-mapping") { Description = "PHYSICAL_NETWORK:BRIDGE[:NIC], may be given several times" };
        var datapath = new Option<string>("--datapath") { Description = "system, netdev or dummy, for bridges yet to be made", DefaultValueFactory = _ => Datapath.Detect() };
        var state = new Option<string>("--state") { Description = "the agent's directory", DefaultValueFactory = _ => HostCommands.DefaultState };
        var adopt = new Option<bool>("--adopt") { Description = "carry out another store's or an older slice than the last" };
        var command = new Command("agent", "make this host what the server says") { name, feed, mapping, datapath, state, adopt };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = new AgentOptions
            {
                HostName = parsed.GetRequiredValue(name),
                FeedSocket = parsed.GetRequiredValue(feed),
                Paths = new HostPaths(parsed.GetRequiredValue(state), HostCommands.OvsRunDirectory),
                BridgeMappings = ParseMappings(parsed.GetValue(mapping) ?? []),
                DatapathType = parsed.GetRequiredValue(datapath),
                Adopt = parsed.GetValue(adopt),
            };
            await using var agent = new HostAgent(options, Console.Error);
            await agent.RunAsync(cancellationToken).ConfigureAwait(false);
            return 0;
        });
        return command;
    }

    private static List<BridgeMapping> ParseMappings(string[] texts)
    {
        var mappings = texts.Select(ParseMapping).ToList();
        return HostRules.TwiceIn(mappings) is { } twice
            ? throw new CommandException(
                $"--bridge-mapping: '{twice}' is in two of them, and each needs a physical network, a bridge and a NIC of its own", exitCode: 64)
            : mappings;
    }

    private static BridgeMapping ParseMapping(string text) => text.Split(':') switch
    {
        [{ Length: > 0 } network, { Length: > 0 } bridge] => new BridgeMapping(network, bridge, null),
        [{ Length: > 0 } network, { Length: > 0 } bridge, { Length: > 0 } nic] => new BridgeMapping(network, bridge, nic),
        _ => throw new CommandException($"--bridge-mapping '{text}': it is PHYSICAL_NETWORK:BRIDGE or PHYSICAL_NETWORK:BRIDGE:NIC", exitCode: 64),
    };
}

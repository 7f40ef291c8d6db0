using System.Runtime.CompilerServices;
using Tapline.Core.Host.Observed;

namespace Tapline.Core.Doctor.Switching;

/// <summary>A bridge with its ports by name and number and its flows by table.</summary>
internal sealed class SwitchBridge
{
    internal const string Local = "LOCAL";
    private const int LocalNumber = 65534;

    private static readonly ConditionalWeakTable<ObservedBridgeOfSwitch, SwitchBridge> Known = [];

    private readonly Dictionary<string, SwitchPort> _byName = [];
    private readonly Dictionary<int, SwitchPort> _byNumber = [];
    private readonly Lazy<Dictionary<int, List<OpenFlowRule>>> _tables;
    private readonly Lazy<Dictionary<uint, FlowGroup>> _groups;

    private SwitchBridge(ObservedBridgeOfSwitch seen)
    {
        Seen = seen;
        foreach (var port in seen.Ports)
        {
            foreach (var link in port.Interfaces)
            {
                var item = new SwitchPort(port, link);
                _byName.TryAdd(link.Name, item);
                if (link.Ofport is > 0 and var number)
                {
                    _byNumber.TryAdd(number, item);
                }
            }
        }

        _tables = new(() => seen.Flows.Select(line => Named(FlowReader.Read(line))).GroupBy(rule => rule.Table)
            .ToDictionary(table => table.Key, table => table.OrderByDescending(rule => rule.Priority).ToList()));
        _groups = new(() => seen.Groups.Select(GroupReader.Read).ToDictionary(group => group.Id));
    }

    /// <summary>Flows are read once for all frames that meet the bridge, also on hosts thought up in which it is the same.</summary>
    internal static SwitchBridge Of(ObservedBridgeOfSwitch seen) => Known.GetValue(seen, bridge => new SwitchBridge(bridge));

    internal ObservedBridgeOfSwitch Seen { get; }

    internal string Name => Seen.Name;

    internal IEnumerable<SwitchPort> Ports => Seen.Ports.SelectMany(port => port.Interfaces.Select(link => _byName[link.Name]));

    /// <summary>Highest priority first.</summary>
    internal IReadOnlyList<OpenFlowRule> Table(int table) => _tables.Value.GetValueOrDefault(table) ?? [];

    internal FlowGroup? Group(uint id) => _groups.Value.GetValueOrDefault(id);

    /// <summary>A port by name, by number or LOCAL.</summary>
    internal SwitchPort? Find(string reference) =>
        _byName.GetValueOrDefault(IsLocal(reference) ? Name : reference)
        ?? (FlowText.TryInt(reference, out var number) ? _byNumber.GetValueOrDefault(number) : null);

    /// <summary>One name for each port, also for one that does not exist.</summary>
    internal string NameOf(string reference) => Find(reference)?.Name ?? (IsLocal(reference) ? Name : reference);

    /// <summary>Whether a column of the bridge that changes where frames go is set.</summary>
    internal string? Extra(string name) => Seen.Extras.FirstOrDefault(extra => extra.Contains(name, StringComparison.Ordinal));

    internal bool Config(string name) => Seen.OtherConfig.Any(setting => setting.Name == name && setting.Value == "true");

    /// <summary>With ports by name where the flow's line has their numbers, for the reader.</summary>
    private OpenFlowRule Named(OpenFlowRule rule) => rule with
    {
        MatchText = string.Join(',', FlowText.Split(rule.MatchText, ",").Select(part => Named(part, "in_port="))),
        ActionText = string.Join(',', FlowText.Split(rule.ActionText, ",").Select(part => Named(part, "output:"))),
    };

    private string Named(string part, string prefix) =>
        part.After(prefix) is { } reference && FlowText.TryInt(reference, out var number) && _byNumber.TryGetValue(number, out var port)
            ? prefix + FlowText.Quote(port.Name)
            : part;

    private static bool IsLocal(string reference) =>
        reference.Equals(Local, StringComparison.OrdinalIgnoreCase) || (FlowText.TryInt(reference, out var number) && number == LocalNumber);
}

/// <summary>An interface with the port that it belongs to.</summary>
internal sealed record SwitchPort(ObservedPort Port, ObservedInterface Interface)
{
    internal string Name => Interface.Name;

    internal bool IsPatch => Interface.Type == "patch";

    /// <summary>ovs-vswitchd has it.</summary>
    internal bool Exists => Interface.Ofport is > 0;

    /// <summary>No frames between two such ports.</summary>
    internal bool IsProtected => Port.OtherConfig.Any(setting => setting.Name == "protected" && setting.Value == "true");

    internal bool IsSet(string config) => Interface.Config.Contains(config);
}

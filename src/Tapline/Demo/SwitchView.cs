using System.Text.RegularExpressions;
using Tapline.Wire.Ovs;

namespace Tapline.Demo;

/// <summary>A bridge on a frame's way as ofproto/trace tells it, and the port by which it was entered where the flow that was met says so.</summary>
internal sealed record Crossing(string Bridge, string? Entry);

/// <summary>What Open vSwitch itself says of its ports, of the way of a frame, and of how much has passed since before the recording.</summary>
internal sealed partial class SwitchView(OvsdbSnapshot database, SwitchCounters before, SwitchCounters after)
{
    /// <summary>The bridge that the device is a port of; null where it is none.</summary>
    public string? BridgeOf(string device) =>
        database.Bridges.FirstOrDefault(bridge => database.PortsOf(bridge).Any(port => port.Name == device && port.Name != bridge.Name))?.Name;

    public int? TagOf(string device) => (int?)database.Named("Port", device)?.GetLong("tag");

    public ulong Received(string port) => after.ReceivedSince(before, port);

    public ulong Sent(string port) => after.SentSince(before, port);

    /// <summary>The patch ports by which a frame came from one bridge into the next: those that the trace names, else those that packets went through.</summary>
    public (string Near, string Far)? PatchInto(Crossing next, string from)
    {
        var far = PatchesOf(next.Bridge).Where(device => next.Entry is null || device.Name == next.Entry).ToDictionary(device => device.Name, Peer);
        var near = PatchesOf(from).Where(device => far.GetValueOrDefault(Peer(device)) == device.Name).MaxBy(device => Sent(device.Name));
        return near is null ? null : (near.Name, Peer(near));
    }

    /// <summary>A line <c>bridge("NAME")</c> begins each bridge's part; the first flow met there may name the port.</summary>
    internal static IReadOnlyList<Crossing> CrossingsIn(string trace) =>
        [.. BridgePart().Matches(trace).Select(part => new Crossing(part.Groups[1].Value, part.Groups[2] is { Success: true } entry ? entry.Value : null))];

    private IEnumerable<OvsRow> PatchesOf(string bridge) =>
        database.Named("Bridge", bridge) is { } row
            ? database.PortsOf(row).SelectMany(database.InterfacesOf).Where(device => device.GetString("type") == "patch")
            : [];

    private static string Peer(OvsRow device) => device.GetMap("options").GetValueOrDefault("peer", "");

    [GeneratedRegex(""""^bridge\("([^"]+)"\)\n-+\n(?: *0\. (?:[^ \n]*,)?in_port="?([^",\n ]+)"?)?"""", RegexOptions.Multiline)]
    private static partial Regex BridgePart();
}

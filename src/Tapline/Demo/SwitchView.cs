using Tapline.Wire.Ovs;

namespace Tapline.Demo;

/// <summary>What Open vSwitch itself says of its ports and of the way of a frame.</summary>
internal sealed class SwitchView(OvsdbSnapshot database, string controlSocket)
{
    /// <summary>The bridge that the device is a port of; null where it is none.</summary>
    public string? BridgeOf(string device) =>
        database.Bridges.FirstOrDefault(bridge => database.PortsOf(bridge).Any(port => port.Name == device && port.Name != bridge.Name))?.Name;

    public int? TagOf(string device) => (int?)database.Named("Port", device)?.GetLong("tag");

    /// <summary>The patch ports from one bridge to the other: the near end and the far end.</summary>
    public (string Near, string Far)? PatchBetween(string from, string to)
    {
        var far = PatchesOf(to).ToDictionary(device => device.Name, device => device);
        var near = PatchesOf(from).FirstOrDefault(device => far.ContainsKey(Peer(device)));
        return near is null ? null : (near.Name, Peer(near));
    }

    /// <summary>The bridges that ofproto/trace names for the frame, in order.</summary>
    public async Task<IReadOnlyList<string>> TraceAsync(string bridge, string device, byte[] frame, CancellationToken cancellationToken)
    {
        var text = await Unixctl.CallAsync(controlSocket, "ofproto/trace", [bridge, $"in_port={device}", Convert.ToHexStringLower(frame)], cancellationToken)
            .ConfigureAwait(false);
        return BridgesIn(text);
    }

    /// <summary>A line <c>bridge("NAME")</c> begins each bridge's part.</summary>
    internal static IReadOnlyList<string> BridgesIn(string trace) =>
    [
        .. trace.Split('\n').Where(line => line.StartsWith("bridge(\"", StringComparison.Ordinal))
            .Select(line => line["bridge(\"".Length..line.LastIndexOf('"')]),
    ];

    private IEnumerable<OvsRow> PatchesOf(string bridge) =>
        database.Named("Bridge", bridge) is { } row
            ? database.PortsOf(row).SelectMany(database.InterfacesOf).Where(device => device.GetString("type") == "patch")
            : [];

    private static string Peer(OvsRow device) => device.GetMap("options").GetValueOrDefault("peer", "");
}

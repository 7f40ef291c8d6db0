namespace Tapline.Demo;

/// <summary>The way of one packet, put together from what devices saw of it and from what Open vSwitch says of the stretches between.</summary>
internal static class Walk
{
    /// <param name="sightings">In the order of time.</param>
    /// <param name="trace">The bridges that a frame crosses which enters this bridge at this port.</param>
    /// <param name="view">Which devices are switch ports.</param>
    public static async Task<IReadOnlyList<Hop>> AssembleAsync(
        IReadOnlyList<Sighting> sightings, Func<string, string, byte[], Task<IReadOnlyList<string>>> trace, SwitchView view)
    {
        var hops = new List<Hop>();
        foreach (var (index, sighting) in sightings.Index())
        {
            hops.Add(Seen(sighting, view));
            if (sighting.Namespace.Length == 0 && !sighting.Frame.IsOutgoing && view.BridgeOf(sighting.Device) is { } bridge)
            {
                var bridges = await trace(bridge, sighting.Device, sighting.Frame.Bytes).ConfigureAwait(false);
                var next = index + 1 < sightings.Count ? sightings[index + 1] : null;
                hops.AddRange(Switched(sighting, bridges, view, next));
            }
        }

        return hops;
    }

    private static Hop Seen(Sighting sighting, SwitchView view) => new()
    {
        Device = sighting.Device,
        Kind = KindOf(sighting, view),
        Namespace = sighting.Namespace,
        Source = sighting.Parsed.SourceIp!.ToString(),
        Destination = sighting.Parsed.DestinationIp!.ToString(),
        SourceMac = Text(sighting.Parsed.Source),
        DestinationMac = Text(sighting.Parsed.Destination),
        Vlan = sighting.Parsed.Vlan & 0xfff,
        SeenBy = "capture",
    };

    private static string KindOf(Sighting sighting, SwitchView view) => sighting switch
    {
        { Namespace: "outside" } => "outside",
        { Device: var device } when device.StartsWith("qr-", StringComparison.Ordinal) || device.StartsWith("qg-", StringComparison.Ordinal) => "router",
        { Device: var device } when device.StartsWith("tap", StringComparison.Ordinal) => "tap",
        { Kind: "bridge" } => "bridge",
        { Device: var device } when device.StartsWith("qv", StringComparison.Ordinal) || sighting.Namespace.Length > 0 => "veth",
        { Device: var device } when view.BridgeOf(device) == Core.Planning.Names.IntegrationBridge => "ovs-port",
        _ => "nic",
    };

    /// <summary>The bridges, with the patch ports between each two. Access ports' tags are the local VLAN inside.</summary>
    private static IEnumerable<Hop> Switched(Sighting entry, IReadOnlyList<string> bridges, SwitchView view, Sighting? exit)
    {
        var local = view.TagOf(entry.Device) ?? (exit is null ? null : view.TagOf(exit.Device));
        Hop At(string device, string kind, int? vlan) => Seen(entry, view) with
        {
            Device = device,
            Kind = kind,
            Namespace = "",
            Vlan = vlan,
            SeenBy = "ofproto-trace",
        };

        for (var i = 0; i < bridges.Count; i++)
        {
            if (i > 0 && view.PatchBetween(bridges[i - 1], bridges[i]) is { } patch)
            {
                var tagged = bridges[i - 1] == Core.Planning.Names.IntegrationBridge ? local : null;
                yield return At(patch.Near, "patch", tagged);
                yield return At(patch.Far, "patch", tagged);
            }

            yield return At(bridges[i], "ovs-bridge", bridges[i] == Core.Planning.Names.IntegrationBridge ? local : null);
        }
    }

    private static string Text(byte[] mac) => string.Join(":", mac.Select(octet => octet.ToString("x2")));
}

namespace Tapline.Demo;

/// <summary>The way of one packet, and what of it could not be shown.</summary>
internal sealed record Walk(IReadOnlyList<Hop> Hops, IReadOnlyList<string> Gaps)
{
    /// <summary>Put together from what devices saw of the packet and from what Open vSwitch says of the stretches between.</summary>
    /// <param name="recording">What was seen.</param>
    /// <param name="sequence">The ping's number.</param>
    /// <param name="reply">Whether it is the reply's way.</param>
    /// <param name="trace">The bridges that a frame crosses which enters this bridge at this port.</param>
    /// <param name="view">Which devices are switch ports, and what passed through them.</param>
    public static async Task<Walk> AssembleAsync(
        Recording recording, int sequence, bool reply, Func<string, string, byte[], Task<IReadOnlyList<Crossing>>> trace, SwitchView view)
    {
        var hops = new List<Hop>();
        var gaps = new List<string>();
        var sightings = recording.Of(sequence, reply);
        foreach (var (index, sighting) in sightings.Index())
        {
            hops.Add(Seen(sighting, view));
            if (sighting.Namespace.Length == 0 && !sighting.Frame.IsOutgoing && view.BridgeOf(sighting.Device) is { } bridge)
            {
                var crossings = await trace(bridge, sighting.Device, sighting.Frame.Bytes).ConfigureAwait(false);
                var next = index + 1 < sightings.Count ? sightings[index + 1] : null;
                hops.AddRange(Switched(new Stretch(sighting, crossings, next, recording.LikeOf(sighting)), view, gaps));
            }
        }

        return new Walk(hops, gaps);
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

    /// <summary>
    /// The bridges, with the patch ports between each two, as far as their ports' counters bear it out: each must have grown by the
    /// packets that were recorded where the frame came in. What lies behind one that has not is left out, and told.
    /// </summary>
    private static IEnumerable<Hop> Switched(Stretch stretch, SwitchView view, List<string> gaps)
    {
        var (entry, crossings, exit, packets) = stretch;
        var local = view.TagOf(entry.Device) ?? (exit is null ? null : view.TagOf(exit.Device));
        Hop At(string device, string kind, int? vlan) => Seen(entry, view) with
        {
            Device = device,
            Kind = kind,
            Namespace = "",
            Vlan = vlan,
            SeenBy = "ofproto-trace",
        };
        bool Bears(ulong counted, string what)
        {
            if (counted < packets)
            {
                gaps.Add($"{packets} packets were recorded at {entry.Device}, but {what} counted {counted}");
            }

            return counted >= packets;
        }

        if (crossings.Count == 0)
        {
            gaps.Add($"ofproto/trace names no bridge for what came in at {entry.Device}");
            yield break;
        }

        if (!Bears(view.Received(entry.Device), $"{entry.Device} as a port of {crossings[0].Bridge}"))
        {
            yield break;
        }

        yield return At(crossings[0].Bridge, "ovs-bridge", Inside(crossings[0].Bridge, local));
        foreach (var (from, into) in crossings.Zip(crossings.Skip(1)))
        {
            if (view.PatchInto(into, from.Bridge) is not { } patch)
            {
                gaps.Add($"no patch port leads from {from.Bridge} into {into.Bridge}");
                yield break;
            }

            if (!Bears(view.Sent(patch.Near), patch.Near) || !Bears(view.Received(patch.Far), patch.Far))
            {
                yield break;
            }

            yield return At(patch.Near, "patch", Inside(from.Bridge, local));
            yield return At(patch.Far, "patch", Inside(from.Bridge, local));
            yield return At(into.Bridge, "ovs-bridge", Inside(into.Bridge, local));
        }

        if (exit is null || view.BridgeOf(exit.Device) != crossings[^1].Bridge)
        {
            gaps.Add($"what came in at {entry.Device} was not seen to leave {crossings[^1].Bridge}");
            yield break;
        }

        Bears(view.Sent(exit.Device), $"{exit.Device} as a port of {crossings[^1].Bridge}");
    }

    /// <summary>Access ports' tags are the local VLAN inside; provider bridges know it by the frame alone.</summary>
    private static int? Inside(string bridge, int? local) => bridge == Core.Planning.Names.IntegrationBridge ? local : null;

    private static string Text(byte[] mac) => string.Join(":", mac.Select(octet => octet.ToString("x2")));

    /// <summary>From where a packet was captured going into Open vSwitch to where it was captured next.</summary>
    private sealed record Stretch(Sighting Entry, IReadOnlyList<Crossing> Crossings, Sighting? Exit, ulong Packets);
}

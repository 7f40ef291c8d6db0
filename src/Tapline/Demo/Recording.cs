using Tapline.Wire.Packets;

namespace Tapline.Demo;

/// <summary>A frame as one device saw it.</summary>
internal sealed record Sighting(string Namespace, string Device, string Kind, CapturedFrame Frame, ParsedFrame Parsed);

/// <summary>All that devices saw while pings went on.</summary>
internal sealed record Recording(IReadOnlyCollection<Sighting> Sightings)
{
    private const int EchoReply = 0;
    private const int EchoRequest = 8;

    /// <summary>What was seen of ping number <paramref name="sequence"/>: of its request or of its reply, in the order of time.</summary>
    public IReadOnlyList<Sighting> Of(int sequence, bool reply) =>
    [
        .. Sightings.Where(sighting => sighting.Parsed.IcmpSequence == sequence && sighting.Parsed.IcmpType == (reply ? EchoReply : EchoRequest))
            .OrderBy(sighting => sighting.Frame.TimestampNanoseconds),
    ];

    /// <summary>How many packets of that ping were seen at the same place, going the same way.</summary>
    public ulong LikeOf(Sighting one) => (ulong)Sightings.LongCount(other =>
        (other.Namespace, other.Device, other.Frame.IsOutgoing, other.Parsed.IcmpType, other.Parsed.IcmpId)
        == (one.Namespace, one.Device, one.Frame.IsOutgoing, one.Parsed.IcmpType, one.Parsed.IcmpId));
}

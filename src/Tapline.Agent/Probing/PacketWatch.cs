using System.Collections.Concurrent;
using Tapline.Core.Doctor.Living;
using Tapline.Core.Primitives;
using Tapline.Wire;
using Tapline.Wire.Namespaces;
using Tapline.Wire.Netlink;
using Tapline.Wire.Packets;

namespace Tapline.Agent.Probing;

/// <summary>Sees a probe on all devices of a set of namespaces.</summary>
internal sealed class PacketWatch : IAsyncDisposable
{
    private readonly ProbePackets _packets;
    private readonly ConcurrentQueue<Sighting> _sightings = [];
    private readonly DeviceListener _listener;

    public PacketWatch(ProbePackets packets)
    {
        _packets = packets;
        _listener = new DeviceListener(packets.Filter, (name, device, frame) =>
        {
            if (Look(name, device, frame) is { } sighting)
            {
                _sightings.Enqueue(sighting);
            }
        });
    }

    /// <summary>So far, in the order of time; a pair's two ends may see a frame in the same moment, and first it goes out.</summary>
    public IReadOnlyList<Sighting> Sightings => [.. _sightings.OrderBy(sighting => sighting.At).ThenBy(sighting => !sighting.IsOutgoing)];

    public void Add(string name, NetNamespace ns, IEnumerable<string> promiscuous) => _listener.Add(name, ns, promiscuous);

    public ValueTask DisposeAsync() => _listener.DisposeAsync();

    private Sighting? Look(string name, LinkInfo device, CapturedFrame frame)
    {
        try
        {
            var parsed = ParsedFrame.Parse(frame.Bytes);
            return _packets.Recognise(frame.Bytes, parsed) is not { } found ? null
                : new Sighting(name, device.Name, frame.IsOutgoing, found.Leg, found.Sequence,
                    IpAddress.From(parsed.Arp?.SenderIp ?? parsed.SourceIp!), IpAddress.From(parsed.Arp?.TargetIp ?? parsed.DestinationIp!), frame.TimestampNanoseconds)
                {
                    Says = found.Says,
                    IsCopy = device.Kind == "bridge" && !frame.IsOutgoing,
                    EtherDestination = MacAddress.FromBytes(parsed.Destination),
                    Mac = parsed.Arp is { } arp ? MacAddress.FromBytes(arp.SenderMac) : default,
                };
        }
        catch (WireFormatException)
        {
            return null; // no Ethernet
        }
    }
}

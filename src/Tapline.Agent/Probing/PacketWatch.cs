using System.Collections.Concurrent;
using Tapline.Core.Doctor.Living;
using Tapline.Core.Primitives;
using Tapline.Wire;
using Tapline.Wire.Namespaces;
using Tapline.Wire.Netlink;
using Tapline.Wire.Packets;

namespace Tapline.Agent.Probing;

/// <summary>Sees a probe on all devices of a set of namespaces at once, a socket a namespace.</summary>
internal sealed class PacketWatch(ProbePackets packets) : IAsyncDisposable
{
    private readonly List<PacketSocket> _sockets = [];
    private readonly List<Task> _readers = [];
    private readonly ConcurrentQueue<Sighting> _sightings = [];
    private readonly CancellationTokenSource _stop = new();

    /// <summary>So far, in the order of time; a pair's two ends may see a frame in the same moment, and first it goes out.</summary>
    public IReadOnlyList<Sighting> Sightings => [.. _sightings.OrderBy(sighting => sighting.At).ThenBy(sighting => !sighting.IsOutgoing)];

    public void Add(string name, NetNamespace ns, IEnumerable<string> promiscuous)
    {
        using var route = RouteSocket.Open(ns);
        var links = route.Links().ToDictionary(link => link.Index);
        var socket = PacketSocket.OpenAll(ns, packets.Filter, promiscuous);
        _sockets.Add(socket);
        _readers.Add(ReadAsync(name, links, socket));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_readers).ConfigureAwait(false);
        _sockets.ForEach(socket => socket.Dispose());
        _stop.Dispose();
    }

    private async Task ReadAsync(string name, Dictionary<int, LinkInfo> links, PacketSocket socket)
    {
        try
        {
            while (true)
            {
                var frame = await socket.ReceiveAsync(_stop.Token).ConfigureAwait(false);
                if (links.TryGetValue(frame.InterfaceIndex, out var device) && Look(name, device, frame) is { } sighting)
                {
                    _sightings.Enqueue(sighting);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Asked to stop.
        }
    }

    private Sighting? Look(string name, LinkInfo device, CapturedFrame frame)
    {
        try
        {
            var parsed = ParsedFrame.Parse(frame.Bytes);
            return packets.Recognise(frame.Bytes, parsed) is not { } found ? null
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

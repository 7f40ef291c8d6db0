using System.Collections.Concurrent;
using Tapline.Wire.Namespaces;
using Tapline.Wire.Netlink;
using Tapline.Wire.Packets;

namespace Tapline.Demo;

/// <summary>Listens on every device of a set of namespaces at once. Promiscuous, or a Linux bridge shows nothing.</summary>
internal sealed class DeviceCapture : IDisposable
{
    private readonly List<PacketSocket> _sockets = [];
    private readonly List<Task> _readers = [];
    private readonly ConcurrentQueue<Sighting> _sightings = [];
    private readonly CancellationTokenSource _stop = new();

    /// <summary>All devices of that namespace but loopback and those that are down.</summary>
    public void Add(string name, NetNamespace ns)
    {
        using var route = RouteSocket.Open(ns);
        foreach (var link in route.Links().Where(link => link is { Name: not "lo", Up: true }))
        {
            var socket = PacketSocket.Open(ns, link.Name, promiscuous: true);
            _sockets.Add(socket);
            _readers.Add(ReadAsync(name, link, socket));
        }
    }

    /// <summary>What has been seen so far.</summary>
    public Recording Recorded => new([.. _sightings]);

    public async Task StopAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_readers).ConfigureAwait(false);
    }

    public void Dispose()
    {
        _stop.Dispose();
        foreach (var socket in _sockets)
        {
            socket.Dispose();
        }
    }

    private async Task ReadAsync(string name, LinkInfo link, PacketSocket socket)
    {
        try
        {
            while (true)
            {
                var frame = await socket.ReceiveAsync(_stop.Token).ConfigureAwait(false);
                var parsed = ParsedFrame.Parse(frame.Bytes);
                if (parsed is { IcmpType: 0 or 8, SourceIp: not null })
                {
                    _sightings.Enqueue(new Sighting(name, link.Name, link.Kind, frame, parsed));
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Asked to stop.
        }
    }
}

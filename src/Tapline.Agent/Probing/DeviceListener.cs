using Tapline.Wire.Namespaces;
using Tapline.Wire.Netlink;
using Tapline.Wire.Packets;

namespace Tapline.Agent.Probing;

/// <summary>Listens on all devices of a set of namespaces at once, a socket a namespace.</summary>
/// <param name="filter">What is of interest.</param>
/// <param name="heard">Told of each frame: the namespace's name, the device, the frame. Called from several threads.</param>
internal sealed class DeviceListener(FrameFilter filter, Action<string, LinkInfo, CapturedFrame> heard) : IAsyncDisposable
{
    private readonly List<PacketSocket> _sockets = [];
    private readonly List<Task> _readers = [];
    private readonly CancellationTokenSource _stop = new();

    /// <summary>From now on; devices that come later are passed over. Of the named ones frames for others are shown too.</summary>
    public void Add(string name, NetNamespace ns, IEnumerable<string> promiscuous)
    {
        using var route = RouteSocket.Open(ns);
        var links = route.Links().ToDictionary(link => link.Index);
        var socket = PacketSocket.OpenAll(ns, filter, promiscuous);
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
                if (links.TryGetValue(frame.InterfaceIndex, out var device))
                {
                    heard(name, device, frame);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Asked to stop.
        }
    }
}

using Tapline.Wire.Packets;

namespace Tapline.HostTests.Labs;

/// <summary>Collects the frames that devices see, in both directions.</summary>
internal sealed class FrameWatch : IAsyncDisposable
{
    private readonly List<PacketSocket> _sockets = [];
    private readonly List<Task> _readers = [];
    private readonly List<byte[]> _frames = [];
    private readonly Lock _lock = new(); // guards _frames
    private readonly CancellationTokenSource _stop = new();

    public static FrameWatch On(LabFixture lab, string ns, params IEnumerable<string> devices)
    {
        var watch = new FrameWatch();
        using var opened = lab.OpenNamespace(ns);
        foreach (var device in devices)
        {
            var socket = PacketSocket.Open(opened, device, promiscuous: true);
            watch._sockets.Add(socket);
            watch._readers.Add(watch.ReadAsync(socket));
        }

        return watch;
    }

    /// <summary>What has been seen; first waits for what is still on its way.</summary>
    public async Task<IReadOnlyList<byte[]>> FramesAsync()
    {
        await Task.Delay(300, TestContext.Current.CancellationToken);
        lock (_lock)
        {
            return [.. _frames];
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_readers);
        _sockets.ForEach(socket => socket.Dispose());
        _stop.Dispose();
    }

    private async Task ReadAsync(PacketSocket socket)
    {
        try
        {
            while (true)
            {
                var frame = await socket.ReceiveAsync(_stop.Token);
                lock (_lock)
                {
                    _frames.Add(frame.Bytes);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Asked to stop.
        }
    }
}

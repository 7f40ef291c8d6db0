using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net.Sockets;

namespace Tapline.Wire.Ovs;

/// <summary>
/// OpenFlow 1.3, read only, to one bridge by its management socket (RUNDIR/BRIDGE.mgmt), which every bridge has without being
/// configured. <see cref="Closed"/> completes when vswitchd ends or the bridge goes: the moment when all flows are gone.
/// </summary>
public sealed class OpenFlowConnection : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly string _name;
    private readonly SemaphoreSlim _sending = new(1, 1); // guards the order of bytes of concurrent senders
    private readonly ConcurrentDictionary<uint, Pending> _pending = new();
    private readonly CancellationTokenSource _stop = new();
    private uint _lastTransaction;
    private volatile bool _isClosed;

    private OpenFlowConnection(Socket socket, string name)
    {
        _socket = socket;
        _name = name;
        Closed = ReadAsync();
    }

    /// <summary>Completes, never faulted, when the connection has ended from either side.</summary>
    public Task Closed { get; }

    /// <summary>Connects and agrees on version 1.3; the bridge must allow it (column protocols empty, or naming OpenFlow13).</summary>
    public static async Task<OpenFlowConnection> ConnectAsync(string socketPath, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancellationToken);
            await SendAllAsync(socket, OpenFlowCodec.Message(OpenFlowCodec.OFPT_HELLO, 0, []));
            var hello = await ReceiveMessageAsync(socket, cancellationToken);
            if (hello is null || hello[1] != OpenFlowCodec.OFPT_HELLO || hello[0] < OpenFlowCodec.Version)
            {
                throw new OpenFlowException($"connect to {socketPath}", "it does not offer OpenFlow 1.3");
            }

            return new OpenFlowConnection(socket, socketPath);
        }
        catch (Exception e)
        {
            socket.Dispose();
            throw e is SocketException ? new OpenFlowException($"connect to {socketPath}", e.Message) : e;
        }
    }

    /// <summary>All flows of all tables, hidden ones left out, with their counters.</summary>
    public async Task<IReadOnlyList<FlowStats>> FlowsAsync(CancellationToken cancellationToken = default)
    {
        var flows = new List<FlowStats>();
        await AskAsync(OpenFlowCodec.FlowsRequest, message => OpenFlowCodec.ReadFlows(message, flows), "list flows", cancellationToken);
        return flows;
    }

    public async Task<IReadOnlyList<SwitchPort>> PortsAsync(CancellationToken cancellationToken = default)
    {
        var ports = new List<SwitchPort>();
        await AskAsync(OpenFlowCodec.PortsRequest, message => OpenFlowCodec.ReadPorts(message, ports), "list ports", cancellationToken);
        return ports;
    }

    /// <summary>
    /// The counters of all ports. Those of patch ports, which are no devices, ovs-vswitchd credits when it reads its datapath's flows,
    /// up to a second late: <c>revalidator/wait</c> on its control socket makes it read them.
    /// </summary>
    public async Task<IReadOnlyList<PortCounters>> PortCountersAsync(CancellationToken cancellationToken = default)
    {
        var counters = new List<PortCounters>();
        await AskAsync(OpenFlowCodec.PortCountersRequest, message => OpenFlowCodec.ReadPortCounters(message, counters), "list port counters", cancellationToken);
        return counters;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Closed;
    }

    private async Task AskAsync(Func<uint, byte[]> request, Action<byte[]> read, string what, CancellationToken cancellationToken)
    {
        var transaction = Interlocked.Increment(ref _lastTransaction);
        var pending = new Pending(read, $"{what} of {_name}");
        _pending[transaction] = pending;
        try
        {
            await SendAsync(request(transaction), cancellationToken);
            if (_isClosed)
            {
                throw new OpenFlowException(pending.Attempted, "the connection has ended");
            }

            await pending.Done.Task.WaitAsync(cancellationToken);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            throw new OpenFlowException(pending.Attempted, e.Message);
        }
        finally
        {
            _pending.TryRemove(transaction, out _);
        }
    }

    private async Task ReadAsync()
    {
        await Task.Yield(); // the constructor goes on
        try
        {
            while (await ReceiveMessageAsync(_socket, _stop.Token) is { } message)
            {
                await HandleAsync(message);
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or WireFormatException or ObjectDisposedException)
        {
            // Ended from one side or the other; those who wait are told below.
        }

        _isClosed = true;
        _socket.Dispose();
        foreach (var pending in _pending.Values)
        {
            pending.Done.TrySetException(new OpenFlowException(pending.Attempted, "the connection has ended"));
        }
    }

    private async Task HandleAsync(byte[] message)
    {
        var transaction = BinaryPrimitives.ReadUInt32BigEndian(message.AsSpan(4));
        switch (message[1])
        {
            case OpenFlowCodec.OFPT_ECHO_REQUEST:
                var body = message.AsSpan(OpenFlowCodec.HeaderLength);
                await SendAsync(OpenFlowCodec.Message(OpenFlowCodec.OFPT_ECHO_REPLY, transaction, body), _stop.Token);
                break;
            case OpenFlowCodec.OFPT_ERROR when message.Length >= 12 && _pending.TryGetValue(transaction, out var refused):
                var type = BinaryPrimitives.ReadUInt16BigEndian(message.AsSpan(8));
                var code = BinaryPrimitives.ReadUInt16BigEndian(message.AsSpan(10));
                refused.Done.TrySetException(new OpenFlowException(refused.Attempted, $"OpenFlow error type {type} code {code}"));
                break;
            case OpenFlowCodec.OFPT_MULTIPART_REPLY when _pending.TryGetValue(transaction, out var pending):
                Collect(pending, message);
                break;
        }
    }

    private static void Collect(Pending pending, byte[] message)
    {
        try
        {
            pending.Read(message);
            if (!OpenFlowCodec.HasMore(message))
            {
                pending.Done.TrySetResult();
            }
        }
        catch (WireFormatException e)
        {
            pending.Done.TrySetException(e);
        }
    }

    private static async Task<byte[]?> ReceiveMessageAsync(Socket socket, CancellationToken cancellationToken)
    {
        var header = new byte[OpenFlowCodec.HeaderLength];
        if (!await FillAsync(socket, header, cancellationToken))
        {
            return null;
        }

        var length = BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(2));
        if (length < OpenFlowCodec.HeaderLength)
        {
            throw new WireFormatException($"OpenFlow message of {length} bytes", 2);
        }

        var message = new byte[length];
        header.CopyTo(message, 0);
        return await FillAsync(socket, message.AsMemory(OpenFlowCodec.HeaderLength), cancellationToken) ? message : null;
    }

    private static async Task<bool> FillAsync(Socket socket, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (!buffer.IsEmpty)
        {
            var received = await socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken);
            if (received == 0)
            {
                return false;
            }

            buffer = buffer[received..];
        }

        return true;
    }

    private async Task SendAsync(byte[] message, CancellationToken cancellationToken)
    {
        await _sending.WaitAsync(cancellationToken);
        try
        {
            await SendAllAsync(_socket, message);
        }
        finally
        {
            _sending.Release();
        }
    }

    private static async Task SendAllAsync(Socket socket, ReadOnlyMemory<byte> rest)
    {
        while (!rest.IsEmpty)
        {
            rest = rest[await socket.SendAsync(rest, SocketFlags.None, CancellationToken.None)..];
        }
    }

    private sealed record Pending(Action<byte[]> Read, string Attempted)
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

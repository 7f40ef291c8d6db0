using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tapline.Wire.Ovs;

/// <summary>JSON objects, one after the other, over a Unix stream socket.</summary>
internal sealed class JsonStream : IDisposable
{
    private readonly Socket _socket;
    private readonly SemaphoreSlim _sending = new(1, 1); // guards the order of bytes of concurrent senders
    private byte[] _buffer = new byte[64 * 1024];
    private int _length;

    private JsonStream(Socket socket) => _socket = socket;

    internal static async Task<JsonStream> ConnectAsync(string path, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            return new JsonStream(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    internal async Task SendAsync(JsonNode message, CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            message.WriteTo(writer);
        }

        await _sending.WaitAsync(cancellationToken);
        try
        {
            // A half-sent object could never be mended: once begun it is not cancelled.
            ReadOnlyMemory<byte> rest = bytes.GetBuffer().AsMemory(0, (int)bytes.Length);
            while (!rest.IsEmpty)
            {
                rest = rest[await _socket.SendAsync(rest, SocketFlags.None, CancellationToken.None)..];
            }
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>The next object, or null at the end of the stream.</summary>
    internal async Task<JsonElement?> ReceiveAsync(CancellationToken cancellationToken)
    {
        var framer = new JsonFramer();
        var seen = 0;
        while (true)
        {
            var end = framer.FindEnd(_buffer.AsSpan(seen, _length - seen));
            if (end >= 0)
            {
                return Take(seen + end);
            }

            seen = _length;
            if (_length == _buffer.Length)
            {
                Array.Resize(ref _buffer, _buffer.Length * 2);
            }

            var received = await _socket.ReceiveAsync(_buffer.AsMemory(_length), SocketFlags.None, cancellationToken);
            if (received == 0)
            {
                return null;
            }

            _length += received;
        }
    }

    public void Dispose() => _socket.Dispose();

    private JsonElement Take(int length)
    {
        using var document = JsonDocument.Parse(_buffer.AsMemory(0, length));
        var element = document.RootElement.Clone();
        _buffer.AsSpan(length, _length - length).CopyTo(_buffer);
        _length -= length;
        return element;
    }
}

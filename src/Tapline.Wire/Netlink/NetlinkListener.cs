using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Tapline.Wire.Interop;
using Tapline.Wire.Namespaces;

namespace Tapline.Wire.Netlink;

/// <summary>Adds what a message says to the events, or nothing.</summary>
internal delegate void NotificationReader<T>(NetlinkMessage message, List<T> into);

/// <summary>
/// A netlink socket that belongs to multicast groups. It belongs to them from opening on, so nothing that happens between
/// opening and reading is missed. No thread waits: .NET's epoll does.
/// </summary>
internal sealed class NetlinkListener : IDisposable
{
    private const int SOL_NETLINK = 270;
    private const int NETLINK_ADD_MEMBERSHIP = 1;
    private const int ReceiveBuffer = 4 << 20; // the kernel gives what net.core.rmem_max allows

    private readonly Socket _socket;

    private NetlinkListener(Socket socket) => _socket = socket;

    internal static unsafe NetlinkListener Open(NetNamespace? ns, int protocol, IEnumerable<int> groups, string what)
    {
        var handle = new SafeSocketHandle(NetNamespace.OpenSocket(ns, Posix.AF_NETLINK, Posix.SOCK_RAW, protocol, what), ownsHandle: true);
        try
        {
            Posix.SetOption(handle, Posix.SOL_SOCKET, Posix.SO_RCVBUF, ReceiveBuffer, $"{what}: receive buffer");
            var address = stackalloc byte[12] { Posix.AF_NETLINK, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
            Posix.Check(Libc.bind(handle, address, 12), $"bind {what}");
            foreach (var group in groups)
            {
                Posix.SetOption(handle, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group, $"{what}: join group {group}");
            }

            return new NetlinkListener(new Socket(handle));
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Events until cancelled. Where notifications were lost (the buffer ran over) or cannot be read, <paramref name="overrun"/>
    /// stands in their place: whoever keeps a copy must read everything anew.
    /// </summary>
    internal async IAsyncEnumerable<T> ReadAsync<T>(
        NotificationReader<T> read, T overrun, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        var events = new List<T>();
        while (true)
        {
            events.Clear();
            try
            {
                var length = await _socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken);
                Take(buffer.AsSpan(0, length), read, events);
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.NoBufferSpaceAvailable)
            {
                Drain(buffer);
                events.Add(overrun);
            }
            catch (WireFormatException)
            {
                events.Add(overrun);
            }

            foreach (var item in events)
            {
                yield return item;
            }
        }
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>
    /// Empties the queue. Until then the kernel goes on dropping what happens and says so only once: an overrun told earlier
    /// would be answered by reading everything anew, and what changed after that reading would be lost in silence.
    /// </summary>
    private unsafe void Drain(byte[] buffer)
    {
        fixed (byte* start = buffer)
        {
            while (Libc.recv(_socket.SafeHandle, start, buffer.Length, Posix.MSG_DONTWAIT) >= 0
                || Posix.LastError is Posix.ENOBUFS or Posix.EINTR)
            {
            }
        }
    }

    private static void Take<T>(ReadOnlySpan<byte> datagram, NotificationReader<T> read, List<T> into)
    {
        while (datagram.Length >= MessageWriter.HeaderLength)
        {
            read(NetlinkMessage.Take(ref datagram), into);
        }
    }
}

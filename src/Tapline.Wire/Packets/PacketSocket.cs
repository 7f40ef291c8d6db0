using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Tapline.Wire.Interop;
using Tapline.Wire.Namespaces;

namespace Tapline.Wire.Packets;

/// <summary>
/// Raw frames of one device (AF_PACKET): sees both directions, sends past all rules. One receiver at a time; sending and
/// receiving may overlap. A bridge shows frames only to a promiscuous socket.
/// </summary>
public sealed class PacketSocket : IDisposable
{
    private const ushort ETH_P_ALL = 3;
    private const int SOL_PACKET = 263;
    private const int PACKET_ADD_MEMBERSHIP = 1;
    private const int PACKET_AUXDATA = 8;
    private const ushort PACKET_MR_PROMISC = 1;
    private const byte PACKET_OUTGOING = 4;
    private const uint TP_STATUS_CSUMNOTREADY = 1 << 3;
    private const uint TP_STATUS_VLAN_VALID = 1 << 4;
    private const uint TP_STATUS_VLAN_TPID_VALID = 1 << 6;
    private const int AddressLength = 20; // struct sockaddr_ll
    private const int ControlLength = 256;
    private const int ReceiveBuffer = 4 << 20; // the kernel gives what net.core.rmem_max allows
    private const int MaxFrame = 65_536 + 18; // a TSO frame with its headers

    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[MaxFrame];

    private PacketSocket(Socket socket) => _socket = socket;

    /// <summary>Opens on a device of the namespace (the calling thread's if none is given).</summary>
    public static PacketSocket Open(NetNamespace? ns, string device, bool promiscuous)
    {
        ArgumentException.ThrowIfNullOrEmpty(device);
        return ns is null ? OpenHere(device, promiscuous) : ns.Run(() => OpenHere(device, promiscuous));
    }

    /// <summary>
    /// Opens on all devices of the namespace at once, also those that come later; only what the filter accepts is received. The named
    /// devices are made promiscuous for as long as the socket lives; those that are not there are passed over.
    /// </summary>
    public static PacketSocket OpenAll(NetNamespace ns, FrameFilter filter, params IEnumerable<string> promiscuous)
    {
        ArgumentNullException.ThrowIfNull(ns);
        ArgumentNullException.ThrowIfNull(filter);
        return ns.Run(() => OpenAllHere(filter, [.. promiscuous]));
    }

    /// <summary>Sends one whole frame.</summary>
    public void Send(ReadOnlySpan<byte> frame) => _socket.Send(frame);

    /// <summary>The next frame, or null after the timeout (negative = wait for ever).</summary>
    public CapturedFrame? Receive(int timeoutMilliseconds) =>
        Posix.WaitReadable(_socket.SafeHandle, timeoutMilliseconds) ? TryReceive() : null;

    /// <summary>The next frame, without a thread waiting for it.</summary>
    public async Task<CapturedFrame> ReceiveAsync(CancellationToken cancellationToken)
    {
        var peek = new byte[1];
        while (true)
        {
            // A peek waits for readability and leaves the frame for recvmsg, which alone gives time, direction and tag.
            await _socket.ReceiveAsync(peek, SocketFlags.Peek, cancellationToken);
            if (TryReceive() is { } frame)
            {
                return frame;
            }
        }
    }

    public void Dispose() => _socket.Dispose();

    private static PacketSocket OpenHere(string device, bool promiscuous) => Make(handle =>
    {
        var index = Libc.if_nametoindex(device);
        if (index == 0)
        {
            Posix.Check(-1, $"capture on {device}");
        }

        Bind(handle, index, device);
        if (promiscuous)
        {
            BecomePromiscuous(handle, index, device);
        }
    });

    private static PacketSocket OpenAllHere(FrameFilter filter, string[] promiscuous) => Make(handle =>
    {
        filter.Attach(handle);
        Bind(handle, 0, "all devices");
        foreach (var device in promiscuous)
        {
            if (Libc.if_nametoindex(device) is > 0 and var index)
            {
                BecomePromiscuous(handle, index, device);
            }
        }
    });

    private static PacketSocket Make(Action<SafeSocketHandle> bind)
    {
        // Protocol 0 until bound: else frames of other devices would come first.
        var fd = Posix.Check(Libc.socket(Posix.AF_PACKET, Posix.SOCK_RAW | Posix.SOCK_CLOEXEC, 0), "open a packet socket");
        var handle = new SafeSocketHandle(fd, ownsHandle: true);
        try
        {
            Posix.SetOption(handle, Posix.SOL_SOCKET, Posix.SO_TIMESTAMPNS, 1, "ask for timestamps");
            Posix.SetOption(handle, Posix.SOL_SOCKET, Posix.SO_RCVBUF, ReceiveBuffer, "set the receive buffer");
            Posix.SetOption(handle, SOL_PACKET, PACKET_AUXDATA, 1, "ask for VLAN tags");
            bind(handle);
            return new PacketSocket(new Socket(handle));
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private static unsafe void Bind(SafeSocketHandle handle, uint index, string device)
    {
        var address = stackalloc byte[AddressLength];
        var span = new Span<byte>(address, AddressLength);
        span.Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(span, Posix.AF_PACKET);
        BinaryPrimitives.WriteUInt16BigEndian(span[2..], ETH_P_ALL);
        BinaryPrimitives.WriteUInt32LittleEndian(span[4..], index);
        Posix.Check(Libc.bind(handle, address, AddressLength), $"bind a packet socket to {device}");
    }

    private static unsafe void BecomePromiscuous(SafeSocketHandle handle, uint index, string device)
    {
        var request = stackalloc byte[16]; // struct packet_mreq
        var span = new Span<byte>(request, 16);
        span.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(span, index);
        BinaryPrimitives.WriteUInt16LittleEndian(span[4..], PACKET_MR_PROMISC);
        Posix.Check(Libc.setsockopt(handle, SOL_PACKET, PACKET_ADD_MEMBERSHIP, request, 16), $"make {device} promiscuous");
    }

    /// <summary>The waiting frame, or null if there is none after all.</summary>
    private unsafe CapturedFrame? TryReceive()
    {
        var address = stackalloc byte[AddressLength];
        var control = stackalloc byte[ControlLength];
        fixed (byte* start = _buffer)
        {
            var vector = new Libc.IoVector { Base = start, Length = (nuint)_buffer.Length };
            var header = new Libc.MessageHeader
            {
                Name = address,
                NameLength = AddressLength,
                Vectors = &vector,
                VectorCount = 1,
                Control = control,
                ControlLength = ControlLength,
            };
            var length = Libc.recvmsg(_socket.SafeHandle, &header, Posix.MSG_DONTWAIT | Posix.MSG_TRUNC);
            if (length < 0)
            {
                return Posix.LastError is Posix.EAGAIN or Posix.EINTR
                    ? null
                    : throw new IOException($"receive a frame: {Posix.Describe(Posix.LastError)}");
            }

            var ancillary = Read(new ReadOnlySpan<byte>(control, (int)header.ControlLength));
            var frame = _buffer.AsSpan(0, Math.Min((int)length, _buffer.Length));
            return new CapturedFrame
            {
                Bytes = ancillary.Tag is { } tag ? Frames.InsertTag(frame, tag.Protocol, tag.Control) : frame.ToArray(),
                TimestampNanoseconds = ancillary.Timestamp,
                IsOutgoing = address[10] == PACKET_OUTGOING,
                InterfaceIndex = *(int*)(address + 4),
                OriginalLength = (int)length + (ancillary.Tag is null ? 0 : 4),
                IsChecksumPending = ancillary.IsChecksumPending,
            };
        }
    }

    private static Ancillary Read(ReadOnlySpan<byte> control)
    {
        const int HeaderLength = 16; // struct cmsghdr
        var found = new Ancillary();
        while (control.Length >= HeaderLength)
        {
            var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(control);
            if (length < HeaderLength || length > control.Length)
            {
                break;
            }

            var level = BinaryPrimitives.ReadInt32LittleEndian(control[8..]);
            var type = BinaryPrimitives.ReadInt32LittleEndian(control[12..]);
            var data = control[HeaderLength..length];
            if (level == Posix.SOL_SOCKET && type == Posix.SO_TIMESTAMPNS)
            {
                var time = MemoryMarshal.Cast<byte, long>(data);
                found = found with { Timestamp = (time[0] * 1_000_000_000) + time[1] };
            }
            else if (level == SOL_PACKET && type == PACKET_AUXDATA)
            {
                found = ReadAuxiliary(data, found);
            }

            control = control[Math.Min((length + 7) & ~7, control.Length)..];
        }

        return found;
    }

    /// <summary>struct tpacket_auxdata: status, length, snapped length, two offsets, VLAN tag control and protocol.</summary>
    private static Ancillary ReadAuxiliary(ReadOnlySpan<byte> data, Ancillary found)
    {
        var status = BinaryPrimitives.ReadUInt32LittleEndian(data);
        found = found with { IsChecksumPending = (status & TP_STATUS_CSUMNOTREADY) != 0 };
        if ((status & TP_STATUS_VLAN_VALID) == 0)
        {
            return found;
        }

        var protocol = (status & TP_STATUS_VLAN_TPID_VALID) != 0 ? BinaryPrimitives.ReadUInt16LittleEndian(data[18..]) : EtherType.Vlan;
        return found with { Tag = (protocol, BinaryPrimitives.ReadUInt16LittleEndian(data[16..])) };
    }

    private readonly record struct Ancillary(long Timestamp, (ushort Protocol, ushort Control)? Tag, bool IsChecksumPending);
}

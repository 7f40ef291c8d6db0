using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using Tapline.Wire.Interop;
using Tapline.Wire.Namespaces;

namespace Tapline.Wire.Netlink;

/// <summary>One message of an answer: its type and what follows the header.</summary>
internal delegate void MessageVisitor(ushort type, ReadOnlySpan<byte> payload);

/// <summary>The same, answering whether to go on.</summary>
internal delegate bool MessageJudge(ushort type, ReadOnlySpan<byte> payload);

/// <summary>
/// Requests and answers over one netlink socket of one namespace. The kernel handles a request inside send(2), so an answer
/// is there when it returns, and one lock around the pair is enough.
/// </summary>
internal sealed unsafe class NetlinkSocket : IDisposable
{
    private const int SOL_NETLINK = 270;
    private const int NETLINK_CAP_ACK = 10;
    private const int NETLINK_EXT_ACK = 11;
    private const ushort NLMSG_ERROR = 2;
    private const ushort NLMSG_DONE = 3;
    private const ushort NLM_F_DUMP_INTR = 0x10;
    private const ushort NLM_F_ACK_TLVS = 0x200;
    private const ushort NLMSGERR_ATTR_MSG = 1;
    private const int MaxDumps = 20;
    private const int AnswerTimeoutMilliseconds = 30_000;

    private readonly SafeFileHandle _handle;
    private readonly Lock _lock = new(); // guards the request/answer pair, the sequence number and the buffer
    private readonly byte[] _buffer = new byte[64 * 1024]; // a dump's message is 32 KiB at most
    private uint _sequence;

    private NetlinkSocket(SafeFileHandle handle) => _handle = handle;

    internal static NetlinkSocket Open(NetNamespace? ns, int protocol, string what)
    {
        var fd = NetNamespace.OpenSocket(ns, Posix.AF_NETLINK, Posix.SOCK_RAW, protocol, what);
        var handle = new SafeFileHandle(fd, ownsHandle: true);
        Posix.SetOption(handle, SOL_NETLINK, NETLINK_CAP_ACK, 1, $"{what}: short acknowledgements");
        Posix.SetOption(handle, SOL_NETLINK, NETLINK_EXT_ACK, 1, $"{what}: extended acknowledgements");
        return new NetlinkSocket(handle);
    }

    /// <summary>Sends a request that asks for an acknowledgement and waits for it.</summary>
    internal void Execute(MessageWriter request, string attempted)
    {
        lock (_lock)
        {
            Exchange(request, attempted, static (_, _) => { });
        }
    }

    /// <summary>Sends a request and shows its answers.</summary>
    internal void Query(MessageWriter request, string attempted, MessageVisitor visit)
    {
        lock (_lock)
        {
            Exchange(request, attempted, visit);
        }
    }

    /// <summary>Dumps; a dump that the kernel says was disturbed by a change is taken again from the start.</summary>
    internal List<T> Dump<T>(MessageWriter request, string attempted, Func<ushort, ReadOnlySpan<byte>, T?> parse)
        where T : class
    {
        lock (_lock)
        {
            for (var i = 0; i < MaxDumps; i++)
            {
                var found = new List<T>();
                var whole = Exchange(request, attempted, (type, payload) =>
                {
                    if (parse(type, payload) is { } item)
                    {
                        found.Add(item);
                    }
                });
                if (whole)
                {
                    return found;
                }
            }
        }

        throw new NetlinkException(attempted, Posix.EAGAIN, $"disturbed by changes {MaxDumps} times");
    }

    /// <summary>
    /// Shows the answers until the visitor has had enough, and says whether it saw them all (an entry twice or not at all where something
    /// changed meanwhile). A dump that was left can not be followed by another one.
    /// </summary>
    internal bool Visit(MessageWriter request, string attempted, MessageJudge visit)
    {
        lock (_lock)
        {
            var sequence = ++_sequence;
            Send(request.Finish(sequence), attempted);
            while (true)
            {
                var rest = Receive(attempted);
                while (rest.Length >= MessageWriter.HeaderLength)
                {
                    var message = NetlinkMessage.Take(ref rest);
                    if (message.Sequence != sequence)
                    {
                        continue;
                    }

                    if (message.Type is NLMSG_ERROR or NLMSG_DONE)
                    {
                        ThrowIfError(message, attempted);
                        return true;
                    }

                    if (!visit(message.Type, message.Payload))
                    {
                        return false;
                    }
                }
            }
        }
    }

    public void Dispose() => _handle.Dispose();

    /// <summary>False if the kernel marked the answer as inconsistent.</summary>
    private bool Exchange(MessageWriter request, string attempted, MessageVisitor visit)
    {
        var sequence = ++_sequence;
        Send(request.Finish(sequence), attempted);
        var whole = true;
        while (true)
        {
            var rest = Receive(attempted);
            while (rest.Length >= MessageWriter.HeaderLength)
            {
                var message = NetlinkMessage.Take(ref rest);
                if (message.Sequence != sequence)
                {
                    continue; // what an exchange that threw left behind
                }

                whole &= (message.Flags & NLM_F_DUMP_INTR) == 0;
                if (message.Type is NLMSG_ERROR or NLMSG_DONE)
                {
                    ThrowIfError(message, attempted);
                    return whole;
                }

                visit(message.Type, message.Payload);
            }
        }
    }

    private void Send(ReadOnlySpan<byte> message, string attempted)
    {
        fixed (byte* start = message)
        {
            if (Libc.send(_handle, start, message.Length, 0) < 0)
            {
                throw new NetlinkException(attempted, Posix.LastError, "sending");
            }
        }
    }

    private ReadOnlySpan<byte> Receive(string attempted)
    {
        while (true)
        {
            if (!Posix.WaitReadable(_handle, AnswerTimeoutMilliseconds))
            {
                throw new NetlinkException(attempted, Posix.EAGAIN, "no answer from the kernel");
            }

            fixed (byte* start = _buffer)
            {
                var length = Libc.recv(_handle, start, _buffer.Length, Posix.MSG_TRUNC | Posix.MSG_DONTWAIT);
                if (length > _buffer.Length)
                {
                    throw new NetlinkException(attempted, Posix.ENOBUFS, $"an answer of {length} bytes was cut");
                }

                if (length >= 0)
                {
                    return _buffer.AsSpan(0, (int)length);
                }
            }

            if (Posix.LastError is not (Posix.EINTR or Posix.EAGAIN))
            {
                throw new NetlinkException(attempted, Posix.LastError, "receiving");
            }
        }
    }

    private static void ThrowIfError(NetlinkMessage message, string attempted)
    {
        // NLMSG_DONE may come without a payload; a negative number there is the dump's error.
        var error = message.Payload.Length >= 4 ? BinaryPrimitives.ReadInt32LittleEndian(message.Payload) : 0;
        if (error >= 0)
        {
            return;
        }

        // Acknowledgements are capped (NETLINK_CAP_ACK): error, the request's header, attributes. A dump's end has no header.
        var attributesAt = message.Type == NLMSG_ERROR ? 4 + MessageWriter.HeaderLength : 4;
        throw new NetlinkException(attempted, -error, KernelText(message, attributesAt));
    }

    private static string? KernelText(NetlinkMessage message, int attributesAt)
    {
        if ((message.Flags & NLM_F_ACK_TLVS) == 0 || message.Payload.Length <= attributesAt)
        {
            return null;
        }

        var attributes = new AttributeReader(message.Payload[attributesAt..], attributesAt);
        while (attributes.MoveNext())
        {
            if (attributes.Type == NLMSGERR_ATTR_MSG)
            {
                return attributes.Text();
            }
        }

        return null;
    }
}

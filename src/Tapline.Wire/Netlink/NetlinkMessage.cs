using System.Buffers.Binary;

namespace Tapline.Wire.Netlink;

/// <summary>One message (struct nlmsghdr and its payload) of a received datagram.</summary>
internal readonly ref struct NetlinkMessage
{
    internal ushort Type { get; private init; }

    internal ushort Flags { get; private init; }

    internal uint Sequence { get; private init; }

    /// <summary>The socket whose request caused the message; 0 for the kernel itself.</summary>
    internal uint PortId { get; private init; }

    internal ReadOnlySpan<byte> Payload { get; private init; }

    /// <summary>Reads the first message and moves <paramref name="rest"/> behind it.</summary>
    internal static NetlinkMessage Take(ref ReadOnlySpan<byte> rest)
    {
        if (rest.Length < MessageWriter.HeaderLength)
        {
            throw new WireFormatException($"{rest.Length} bytes left, a netlink header has {MessageWriter.HeaderLength}", 0);
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(rest);
        if (length < MessageWriter.HeaderLength || length > rest.Length)
        {
            throw new WireFormatException($"netlink message of {length} bytes in a buffer of {rest.Length}", 0);
        }

        var message = new NetlinkMessage
        {
            Type = BinaryPrimitives.ReadUInt16LittleEndian(rest[4..]),
            Flags = BinaryPrimitives.ReadUInt16LittleEndian(rest[6..]),
            Sequence = BinaryPrimitives.ReadUInt32LittleEndian(rest[8..]),
            PortId = BinaryPrimitives.ReadUInt32LittleEndian(rest[12..]),
            Payload = rest[MessageWriter.HeaderLength..length],
        };
        rest = rest[Math.Min((length + 3) & ~3, rest.Length)..];
        return message;
    }
}

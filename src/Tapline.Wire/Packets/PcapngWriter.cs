using System.Buffers.Binary;
using System.Text;

namespace Tapline.Wire.Packets;

/// <summary>
/// A capture file of several devices (pcapng: draft-ietf-opsawg-pcapng), little endian, times in nanoseconds. Each device is an interface
/// of its own, told before the first frame on it.
/// </summary>
public sealed class PcapngWriter
{
    private const uint SectionHeader = 0x0a0d0d0a;
    private const uint InterfaceDescription = 1;
    private const uint EnhancedPacket = 6;
    private const uint ByteOrderMagic = 0x1a2b3c4d;
    private const byte Ethernet = 1; // LINKTYPE_ETHERNET
    private const ushort InterfaceName = 2; // if_name
    private const ushort TimeResolution = 9; // if_tsresol
    private const ushort PacketFlags = 2; // epb_flags
    private const byte Nanoseconds = 9; // 10^-9
    private const uint Inbound = 1;
    private const uint Outbound = 2;

    private readonly Stream _file;
    private readonly Dictionary<string, uint> _interfaces = [];

    /// <summary>Begins the file; whoever opened the stream closes it.</summary>
    public PcapngWriter(Stream file)
    {
        ArgumentNullException.ThrowIfNull(file);
        _file = file;
        var body = new byte[16];
        BinaryPrimitives.WriteUInt32LittleEndian(body, ByteOrderMagic);
        BinaryPrimitives.WriteUInt16LittleEndian(body.AsSpan(4), 1); // version 1.0
        BinaryPrimitives.WriteInt64LittleEndian(body.AsSpan(8), -1); // length not told
        Block(SectionHeader, body);
    }

    /// <summary>A frame as the device of that name saw it.</summary>
    public void Write(string device, CapturedFrame frame)
    {
        ArgumentNullException.ThrowIfNull(frame);
        if (!_interfaces.TryGetValue(device, out var number))
        {
            number = (uint)_interfaces.Count;
            _interfaces[device] = number;
            Block(InterfaceDescription, [Ethernet, 0, 0, 0, 0, 0, 0, 0, .. Option(InterfaceName, Encoding.UTF8.GetBytes(device)), .. Option(TimeResolution, [Nanoseconds]), 0, 0, 0, 0]);
        }

        var head = new byte[20];
        BinaryPrimitives.WriteUInt32LittleEndian(head, number);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(4), (uint)(frame.TimestampNanoseconds >> 32));
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(8), (uint)frame.TimestampNanoseconds);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(12), frame.Bytes.Length);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(16), Math.Max(frame.Bytes.Length, frame.OriginalLength));
        var flags = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(flags, frame.IsOutgoing ? Outbound : Inbound);
        Block(EnhancedPacket, [.. head, .. Padded(frame.Bytes), .. Option(PacketFlags, flags), 0, 0, 0, 0]);
    }

    private static byte[] Option(ushort code, byte[] value) =>
        [(byte)code, (byte)(code >> 8), (byte)value.Length, (byte)(value.Length >> 8), .. Padded(value)];

    private static byte[] Padded(byte[] bytes) => [.. bytes, .. new byte[-bytes.Length & 3]];

    /// <summary>Type, length, body, length again.</summary>
    private void Block(uint type, byte[] body)
    {
        var edge = new byte[8];
        BinaryPrimitives.WriteUInt32LittleEndian(edge, type);
        BinaryPrimitives.WriteInt32LittleEndian(edge.AsSpan(4), body.Length + 12);
        _file.Write(edge);
        _file.Write(body);
        _file.Write(edge.AsSpan(4));
    }
}

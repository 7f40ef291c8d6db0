using System.Buffers.Binary;
using System.Text;

namespace Tapline.Wire.Netlink;

/// <summary>
/// Builds one netlink message: header, fixed part, attributes. A nested attribute is written between <see cref="Nest"/> and
/// the disposal of its token, which fills in the length. <see cref="Finish"/> fills in the message's own length.
/// </summary>
public sealed class MessageWriter
{
    internal const int HeaderLength = 16;
    private const ushort NLA_F_NESTED = 0x8000;

    private byte[] _buffer = new byte[256];
    private int _length = HeaderLength;

    public MessageWriter(ushort type, ushort flags)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_buffer.AsSpan(4), type);
        BinaryPrimitives.WriteUInt16LittleEndian(_buffer.AsSpan(6), flags);
    }

    public int Length => _length;

    /// <summary>Appends bytes as they are: the fixed part after the header, or inside a nest (padded to four).</summary>
    public void Raw(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Reserve(bytes.Length));

    public void Attribute(ushort type, ReadOnlySpan<byte> value)
    {
        var space = Reserve(4 + value.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(space, (ushort)(4 + value.Length));
        BinaryPrimitives.WriteUInt16LittleEndian(space[2..], type);
        value.CopyTo(space[4..]);
    }

    public void UInt8(ushort type, byte value) => Attribute(type, [value]);

    public void UInt16BigEndian(ushort type, ushort value)
    {
        Span<byte> bytes = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, value);
        Attribute(type, bytes);
    }

    public void UInt32(ushort type, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        Attribute(type, bytes);
    }

    public void UInt32BigEndian(ushort type, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        Attribute(type, bytes);
    }

    /// <summary>Text with the final zero byte that the kernel asks for.</summary>
    public void Text(ushort type, string value) => Attribute(type, Encoding.UTF8.GetBytes(value + '\0'));

    /// <summary>Opens an attribute that holds attributes; disposing the token closes it.</summary>
    public NestToken Nest(ushort type)
    {
        var start = _length;
        Attribute((ushort)(type | NLA_F_NESTED), []);
        return new NestToken(this, start);
    }

    /// <summary>The whole message under this sequence number.</summary>
    public ReadOnlySpan<byte> Finish(uint sequence)
    {
        BinaryPrimitives.WriteInt32LittleEndian(_buffer, _length);
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer.AsSpan(8), sequence);
        return _buffer.AsSpan(0, _length);
    }

    private Span<byte> Reserve(int length)
    {
        var padded = (length + 3) & ~3;
        if (_length + padded > _buffer.Length)
        {
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + padded));
        }

        var space = _buffer.AsSpan(_length, length);
        _length += padded;
        return space;
    }

    /// <summary>An attribute whose length is not known yet.</summary>
    public readonly ref struct NestToken(MessageWriter writer, int start)
    {
        private readonly MessageWriter _writer = writer;
        private readonly int _start = start;

        public void Dispose() =>
            BinaryPrimitives.WriteUInt16LittleEndian(_writer._buffer.AsSpan(_start), (ushort)(_writer._length - _start));
    }
}

using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Tapline.Wire.Netlink;

/// <summary>
/// Walks netlink attributes (struct nlattr: length, type, value, padded to four). Values are read in host order unless the
/// method says big endian, which is what nfnetlink uses. Wrong lengths throw <see cref="WireFormatException"/>.
/// </summary>
public ref struct AttributeReader(ReadOnlySpan<byte> data, int offset = 0)
{
    private const int HeaderLength = 4;
    private const ushort TypeMask = 0x3fff; // without NLA_F_NESTED and NLA_F_NET_BYTEORDER

    private readonly ReadOnlySpan<byte> _data = data;
    private readonly int _offset = offset;
    private int _next;
    private int _valueStart;

    /// <summary>The type of the current attribute without its flag bits.</summary>
    public ushort Type { get; private set; }

    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>Goes to the next attribute; false at the end.</summary>
    public bool MoveNext()
    {
        var left = _data.Length - _next;
        if (left <= 0)
        {
            return false;
        }

        if (left < HeaderLength)
        {
            throw new WireFormatException($"{left} bytes left, an attribute header has {HeaderLength}", _offset + _next);
        }

        var length = BinaryPrimitives.ReadUInt16LittleEndian(_data[_next..]);
        if (length < HeaderLength || length > left)
        {
            throw new WireFormatException($"attribute length {length} with {left} bytes left", _offset + _next);
        }

        Type = (ushort)(BinaryPrimitives.ReadUInt16LittleEndian(_data[(_next + 2)..]) & TypeMask);
        _valueStart = _next + HeaderLength;
        Value = _data[_valueStart..(_next + length)];
        _next += (length + 3) & ~3;
        return true;
    }

    public readonly byte UInt8() => Exactly(1)[0];

    public readonly ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Exactly(2));

    public readonly uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Exactly(4));

    public readonly int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Exactly(4));

    public readonly ushort UInt16BigEndian() => BinaryPrimitives.ReadUInt16BigEndian(Exactly(2));

    public readonly uint UInt32BigEndian() => BinaryPrimitives.ReadUInt32BigEndian(Exactly(4));

    public readonly ulong UInt64BigEndian() => BinaryPrimitives.ReadUInt64BigEndian(Exactly(8));

    /// <summary>Text up to the first zero byte or the end.</summary>
    public readonly string Text()
    {
        var end = Value.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? Value : Value[..end]);
    }

    /// <summary>An IPv4 or IPv6 address, by length.</summary>
    public readonly IPAddress Address() =>
        Value.Length is 4 or 16
            ? new IPAddress(Value)
            : throw new WireFormatException($"attribute {Type}: an address of {Value.Length} bytes", _offset + _valueStart);

    /// <summary>The attributes inside this one.</summary>
    public readonly AttributeReader Nested() => new(Value, _offset + _valueStart);

    private readonly ReadOnlySpan<byte> Exactly(int length) =>
        Value.Length == length
            ? Value
            : throw new WireFormatException($"attribute {Type} has {Value.Length} bytes, expected {length}", _offset + _valueStart);
}

using System.Buffers.Binary;

namespace Tapline.Wire.Packets;

/// <summary>The Internet checksum of RFC 1071.</summary>
public static class Checksums
{
    /// <summary>The checksum to write into a field that is zero while this is taken; 0 over data whose checksum is right.</summary>
    public static ushort Internet(ReadOnlySpan<byte> data, uint initial = 0)
    {
        var sum = Add(initial, data);
        while (sum > 0xffff)
        {
            sum = (sum & 0xffff) + (sum >> 16);
        }

        return (ushort)~sum;
    }

    /// <summary>The sum of the pseudo header that UDP, TCP and ICMPv6 include; addresses of four or sixteen bytes.</summary>
    internal static uint PseudoHeader(ReadOnlySpan<byte> source, ReadOnlySpan<byte> destination, byte protocol, int length) =>
        Add(Add((uint)(protocol + length), source), destination);

    private static uint Add(uint sum, ReadOnlySpan<byte> data)
    {
        for (; data.Length >= 2; data = data[2..])
        {
            sum += BinaryPrimitives.ReadUInt16BigEndian(data);
        }

        return data.IsEmpty ? sum : sum + (uint)(data[0] << 8);
    }
}

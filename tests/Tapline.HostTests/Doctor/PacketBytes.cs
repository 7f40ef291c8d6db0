using System.Buffers.Binary;
using Tapline.Core.Doctor;
using Tapline.Wire.Packets;

namespace Tapline.HostTests.Doctor;

/// <summary>The doctor's packets as frames, with an identification to know them by.</summary>
internal static class PacketBytes
{
    public static byte[] Of(Packet packet, ushort identification, bool isAnswer) => Frames.Ethernet(
        packet.EtherDestination.ToBytes(), packet.EtherSource.ToBytes(), (ushort)packet.EtherType, Ip(packet, identification, isAnswer));

    private static byte[] Ip(Packet packet, ushort identification, bool isAnswer)
    {
        var source = packet.Source.ToIPAddress().GetAddressBytes();
        var destination = packet.Destination.ToIPAddress().GetAddressBytes();
        var body = Body(packet, source, destination, isAnswer);
        byte[] header =
        [
            0x45, 0, .. Two(20 + body.Length), .. Two(identification), 0, 0, (byte)packet.TimeToLive, (byte)packet.Protocol, 0, 0, .. source, .. destination,
        ];
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(10), Checksums.Internet(header));
        return [.. header, .. body];
    }

    private static byte[] Body(Packet packet, byte[] source, byte[] destination, bool isAnswer)
    {
        var body = packet.Protocol switch
        {
            Packet.Icmp when packet.Quoted is { } quoted => (byte[])[(byte)packet.IcmpType, (byte)packet.IcmpCode, 0, 0, 0, 0, 0, 0, .. Ip(quoted, 7, !isAnswer)],
            Packet.Icmp => [(byte)packet.IcmpType, (byte)packet.IcmpCode, 0, 0, .. Two(packet.SourcePort), 0, 1, .. new byte[8]],
            Packet.Udp => [.. Two(packet.SourcePort), .. Two(packet.DestinationPort), 0, 16, 0, 0, .. new byte[8]],
            _ => Tcp(packet, isAnswer),
        };
        var place = packet.Protocol switch { Packet.Icmp => 2, Packet.Udp => 6, _ => 16 };
        byte[] pseudo = packet.Protocol == Packet.Icmp ? [] : [.. source, .. destination, 0, (byte)packet.Protocol, .. Two(body.Length)];
        BinaryPrimitives.WriteUInt16BigEndian(body.AsSpan(place), Checksums.Internet([.. pseudo, .. body]));
        return body;
    }

    /// <summary>Sequence numbers that a conversation would have: who began it sends from 1000, the other from 5000.</summary>
    private static byte[] Tcp(Packet packet, bool isAnswer)
    {
        const int Syn = 2, Ack = 16;
        var (sequence, acknowledged) = (packet.TcpFlags & (Syn | Ack)) switch
        {
            Syn => (1000u, 0u),
            Syn | Ack => (5000u, 1001u),
            _ => isAnswer ? (5001u, 1001u) : (1001u, 5001u),
        };
        var numbers = new byte[8];
        BinaryPrimitives.WriteUInt32BigEndian(numbers, sequence);
        BinaryPrimitives.WriteUInt32BigEndian(numbers.AsSpan(4), acknowledged);
        return [.. Two(packet.SourcePort), .. Two(packet.DestinationPort), .. numbers, 0x50, (byte)packet.TcpFlags, 0x20, 0, 0, 0, 0, 0];
    }

    private static byte[] Two(int number) => [(byte)(number >> 8), (byte)number];
}

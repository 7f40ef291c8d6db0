using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Tapline.Wire.Packets;

/// <summary>Builds whole frames, checksums included. MAC addresses are six bytes.</summary>
public static class Frames
{
    private static readonly byte[] Broadcast = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    private static readonly IPAddress AllNodes = IPAddress.Parse("ff02::1");

    public static byte[] Ethernet(ReadOnlySpan<byte> destination, ReadOnlySpan<byte> source, ushort etherType, ReadOnlySpan<byte> payload)
    {
        CheckMac(destination);
        CheckMac(source);
        return [.. destination, .. source, (byte)(etherType >> 8), (byte)etherType, .. payload];
    }

    /// <summary>The frame with a tag between its addresses and its type.</summary>
    public static byte[] Tagged(ReadOnlySpan<byte> frame, ushort vlan) => InsertTag(frame, EtherType.Vlan, vlan);

    public static byte[] Arp(ArpFields fields, ReadOnlySpan<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(fields);
        byte[] body =
        [
            0, 1, 8, 0, 6, 4, (byte)(fields.Operation >> 8), (byte)fields.Operation,
            .. fields.SenderMac, .. fields.SenderIp.GetAddressBytes(), .. fields.TargetMac, .. fields.TargetIp.GetAddressBytes(),
        ];
        return Ethernet(destination, fields.SenderMac, EtherType.Arp, body);
    }

    /// <summary>Who has the address? To everyone.</summary>
    public static byte[] ArpRequest(byte[] mac, IPAddress ip, IPAddress wanted) =>
        Arp(new ArpFields(ArpFields.Request, mac, ip, new byte[6], wanted), Broadcast);

    /// <summary>"I have this address", as a request for it: the form that every stack takes.</summary>
    public static byte[] GratuitousArpRequest(byte[] mac, IPAddress ip) =>
        Arp(new ArpFields(ArpFields.Request, mac, ip, new byte[6], ip), Broadcast);

    /// <summary>"I have this address", as an unasked answer: some switches and stacks look at these only.</summary>
    public static byte[] GratuitousArpReply(byte[] mac, IPAddress ip) =>
        Arp(new ArpFields(ArpFields.Reply, mac, ip, Broadcast, ip), Broadcast);

    /// <summary>"I have this address" in IPv6: an unsolicited neighbour advertisement to all nodes, overriding.</summary>
    public static byte[] UnsolicitedNeighbourAdvertisement(byte[] mac, IPAddress ip, bool isRouter)
    {
        byte[] body = [136, 0, 0, 0, (byte)(isRouter ? 0xa0 : 0x20), 0, 0, 0, .. ip.GetAddressBytes(), 2, 1, .. mac];
        return Neighbour(mac, [0x33, 0x33, 0, 0, 0, 1], ip, AllNodes, body);
    }

    /// <summary>Who has the IPv6 address? To its solicited-node multicast group.</summary>
    public static byte[] NeighbourSolicitation(byte[] mac, IPAddress ip, IPAddress wanted)
    {
        var target = wanted.GetAddressBytes();
        var group = new IPAddress([0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, .. target[13..]]);
        byte[] body = [135, 0, 0, 0, 0, 0, 0, 0, .. target, 1, 1, .. mac];
        return Neighbour(mac, [0x33, 0x33, 0xff, .. target[13..]], ip, group, body);
    }

    /// <summary>An echo request of the addresses' family.</summary>
    public static byte[] IcmpEchoRequest(
        FrameAddresses addresses, ushort id, ushort sequence, ReadOnlySpan<byte> payload, byte ttl = 64)
    {
        var isV4 = addresses.SourceIp.AddressFamily == AddressFamily.InterNetwork;
        byte[] body =
        [
            (byte)(isV4 ? 8 : 128), 0, 0, 0, (byte)(id >> 8), (byte)id, (byte)(sequence >> 8), (byte)sequence, .. payload,
        ];
        var protocol = isV4 ? IpProtocol.Icmp : IpProtocol.IcmpV6;
        var initial = isV4 ? 0 : Pseudo(addresses, protocol, body.Length);
        BinaryPrimitives.WriteUInt16BigEndian(body.AsSpan(2), Checksums.Internet(body, initial));
        return Ip(addresses, protocol, ttl, body);
    }

    public static byte[] Udp(FrameAddresses addresses, ushort sourcePort, ushort destinationPort, ReadOnlySpan<byte> payload, byte ttl = 64)
    {
        var body = new byte[8 + payload.Length];
        BinaryPrimitives.WriteUInt16BigEndian(body, sourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(body.AsSpan(2), destinationPort);
        BinaryPrimitives.WriteUInt16BigEndian(body.AsSpan(4), (ushort)body.Length);
        payload.CopyTo(body.AsSpan(8));
        var checksum = Checksums.Internet(body, Pseudo(addresses, IpProtocol.Udp, body.Length));
        BinaryPrimitives.WriteUInt16BigEndian(body.AsSpan(6), checksum == 0 ? (ushort)0xffff : checksum); // 0 would say "none"
        return Ip(addresses, IpProtocol.Udp, ttl, body);
    }

    /// <summary>A TCP segment without options.</summary>
    public static byte[] Tcp(
        FrameAddresses addresses, ushort sourcePort, ushort destinationPort, uint sequence, uint acknowledgement, byte flags,
        ReadOnlySpan<byte> payload, byte ttl = 64)
    {
        var body = new byte[20 + payload.Length];
        BinaryPrimitives.WriteUInt16BigEndian(body, sourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(body.AsSpan(2), destinationPort);
        BinaryPrimitives.WriteUInt32BigEndian(body.AsSpan(4), sequence);
        BinaryPrimitives.WriteUInt32BigEndian(body.AsSpan(8), acknowledgement);
        body[12] = 5 << 4;
        body[13] = flags;
        BinaryPrimitives.WriteUInt16BigEndian(body.AsSpan(14), 0xffff);
        payload.CopyTo(body.AsSpan(20));
        BinaryPrimitives.WriteUInt16BigEndian(body.AsSpan(16), Checksums.Internet(body, Pseudo(addresses, IpProtocol.Tcp, body.Length)));
        return Ip(addresses, IpProtocol.Tcp, ttl, body);
    }

    /// <summary>An IPv4 or IPv6 packet, by the addresses' family, in a frame.</summary>
    public static byte[] Ip(FrameAddresses addresses, byte protocol, byte ttl, ReadOnlySpan<byte> body)
    {
        var source = addresses.SourceIp.GetAddressBytes();
        var destination = addresses.DestinationIp.GetAddressBytes();
        var isV4 = source.Length == 4;
        var packet = new byte[(isV4 ? 20 : 40) + body.Length];
        body.CopyTo(packet.AsSpan(packet.Length - body.Length));
        if (!isV4)
        {
            packet[0] = 0x60;
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), (ushort)body.Length);
            packet[6] = protocol;
            packet[7] = ttl;
            source.CopyTo(packet, 8);
            destination.CopyTo(packet, 24);
            return Ethernet(addresses.Destination, addresses.Source, EtherType.IPv6, packet);
        }

        packet[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
        packet[8] = ttl;
        packet[9] = protocol;
        source.CopyTo(packet, 12);
        destination.CopyTo(packet, 16);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(10), Checksums.Internet(packet.AsSpan(0, 20)));
        return Ethernet(addresses.Destination, addresses.Source, EtherType.IPv4, packet);
    }

    internal static byte[] InsertTag(ReadOnlySpan<byte> frame, ushort protocol, ushort control) =>
        frame.Length < 12
            ? throw new WireFormatException($"a frame of {frame.Length} bytes cannot be tagged", frame.Length)
            : [.. frame[..12], (byte)(protocol >> 8), (byte)protocol, (byte)(control >> 8), (byte)control, .. frame[12..]];

    private static byte[] Neighbour(byte[] mac, byte[] group, IPAddress source, IPAddress destination, byte[] body)
    {
        var addresses = new FrameAddresses(mac, group, source, destination);
        BinaryPrimitives.WriteUInt16BigEndian(body.AsSpan(2), Checksums.Internet(body, Pseudo(addresses, IpProtocol.IcmpV6, body.Length)));
        return Ip(addresses, IpProtocol.IcmpV6, 255, body);
    }

    private static uint Pseudo(FrameAddresses addresses, byte protocol, int length) =>
        Checksums.PseudoHeader(addresses.SourceIp.GetAddressBytes(), addresses.DestinationIp.GetAddressBytes(), protocol, length);

    private static void CheckMac(ReadOnlySpan<byte> mac)
    {
        if (mac.Length != 6)
        {
            throw new ArgumentException($"a MAC address has 6 bytes, not {mac.Length}", nameof(mac));
        }
    }
}

using System.Buffers.Binary;
using System.Net;

namespace Tapline.Wire.Packets;

/// <summary>Reads frames layer by layer; each step returns what it had where the bytes end.</summary>
internal static class FrameParser
{
    private const int EthernetLength = 14;
    private const byte HopByHop = 0;
    private const byte Routing = 43;
    private const byte Fragment = 44;
    private const byte DestinationOptions = 60;

    internal static ParsedFrame Parse(ReadOnlySpan<byte> frame)
    {
        if (frame.Length < EthernetLength)
        {
            throw new WireFormatException($"a frame of {frame.Length} bytes, an Ethernet header has {EthernetLength}", frame.Length);
        }

        var type = BinaryPrimitives.ReadUInt16BigEndian(frame[12..]);
        var rest = frame[EthernetLength..];
        ushort? vlan = null;
        if (type is EtherType.Vlan or EtherType.ServiceVlan && rest.Length >= 4)
        {
            vlan = (ushort)(BinaryPrimitives.ReadUInt16BigEndian(rest) & 0xfff);
            type = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
            rest = rest[4..];
        }

        var parsed = new ParsedFrame
        {
            Destination = frame[..6].ToArray(),
            Source = frame[6..12].ToArray(),
            Vlan = vlan,
            EtherType = type,
        };
        return type switch
        {
            EtherType.Arp => Arp(parsed, rest),
            EtherType.IPv4 => IPv4(parsed, rest),
            EtherType.IPv6 => IPv6(parsed, rest),
            _ => parsed,
        };
    }

    private static ParsedFrame Arp(ParsedFrame parsed, ReadOnlySpan<byte> data)
    {
        var isEthernetIPv4 = data.Length >= 28 && data[..6].SequenceEqual<byte>([0, 1, 8, 0, 6, 4]);
        return !isEthernetIPv4
            ? parsed
            : parsed with
            {
                Arp = new ArpFields(
                    BinaryPrimitives.ReadUInt16BigEndian(data[6..]),
                    data[8..14].ToArray(),
                    new IPAddress(data[14..18]),
                    data[18..24].ToArray(),
                    new IPAddress(data[24..28])),
            };
    }

    private static ParsedFrame IPv4(ParsedFrame parsed, ReadOnlySpan<byte> data)
    {
        var headerLength = data.IsEmpty ? 0 : (data[0] & 0xf) * 4;
        if (headerLength < 20 || data.Length < headerLength || data[0] >> 4 != 4)
        {
            return parsed;
        }

        var fragment = BinaryPrimitives.ReadUInt16BigEndian(data[6..]);
        parsed = parsed with
        {
            SourceIp = new IPAddress(data[12..16]),
            DestinationIp = new IPAddress(data[16..20]),
            Protocol = data[9],
            Ttl = data[8],
            DontFragment = (fragment & 0x4000) != 0,
            MoreFragments = (fragment & 0x2000) != 0,
            FragmentOffset = (fragment & 0x1fff) * 8,
            Identification = BinaryPrimitives.ReadUInt16BigEndian(data[4..]),
        };
        var total = BinaryPrimitives.ReadUInt16BigEndian(data[2..]); // 0 in a frame yet to be segmented
        var end = total >= headerLength && total < data.Length ? total : data.Length; // without Ethernet's padding
        return Transport(parsed, data[headerLength..end]);
    }

    private static ParsedFrame IPv6(ParsedFrame parsed, ReadOnlySpan<byte> data)
    {
        if (data.Length < 40 || data[0] >> 4 != 6)
        {
            return parsed;
        }

        parsed = parsed with { SourceIp = new IPAddress(data[8..24]), DestinationIp = new IPAddress(data[24..40]), Ttl = data[7] };
        var next = data[6];
        var length = BinaryPrimitives.ReadUInt16BigEndian(data[4..]);
        var rest = length > 0 && length < data.Length - 40 ? data.Slice(40, length) : data[40..];
        while (next is HopByHop or Routing or Fragment or DestinationOptions && rest.Length >= 8)
        {
            if (next == Fragment)
            {
                var fragment = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
                parsed = parsed with
                {
                    FragmentOffset = fragment & 0xfff8,
                    MoreFragments = (fragment & 1) != 0,
                    Identification = BinaryPrimitives.ReadUInt32BigEndian(rest[4..]),
                };
            }

            var size = next == Fragment ? 8 : (rest[1] + 1) * 8;
            next = rest[0];
            rest = rest[Math.Min(size, rest.Length)..];
        }

        return Transport(parsed with { Protocol = next }, rest);
    }

    private static ParsedFrame Transport(ParsedFrame parsed, ReadOnlySpan<byte> data) =>
        parsed.FragmentOffset > 0 ? parsed : parsed.Protocol switch
        {
            IpProtocol.Udp when data.Length >= 8 => Ports(parsed, data) with { Payload = data[8..].ToArray() },
            IpProtocol.Tcp when data.Length >= 20 => Tcp(parsed, data),
            IpProtocol.Icmp when data.Length >= 4 => Icmp(parsed, data, isEcho: data[0] is 0 or 8),
            IpProtocol.IcmpV6 when data.Length >= 4 => Neighbour(Icmp(parsed, data, isEcho: data[0] is 128 or 129), data),
            _ => parsed,
        };

    private static ParsedFrame Ports(ParsedFrame parsed, ReadOnlySpan<byte> data) => parsed with
    {
        SourcePort = BinaryPrimitives.ReadUInt16BigEndian(data),
        DestinationPort = BinaryPrimitives.ReadUInt16BigEndian(data[2..]),
    };

    private static ParsedFrame Tcp(ParsedFrame parsed, ReadOnlySpan<byte> data)
    {
        var headerLength = Math.Min((data[12] >> 4) * 4, data.Length);
        return Ports(parsed, data) with { TcpFlags = data[13], Payload = data[headerLength..].ToArray() };
    }

    private static ParsedFrame Icmp(ParsedFrame parsed, ReadOnlySpan<byte> data, bool isEcho)
    {
        parsed = parsed with { IcmpType = data[0], IcmpCode = data[1] };
        return !isEcho || data.Length < 8
            ? parsed
            : parsed with
            {
                IcmpId = BinaryPrimitives.ReadUInt16BigEndian(data[4..]),
                IcmpSequence = BinaryPrimitives.ReadUInt16BigEndian(data[6..]),
                Payload = data[8..].ToArray(),
            };
    }

    /// <summary>Neighbour solicitation (135) and advertisement (136): a target and options of eight bytes each.</summary>
    private static ParsedFrame Neighbour(ParsedFrame parsed, ReadOnlySpan<byte> data)
    {
        if (data[0] is not (135 or 136) || data.Length < 24)
        {
            return parsed;
        }

        var hasMac = data.Length >= 32 && data[24] is 1 or 2 && data[25] == 1;
        return parsed with
        {
            NeighbourTarget = new IPAddress(data[8..24]),
            NeighbourMac = hasMac ? data[26..32].ToArray() : null,
        };
    }
}

using System.Net;

namespace Tapline.Wire.Netlink;

/// <summary>Messages of nfnetlink's conntrack subsystem (linux/netfilter/nfnetlink_conntrack.h). Values are big endian.</summary>
internal static class ConntrackCodec
{
    internal const ushort NFNL_SUBSYS_CTNETLINK = 1 << 8;
    internal const ushort IPCTNL_MSG_CT_NEW = NFNL_SUBSYS_CTNETLINK | 0;
    internal const ushort IPCTNL_MSG_CT_GET = NFNL_SUBSYS_CTNETLINK | 1;
    internal const ushort IPCTNL_MSG_CT_DELETE = NFNL_SUBSYS_CTNETLINK | 2;
    private const int FamilyHeaderLength = 4; // struct nfgenmsg

    private const ushort CTA_TUPLE_ORIG = 1;
    private const ushort CTA_TUPLE_REPLY = 2;
    private const ushort CTA_STATUS = 3;
    private const ushort CTA_TIMEOUT = 7;
    private const ushort CTA_MARK = 8;
    private const ushort CTA_ID = 12;
    private const ushort CTA_ZONE = 18;
    private const ushort CTA_TUPLE_IP = 1;
    private const ushort CTA_TUPLE_PROTO = 2;
    private const ushort CTA_TUPLE_ZONE = 3;
    private const ushort NLA_F_NESTED = 0x8000;

    internal static MessageWriter Dump(ushort? zone)
    {
        var request = new MessageWriter(IPCTNL_MSG_CT_GET, RouteConstants.NLM_F_REQUEST | RouteConstants.NLM_F_DUMP);
        request.Raw(new byte[FamilyHeaderLength]); // AF_UNSPEC: IPv4 and IPv6
        if (zone is { } only)
        {
            request.UInt16BigEndian(CTA_ZONE, only); // older kernels ignore it
        }

        return request;
    }

    internal static MessageWriter Delete(ConntrackEntry entry)
    {
        var request = new MessageWriter(IPCTNL_MSG_CT_DELETE, RouteConstants.NLM_F_REQUEST | RouteConstants.NLM_F_ACK);
        request.Raw([RouteRequests.Family(entry.Original.Source), 0, 0, 0]);
        request.Attribute(CTA_TUPLE_ORIG | NLA_F_NESTED, entry.RawOriginal);
        if (entry.HasOwnZone)
        {
            request.UInt16BigEndian(CTA_ZONE, entry.Zone);
        }

        request.UInt32BigEndian(CTA_ID, entry.Id);
        return request;
    }

    internal static ConntrackEntry? Entry(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < FamilyHeaderLength)
        {
            throw new WireFormatException($"nfgenmsg has {FamilyHeaderLength} bytes, {payload.Length} are here", 0);
        }

        ConntrackTuple? original = null;
        ConntrackTuple? reply = null;
        ushort? tupleZone = null;
        var parts = new ConntrackEntry { Original = Nothing, Reply = Nothing };
        var attributes = new AttributeReader(payload[FamilyHeaderLength..], FamilyHeaderLength);
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case CTA_TUPLE_ORIG:
                    (original, tupleZone) = Tuple(attributes.Nested());
                    parts = parts with { RawOriginal = attributes.Value.ToArray() };
                    break;
                case CTA_TUPLE_REPLY:
                    (reply, _) = Tuple(attributes.Nested());
                    break;
                default:
                    parts = Detail(parts, attributes);
                    break;
            }
        }

        return original is null || reply is null
            ? null
            : parts with { Original = original, Reply = reply, Zone = parts.HasOwnZone ? parts.Zone : tupleZone ?? 0 };
    }

    private static ConntrackTuple Nothing { get; } = new() { Source = IPAddress.Any, Destination = IPAddress.Any, Protocol = 0 };

    private static ConntrackEntry Detail(ConntrackEntry parts, AttributeReader attribute) => attribute.Type switch
    {
        CTA_STATUS => parts with { Status = (ConntrackStatus)attribute.UInt32BigEndian() },
        CTA_TIMEOUT => parts with { TimeoutSeconds = attribute.UInt32BigEndian() },
        CTA_MARK => parts with { Mark = attribute.UInt32BigEndian() },
        CTA_ID => parts with { Id = attribute.UInt32BigEndian() },
        CTA_ZONE => parts with { Zone = attribute.UInt16BigEndian(), HasOwnZone = true },
        _ => parts,
    };

    private static (ConntrackTuple Tuple, ushort? Zone) Tuple(AttributeReader attributes)
    {
        var tuple = Nothing;
        ushort? zone = null;
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case CTA_TUPLE_IP:
                    tuple = Addresses(tuple, attributes.Nested());
                    break;
                case CTA_TUPLE_PROTO:
                    tuple = Protocol(tuple, attributes.Nested());
                    break;
                case CTA_TUPLE_ZONE:
                    zone = attributes.UInt16BigEndian();
                    break;
            }
        }

        return (tuple, zone);
    }

    private static ConntrackTuple Addresses(ConntrackTuple tuple, AttributeReader attributes)
    {
        while (attributes.MoveNext())
        {
            tuple = attributes.Type switch
            {
                1 or 3 => tuple with { Source = attributes.Address() }, // CTA_IP_V4_SRC, CTA_IP_V6_SRC
                2 or 4 => tuple with { Destination = attributes.Address() },
                _ => tuple,
            };
        }

        return tuple;
    }

    private static ConntrackTuple Protocol(ConntrackTuple tuple, AttributeReader attributes)
    {
        while (attributes.MoveNext())
        {
            tuple = attributes.Type switch
            {
                1 => tuple with { Protocol = attributes.UInt8() }, // CTA_PROTO_NUM
                2 => tuple with { SourcePort = attributes.UInt16BigEndian() },
                3 => tuple with { DestinationPort = attributes.UInt16BigEndian() },
                4 or 7 => tuple with { IcmpId = attributes.UInt16BigEndian() }, // of ICMP, of ICMPv6
                5 or 8 => tuple with { IcmpType = attributes.UInt8() },
                6 or 9 => tuple with { IcmpCode = attributes.UInt8() },
                _ => tuple,
            };
        }

        return tuple;
    }
}

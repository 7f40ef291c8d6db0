using System.Buffers.Binary;
using Tapline.Wire.Interop;
using static Tapline.Wire.Netlink.RouteConstants;

namespace Tapline.Wire.Netlink;

/// <summary>What <see cref="RouteCodec.Link"/> passes over.</summary>
internal static class LinkDetailCodec
{
    private const ushort BRIDGE_VLAN_INFO_PVID = 2;
    private const ushort BRIDGE_VLAN_INFO_UNTAGGED = 4;
    private const ushort BRIDGE_VLAN_INFO_RANGE_BEGIN = 8;
    private const ushort BRIDGE_VLAN_INFO_RANGE_END = 16;

    internal static LinkDetail? Detail(ReadOnlySpan<byte> payload)
    {
        if (RouteCodec.Link(payload) is not { } link)
        {
            return null;
        }

        var detail = new LinkDetail { Link = link };
        var attributes = new AttributeReader(payload[RouteCodec.LinkHeaderLength..], RouteCodec.LinkHeaderLength);
        while (attributes.MoveNext())
        {
            detail = attributes.Type switch
            {
                IFLA_STATS64 => detail with { Statistics = Statistics(attributes.Value) },
                IFLA_XDP => detail with { HasXdp = IsAttached(attributes.Nested()) },
                IFLA_LINKINFO => Info(detail, attributes.Nested()),
                IFLA_AF_SPEC => Families(detail, attributes.Nested()),
                _ => detail,
            };
        }

        return detail;
    }

    /// <summary>The VLANs in an answer of the bridge family; ranges are taken apart.</summary>
    internal static void Vlans(ReadOnlySpan<byte> payload, List<BridgeVlan> into)
    {
        if (payload.Length < RouteCodec.LinkHeaderLength)
        {
            throw new WireFormatException($"ifinfomsg has {RouteCodec.LinkHeaderLength} bytes, {payload.Length} are here", 0);
        }

        var link = BinaryPrimitives.ReadInt32LittleEndian(payload[4..]);
        var attributes = new AttributeReader(payload[RouteCodec.LinkHeaderLength..], RouteCodec.LinkHeaderLength);
        while (attributes.MoveNext())
        {
            if (attributes.Type == IFLA_AF_SPEC)
            {
                VlansOf(link, attributes.Nested(), into);
            }
        }
    }

    private static void VlansOf(int link, AttributeReader specification, List<BridgeVlan> into)
    {
        var first = 0;
        while (specification.MoveNext())
        {
            if (specification.Type != IFLA_BRIDGE_VLAN_INFO || specification.Value.Length != 4)
            {
                continue;
            }

            var flags = BinaryPrimitives.ReadUInt16LittleEndian(specification.Value);
            var vlan = BinaryPrimitives.ReadUInt16LittleEndian(specification.Value[2..]);
            if ((flags & BRIDGE_VLAN_INFO_RANGE_BEGIN) != 0)
            {
                first = vlan;
                continue;
            }

            for (var each = (flags & BRIDGE_VLAN_INFO_RANGE_END) != 0 ? first : vlan; each <= vlan; each++)
            {
                into.Add(new BridgeVlan(link, each, (flags & BRIDGE_VLAN_INFO_PVID) != 0, (flags & BRIDGE_VLAN_INFO_UNTAGGED) != 0));
            }
        }
    }

    /// <summary>struct rtnl_link_stats64: packets, bytes, errors, drops, of both directions in turn.</summary>
    private static LinkStatistics Statistics(ReadOnlySpan<byte> value)
    {
        const int Known = 8 * sizeof(ulong);
        return value.Length < Known
            ? new LinkStatistics(0, 0, 0, 0)
            : new LinkStatistics(
                BinaryPrimitives.ReadInt64LittleEndian(value), BinaryPrimitives.ReadInt64LittleEndian(value[8..]),
                BinaryPrimitives.ReadInt64LittleEndian(value[48..]), BinaryPrimitives.ReadInt64LittleEndian(value[56..]));
    }

    private static bool IsAttached(AttributeReader xdp)
    {
        while (xdp.MoveNext())
        {
            if (xdp.Type == IFLA_XDP_ATTACHED)
            {
                return xdp.UInt8() != 0;
            }
        }

        return false;
    }

    private static LinkDetail Info(LinkDetail detail, AttributeReader info)
    {
        var (kind, masterKind) = ("", "");
        while (info.MoveNext())
        {
            switch (info.Type)
            {
                case IFLA_INFO_KIND:
                    kind = info.Text();
                    break;
                case IFLA_INFO_SLAVE_KIND:
                    masterKind = info.Text();
                    break;
                case IFLA_INFO_DATA when kind == "bridge":
                    detail = detail with { Bridge = Bridge(info.Nested()) };
                    break;
                case IFLA_INFO_SLAVE_DATA when masterKind == "bridge":
                    detail = detail with { BridgePort = BridgePort(info.Nested()) };
                    break;
            }
        }

        return detail;
    }

    private static BridgeDetail Bridge(AttributeReader data)
    {
        var bridge = new BridgeDetail();
        while (data.MoveNext())
        {
            bridge = data.Type switch
            {
                IFLA_BR_FORWARD_DELAY => bridge with { ForwardDelayCentiseconds = data.Int32() },
                IFLA_BR_AGEING_TIME => bridge with { AgeingCentiseconds = data.Int32() },
                IFLA_BR_STP_STATE => bridge with { Stp = data.Int32() != 0 },
                IFLA_BR_VLAN_FILTERING => bridge with { VlanFiltering = data.UInt8() != 0 },
                IFLA_BR_NF_CALL_IPTABLES => bridge with { CallIptables = data.UInt8() != 0 },
                IFLA_BR_NF_CALL_IP6TABLES => bridge with { CallIp6tables = data.UInt8() != 0 },
                IFLA_BR_NF_CALL_ARPTABLES => bridge with { CallArptables = data.UInt8() != 0 },
                _ => bridge,
            };
        }

        return bridge;
    }

    private static BridgePortDetail BridgePort(AttributeReader data)
    {
        var port = new BridgePortDetail();
        while (data.MoveNext())
        {
            port = data.Type switch
            {
                IFLA_BRPORT_STATE => port with { State = data.UInt8() },
                IFLA_BRPORT_MODE => port with { Hairpin = data.UInt8() != 0 },
                IFLA_BRPORT_LEARNING => port with { Learning = data.UInt8() != 0 },
                IFLA_BRPORT_UNICAST_FLOOD => port with { UnicastFlood = data.UInt8() != 0 },
                IFLA_BRPORT_MCAST_FLOOD => port with { MulticastFlood = data.UInt8() != 0 },
                IFLA_BRPORT_BCAST_FLOOD => port with { BroadcastFlood = data.UInt8() != 0 },
                IFLA_BRPORT_NEIGH_SUPPRESS => port with { NeighbourSuppression = data.UInt8() != 0 },
                IFLA_BRPORT_ISOLATED => port with { Isolated = data.UInt8() != 0 },
                IFLA_BRPORT_LOCKED => port with { Locked = data.UInt8() != 0 },
                _ => port,
            };
        }

        return port;
    }

    private static LinkDetail Families(LinkDetail detail, AttributeReader families)
    {
        while (families.MoveNext())
        {
            var wanted = families.Type switch { Posix.AF_INET => IFLA_INET_CONF, Posix.AF_INET6 => IFLA_INET6_CONF, _ => 0 };
            var inside = families.Nested();
            while (wanted != 0 && inside.MoveNext())
            {
                if (inside.Type == wanted)
                {
                    var values = Numbers(inside.Value);
                    detail = families.Type == Posix.AF_INET ? detail with { Ipv4Settings = values } : detail with { Ipv6Settings = values };
                }
            }
        }

        return detail;
    }

    private static int[] Numbers(ReadOnlySpan<byte> value)
    {
        var numbers = new int[value.Length / 4];
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] = BinaryPrimitives.ReadInt32LittleEndian(value[(4 * i)..]);
        }

        return numbers;
    }
}

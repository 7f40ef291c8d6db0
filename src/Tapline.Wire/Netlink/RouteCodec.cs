using System.Buffers.Binary;
using System.Net;
using static Tapline.Wire.Netlink.RouteConstants;

namespace Tapline.Wire.Netlink;

/// <summary>Payloads of rtnetlink messages to values. Unknown attributes are passed over.</summary>
internal static class RouteCodec
{
    internal const int LinkHeaderLength = 16; // struct ifinfomsg
    internal const int AddressHeaderLength = 8; // struct ifaddrmsg
    internal const int RouteHeaderLength = 12; // struct rtmsg
    internal const int NeighbourHeaderLength = 12; // struct ndmsg
    internal const int QdiscHeaderLength = 20; // struct tcmsg
    private const uint KnownHopFlags = RTNH_F_DEAD | RTNH_F_ONLINK | RTNH_F_LINKDOWN;

    internal static LinkInfo? Link(ReadOnlySpan<byte> payload)
    {
        Require(payload, LinkHeaderLength, "ifinfomsg");
        var flags = BinaryPrimitives.ReadUInt32LittleEndian(payload[8..]);
        var link = new LinkInfo
        {
            Index = BinaryPrimitives.ReadInt32LittleEndian(payload[4..]),
            Name = "",
            Kind = "",
            Mac = [],
            Mtu = 0,
            Up = (flags & IFF_UP) != 0,
            Carrier = (flags & IFF_LOWER_UP) != 0,
            OperationalState = OperationalState.Unknown,
            MasterIndex = 0,
            PeerIndex = 0,
            LinkNetNsId = null,
            Alias = null,
            Group = 0,
            Flags = flags,
        };
        var attributes = new AttributeReader(payload[LinkHeaderLength..], LinkHeaderLength);
        while (attributes.MoveNext())
        {
            link = attributes.Type switch
            {
                IFLA_ADDRESS => link with { Mac = attributes.Value.ToArray() },
                IFLA_IFNAME => link with { Name = attributes.Text() },
                IFLA_MTU => link with { Mtu = attributes.Int32() },
                IFLA_LINK => link with { PeerIndex = attributes.Int32() },
                IFLA_MASTER => link with { MasterIndex = attributes.Int32() },
                IFLA_OPERSTATE => link with { OperationalState = (OperationalState)attributes.UInt8() },
                IFLA_IFALIAS => link with { Alias = attributes.Text() },
                IFLA_GROUP => link with { Group = attributes.UInt32() },
                IFLA_CARRIER => link with { Carrier = attributes.UInt8() != 0 },
                IFLA_LINK_NETNSID => link with { LinkNetNsId = attributes.Int32() },
                IFLA_LINKINFO => link with { Kind = Kind(attributes.Nested()) },
                _ => link,
            };
        }

        return link;
    }

    internal static AddressInfo? Address(ReadOnlySpan<byte> payload)
    {
        Require(payload, AddressHeaderLength, "ifaddrmsg");
        if (!IsInternet(payload[0]))
        {
            return null;
        }

        IPAddress? local = null;
        IPAddress? address = null;
        uint flags = payload[2];
        var attributes = new AttributeReader(payload[AddressHeaderLength..], AddressHeaderLength);
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case IFA_LOCAL:
                    local = attributes.Address();
                    break;
                case IFA_ADDRESS:
                    address = attributes.Address();
                    break;
                case IFA_FLAGS:
                    flags = attributes.UInt32();
                    break;
            }
        }

        // On a point-to-point link IFA_ADDRESS is the far end; IFA_LOCAL, where present, is ours.
        return (local ?? address) is not { } ours
            ? null
            : new AddressInfo
            {
                LinkIndex = BinaryPrimitives.ReadInt32LittleEndian(payload[4..]),
                Address = ours,
                PrefixLength = payload[1],
                Scope = payload[3],
                Flags = flags,
            };
    }

    /// <summary>A route, or null for the kernel's cached clones and for other families (multicast routing, MPLS).</summary>
    internal static RouteInfo? Route(ReadOnlySpan<byte> payload)
    {
        Require(payload, RouteHeaderLength, "rtmsg");
        return IsInternet(payload[0]) && (BinaryPrimitives.ReadUInt32LittleEndian(payload[8..]) & RTM_F_CLONED) == 0 ? AnyRoute(payload) : null;
    }

    /// <summary>Also one that the kernel has made for a single destination (RTM_F_CLONED).</summary>
    internal static RouteInfo AnyRoute(ReadOnlySpan<byte> payload)
    {
        Require(payload, RouteHeaderLength, "rtmsg");
        var route = new RouteInfo
        {
            Destination = payload[0] == Interop.Posix.AF_INET ? IPAddress.Any : IPAddress.IPv6Any,
            PrefixLength = payload[1],
            Gateway = null,
            PreferredSource = null,
            LinkIndex = 0,
            Protocol = payload[5],
            Table = payload[4],
            Type = payload[7],
            Tos = payload[3],
            SourcePrefixLength = payload[2],
            Flags = BinaryPrimitives.ReadUInt32LittleEndian(payload[8..]) & KnownHopFlags,
        };
        var attributes = new AttributeReader(payload[RouteHeaderLength..], RouteHeaderLength);
        while (attributes.MoveNext())
        {
            route = attributes.Type switch
            {
                RTA_DST => route with { Destination = attributes.Address() },
                RTA_OIF => route with { LinkIndex = attributes.Int32() },
                RTA_GATEWAY => route with { Gateway = attributes.Address() },
                RTA_PREFSRC => route with { PreferredSource = attributes.Address() },
                RTA_TABLE => route with { Table = attributes.Int32() },
                RTA_PRIORITY => route with { Metric = attributes.Int32() },
                RTA_SRC => route with { Source = attributes.Address() },
                RTA_VIA => route with { Gateway = Via(attributes.Value) },
                RTA_METRICS => route with { Mtu = MtuOf(attributes.Nested()) },
                RTA_MULTIPATH => route with { NextHops = NextHops(attributes.Value) },
                RTA_ENCAP_TYPE => route with { EncapsulationType = attributes.UInt16() },
                _ => route,
            };
        }

        return route;
    }

    internal static NeighbourInfo? Neighbour(ReadOnlySpan<byte> payload)
    {
        Require(payload, NeighbourHeaderLength, "ndmsg");
        IPAddress? address = null;
        byte[]? mac = null;
        var attributes = new AttributeReader(payload[NeighbourHeaderLength..], NeighbourHeaderLength);
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case NDA_DST:
                    address = attributes.Address();
                    break;
                case NDA_LLADDR:
                    mac = attributes.Value.ToArray();
                    break;
            }
        }

        return address is null
            ? null
            : new NeighbourInfo
            {
                LinkIndex = BinaryPrimitives.ReadInt32LittleEndian(payload[4..]),
                Address = address,
                Mac = mac,
                State = (NeighbourState)BinaryPrimitives.ReadUInt16LittleEndian(payload[8..]),
                IsProxy = (payload[10] & NTF_PROXY) != 0,
            };
    }

    /// <summary>A bridge's forwarding entry, or null for what is no bridge's: a device's own list of addresses, a tunnel's peers.</summary>
    internal static BridgeForwarding? Forwarding(ReadOnlySpan<byte> payload)
    {
        Require(payload, NeighbourHeaderLength, "ndmsg");
        byte[]? mac = null;
        int? bridge = null;
        int? vlan = null;
        var attributes = new AttributeReader(payload[NeighbourHeaderLength..], NeighbourHeaderLength);
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case NDA_LLADDR:
                    mac = attributes.Value.ToArray();
                    break;
                case NDA_MASTER:
                    bridge = attributes.Int32();
                    break;
                case NDA_VLAN:
                    vlan = attributes.UInt16();
                    break;
            }
        }

        return payload[0] != AF_BRIDGE || mac is not { Length: 6 } || bridge is null
            ? null
            : new BridgeForwarding(
                bridge.Value, BinaryPrimitives.ReadInt32LittleEndian(payload[4..]), mac, vlan,
                (NeighbourState)BinaryPrimitives.ReadUInt16LittleEndian(payload[8..]));
    }

    internal static QdiscInfo? Qdisc(ReadOnlySpan<byte> payload)
    {
        Require(payload, QdiscHeaderLength, "tcmsg");
        var attributes = new AttributeReader(payload[QdiscHeaderLength..], QdiscHeaderLength);
        while (attributes.MoveNext())
        {
            if (attributes.Type == TCA_KIND)
            {
                return new QdiscInfo(
                    BinaryPrimitives.ReadInt32LittleEndian(payload[4..]), BinaryPrimitives.ReadUInt32LittleEndian(payload[8..]),
                    BinaryPrimitives.ReadUInt32LittleEndian(payload[12..]), attributes.Text());
            }
        }

        return null;
    }

    /// <summary>The number that the asked namespace has for the other one; -1 where it has none.</summary>
    internal static int? NamespaceId(ReadOnlySpan<byte> payload)
    {
        Require(payload, 4, "rtgenmsg");
        var attributes = new AttributeReader(payload[4..], 4);
        while (attributes.MoveNext())
        {
            if (attributes.Type == NETNSA_NSID)
            {
                return attributes.Int32();
            }
        }

        return null;
    }

    /// <summary>struct rtvia: a gateway of another family than the route's.</summary>
    private static IPAddress? Via(ReadOnlySpan<byte> value) => value.Length is 2 + 4 or 2 + 16 ? new IPAddress(value[2..]) : null;

    private static int? MtuOf(AttributeReader metrics)
    {
        while (metrics.MoveNext())
        {
            if (metrics.Type == RTAX_MTU)
            {
                return metrics.Int32();
            }
        }

        return null;
    }

    /// <summary>struct rtnexthop after struct rtnexthop, each with attributes of its own.</summary>
    private static List<NextHopInfo> NextHops(ReadOnlySpan<byte> value)
    {
        const int Header = 8;
        var hops = new List<NextHopInfo>();
        while (value.Length >= Header)
        {
            var length = BinaryPrimitives.ReadUInt16LittleEndian(value);
            if (length < Header || length > value.Length)
            {
                throw new WireFormatException($"next hop of {length} bytes with {value.Length} left", 0);
            }

            IPAddress? gateway = null;
            var attributes = new AttributeReader(value[Header..length], Header);
            while (attributes.MoveNext())
            {
                gateway = attributes.Type switch { RTA_GATEWAY => attributes.Address(), RTA_VIA => Via(attributes.Value), _ => gateway };
            }

            hops.Add(new NextHopInfo(gateway, BinaryPrimitives.ReadInt32LittleEndian(value[4..]), value[2], value[3] + 1));
            value = value[Math.Min((length + 3) & ~3, value.Length)..];
        }

        return hops;
    }

    private static string Kind(AttributeReader info)
    {
        while (info.MoveNext())
        {
            if (info.Type == IFLA_INFO_KIND)
            {
                return info.Text();
            }
        }

        return "";
    }

    private static bool IsInternet(byte family) => family is Interop.Posix.AF_INET or Interop.Posix.AF_INET6;

    private static void Require(ReadOnlySpan<byte> payload, int length, string what)
    {
        if (payload.Length < length)
        {
            throw new WireFormatException($"{what} has {length} bytes, {payload.Length} are here", 0);
        }
    }
}

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
            };
    }

    /// <summary>A route, or null for the kernel's cached clones and for other families (multicast routing, MPLS).</summary>
    internal static RouteInfo? Route(ReadOnlySpan<byte> payload)
    {
        Require(payload, RouteHeaderLength, "rtmsg");
        if (!IsInternet(payload[0]) || (BinaryPrimitives.ReadUInt32LittleEndian(payload[8..]) & RTM_F_CLONED) != 0)
        {
            return null;
        }

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
            };
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

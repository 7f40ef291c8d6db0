using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using static Tapline.Wire.Netlink.RouteConstants;

namespace Tapline.Wire.Netlink;

/// <summary>Builds rtnetlink requests. All look-ups are done by the caller before, so nothing here talks to the kernel.</summary>
internal static class RouteRequests
{
    private const ushort Acknowledged = NLM_F_REQUEST | NLM_F_ACK;

    internal static MessageWriter Dump(ushort type, int headerLength)
    {
        var request = new MessageWriter(type, NLM_F_REQUEST | NLM_F_DUMP);
        request.Raw(new byte[headerLength]);
        if (type == RTM_GETLINK)
        {
            request.UInt32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
        }

        return request;
    }

    internal static MessageWriter GetLink(string name)
    {
        var request = Link(RTM_GETLINK, Acknowledged, index: 0);
        request.Text(IFLA_IFNAME, name);
        request.UInt32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
        return request;
    }

    internal static MessageWriter NewVeth(VethEnd near, VethEnd far, int? farNamespace)
    {
        var request = Link(RTM_NEWLINK, Acknowledged | NLM_F_CREATE | NLM_F_EXCL, index: 0);
        WriteEnd(request, near);
        using (request.Nest(IFLA_LINKINFO))
        {
            request.Text(IFLA_INFO_KIND, "veth");
            using (request.Nest(IFLA_INFO_DATA))
            using (request.Nest(VETH_INFO_PEER))
            {
                request.Raw(new byte[RouteCodec.LinkHeaderLength]);
                WriteEnd(request, far);
                if (farNamespace is { } descriptor)
                {
                    request.UInt32(IFLA_NET_NS_FD, (uint)descriptor);
                }
            }
        }

        return request;
    }

    /// <summary>A bridge that learns nothing, forwards at once and floods multicast.</summary>
    internal static MessageWriter NewBridge(string name, uint group)
    {
        var request = Link(RTM_NEWLINK, Acknowledged | NLM_F_CREATE | NLM_F_EXCL, index: 0);
        request.Text(IFLA_IFNAME, name);
        request.UInt32(IFLA_GROUP, group);
        using (request.Nest(IFLA_LINKINFO))
        {
            request.Text(IFLA_INFO_KIND, "bridge");
            using (request.Nest(IFLA_INFO_DATA))
            {
                request.UInt32(IFLA_BR_FORWARD_DELAY, 0);
                request.UInt32(IFLA_BR_AGEING_TIME, 0);
                request.UInt32(IFLA_BR_STP_STATE, 0);
                request.UInt8(IFLA_BR_MCAST_SNOOPING, 0);
            }
        }

        return request;
    }

    internal static MessageWriter DeleteLink(string name)
    {
        var request = Link(RTM_DELLINK, Acknowledged, index: 0);
        request.Text(IFLA_IFNAME, name);
        return request;
    }

    internal static MessageWriter DeleteGroup(uint group)
    {
        var request = Link(RTM_DELLINK, Acknowledged, index: 0);
        request.UInt32(IFLA_GROUP, group);
        return request;
    }

    internal static MessageWriter SetGroup(string name, uint group)
    {
        var request = Link(RTM_NEWLINK, Acknowledged, index: 0);
        request.Text(IFLA_IFNAME, name);
        request.UInt32(IFLA_GROUP, group);
        return request;
    }

    internal static MessageWriter SetLink(int index, LinkChange change, int? masterIndex)
    {
        var up = change.Up is { } wanted ? (wanted ? IFF_UP : 0) : (uint?)null;
        var request = Link(RTM_NEWLINK, Acknowledged, index, flags: up ?? 0, mask: up is null ? 0 : IFF_UP);
        if (change.Rename is { } name)
        {
            request.Text(IFLA_IFNAME, name);
        }

        if (change.Mtu is { } mtu)
        {
            request.UInt32(IFLA_MTU, (uint)mtu);
        }

        if (change.Mac is { } mac)
        {
            request.Attribute(IFLA_ADDRESS, mac);
        }

        if (masterIndex is { } master)
        {
            request.UInt32(IFLA_MASTER, (uint)master);
        }

        if (change.Alias is { } alias)
        {
            request.Attribute(IFLA_IFALIAS, System.Text.Encoding.UTF8.GetBytes(alias));
        }

        if (change.NetNsFd is { } descriptor)
        {
            request.UInt32(IFLA_NET_NS_FD, (uint)descriptor);
        }

        return request;
    }

    internal static MessageWriter Address(ushort type, int linkIndex, IPAddress address, int prefixLength)
    {
        var isV4 = address.AddressFamily == AddressFamily.InterNetwork;
        var flags = type == RTM_NEWADDR ? Acknowledged | NLM_F_CREATE | NLM_F_REPLACE : Acknowledged;
        var request = new MessageWriter(type, (ushort)flags);
        Span<byte> header = stackalloc byte[RouteCodec.AddressHeaderLength];
        header[0] = Family(address);
        header[1] = (byte)prefixLength;
        header[2] = isV4 ? (byte)0 : IFA_F_NODAD;
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], linkIndex);
        request.Raw(header);
        var bytes = address.GetAddressBytes();
        request.Attribute(IFA_LOCAL, bytes);
        request.Attribute(IFA_ADDRESS, bytes);
        if (type == RTM_NEWADDR && isV4 && prefixLength < 31)
        {
            var host = uint.MaxValue >>> prefixLength; // prefixLength 0 keeps all bits
            BinaryPrimitives.WriteUInt32BigEndian(bytes, BinaryPrimitives.ReadUInt32BigEndian(bytes) | host);
            request.Attribute(IFA_BROADCAST, bytes);
        }

        return request;
    }

    internal static MessageWriter Route(ushort type, RouteSpec spec)
    {
        var isNew = type == RTM_NEWROUTE;
        var request = new MessageWriter(type, (ushort)(isNew ? Acknowledged | NLM_F_CREATE | NLM_F_REPLACE : Acknowledged));
        var isV4 = spec.Family == Interop.Posix.AF_INET;
        Span<byte> header = stackalloc byte[RouteCodec.RouteHeaderLength];
        header.Clear();
        header[0] = spec.Family;
        header[1] = (byte)spec.PrefixLength;
        header[4] = RT_TABLE_MAIN;
        header[5] = spec.Protocol;
        header[6] = !isNew ? RT_SCOPE_NOWHERE : isV4 && spec.Via is null ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
        header[7] = isNew ? RTN_UNICAST : (byte)0;
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], spec.OnLink ? RTNH_F_ONLINK : 0);
        request.Raw(header);
        if (spec.PrefixLength > 0 && spec.Destination is { } destination)
        {
            request.Attribute(RTA_DST, destination.GetAddressBytes());
        }

        if (spec.Via is { } via)
        {
            request.Attribute(RTA_GATEWAY, via.GetAddressBytes());
        }

        if (spec.LinkIndex is { } link)
        {
            request.UInt32(RTA_OIF, (uint)link);
        }

        if (spec.PreferredSource is { } source)
        {
            request.Attribute(RTA_PREFSRC, source.GetAddressBytes());
        }

        return request;
    }

    /// <summary>With <paramref name="source"/>, of a packet from there that comes in by the link; else of what the namespace sends.</summary>
    internal static MessageWriter Way(IPAddress destination, IPAddress? source = null, int linkIndex = 0)
    {
        var request = new MessageWriter(RTM_GETROUTE, Acknowledged);
        var address = destination.GetAddressBytes();
        Span<byte> header = stackalloc byte[RouteCodec.RouteHeaderLength];
        header.Clear();
        header[0] = (byte)(address.Length == 4 ? Interop.Posix.AF_INET : Interop.Posix.AF_INET6);
        header[1] = (byte)(address.Length * 8);
        header[2] = (byte)(source is null ? 0 : address.Length * 8);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], RTM_F_LOOKUP_TABLE);
        request.Raw(header);
        request.Attribute(RTA_DST, address);
        if (source is not null)
        {
            request.Attribute(RTA_SRC, source.GetAddressBytes());
            request.UInt32(RTA_IIF, (uint)linkIndex);
        }

        return request;
    }

    internal static MessageWriter DeleteNeighbour(int linkIndex, IPAddress address)
    {
        var request = new MessageWriter(RTM_DELNEIGH, Acknowledged);
        Span<byte> header = stackalloc byte[RouteCodec.NeighbourHeaderLength];
        header.Clear();
        header[0] = Family(address);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], linkIndex);
        request.Raw(header);
        request.Attribute(NDA_DST, address.GetAddressBytes());
        return request;
    }

    internal static byte Family(IPAddress address) =>
        (byte)(address.AddressFamily == AddressFamily.InterNetwork ? Interop.Posix.AF_INET : Interop.Posix.AF_INET6);

    private static MessageWriter Link(ushort type, int messageFlags, int index, uint flags = 0, uint mask = 0)
    {
        var request = new MessageWriter(type, (ushort)messageFlags);
        Span<byte> header = stackalloc byte[RouteCodec.LinkHeaderLength];
        header.Clear();
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], index);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], flags);
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], mask);
        request.Raw(header);
        return request;
    }

    private static void WriteEnd(MessageWriter request, VethEnd end)
    {
        request.Text(IFLA_IFNAME, end.Name);
        request.UInt32(IFLA_MTU, (uint)end.Mtu);
        if (end.Group != 0)
        {
            request.UInt32(IFLA_GROUP, end.Group);
        }

        if (end.Mac is { } mac)
        {
            request.Attribute(IFLA_ADDRESS, mac);
        }
    }

    internal readonly record struct VethEnd(string Name, byte[]? Mac, int Mtu, uint Group = 0);

    internal readonly record struct RouteSpec(byte Family, IPAddress? Destination, int PrefixLength)
    {
        internal IPAddress? Via { get; init; }

        internal int? LinkIndex { get; init; }

        internal byte Protocol { get; init; }

        internal IPAddress? PreferredSource { get; init; }

        internal bool OnLink { get; init; }
    }
}

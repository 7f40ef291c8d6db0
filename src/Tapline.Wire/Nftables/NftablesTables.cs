using Tapline.Wire.Interop;
using Tapline.Wire.Netlink;
using static Tapline.Wire.Netlink.RouteConstants;

namespace Tapline.Wire.Nftables;

/// <summary>
/// Which tables and device-bound chains there are, by one netlink request each: a namespace without any costs no library, and nft's
/// JSON leaves some of it out (linux/netfilter/nf_tables.h).
/// </summary>
public static class NftablesTables
{
    private const int NFNL_SUBSYS_NFTABLES = 10 << 8;
    private const ushort NFT_MSG_NEWTABLE = NFNL_SUBSYS_NFTABLES | 0;
    private const ushort NFT_MSG_GETTABLE = NFNL_SUBSYS_NFTABLES | 1;
    private const ushort NFT_MSG_NEWCHAIN = NFNL_SUBSYS_NFTABLES | 3;
    private const ushort NFT_MSG_GETCHAIN = NFNL_SUBSYS_NFTABLES | 4;
    private const int FamilyHeaderLength = 4; // struct nfgenmsg
    private const ushort NFTA_TABLE_NAME = 1;
    private const ushort NFTA_TABLE_FLAGS = 2;
    private const ushort NFTA_CHAIN_TABLE = 1;
    private const ushort NFTA_CHAIN_NAME = 3;
    private const ushort NFTA_CHAIN_HOOK = 4;
    private const ushort NFTA_HOOK_DEV = 3;
    private const ushort NFTA_HOOK_DEVS = 4;
    private const uint NFT_TABLE_F_DORMANT = 1;

    /// <summary>The tables of the calling thread's namespace.</summary>
    public static IReadOnlyList<NftablesTable> ListHere() => Dump(NFT_MSG_GETTABLE, "list nftables tables", (type, payload) => type == NFT_MSG_NEWTABLE ? Table(payload) : null);

    /// <summary>The chains of the calling thread's namespace that hang on devices (families netdev and inet, hooks ingress and egress).</summary>
    public static IReadOnlyList<NftablesDeviceChain> ListDeviceChainsHere() =>
        Dump(NFT_MSG_GETCHAIN, "list nftables chains", (type, payload) => type == NFT_MSG_NEWCHAIN ? DeviceChain(payload) : null);

    internal static NftablesTable? Table(ReadOnlySpan<byte> payload)
    {
        var attributes = Attributes(payload);
        var (name, flags) = ((string?)null, 0u);
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case NFTA_TABLE_NAME:
                    name = attributes.Text();
                    break;
                case NFTA_TABLE_FLAGS:
                    flags = attributes.UInt32BigEndian();
                    break;
            }
        }

        return name is null ? null : new NftablesTable(Family(payload[0]), name) { IsDormant = (flags & NFT_TABLE_F_DORMANT) != 0 };
    }

    internal static NftablesDeviceChain? DeviceChain(ReadOnlySpan<byte> payload)
    {
        var attributes = Attributes(payload);
        var (table, name, devices) = ("", "", (List<string>?)null);
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case NFTA_CHAIN_TABLE:
                    table = attributes.Text();
                    break;
                case NFTA_CHAIN_NAME:
                    name = attributes.Text();
                    break;
                case NFTA_CHAIN_HOOK:
                    devices = Devices(attributes.Nested());
                    break;
            }
        }

        // One of the family netdev stays when its last device goes; one of the family inet hangs on devices or on none.
        var family = Family(payload[0]);
        return devices is null || (devices.Count == 0 && family != "netdev") ? null : new NftablesDeviceChain(family, table, name, devices);
    }

    private static List<string> Devices(AttributeReader hook)
    {
        var devices = new List<string>();
        while (hook.MoveNext())
        {
            if (hook.Type == NFTA_HOOK_DEV)
            {
                devices.Add(hook.Text());
            }
            else if (hook.Type == NFTA_HOOK_DEVS)
            {
                for (var names = hook.Nested(); names.MoveNext();)
                {
                    devices.Add(names.Text());
                }
            }
        }

        return [.. devices.Distinct()]; // a single device is told in both ways
    }

    private static List<T> Dump<T>(ushort get, string what, Func<ushort, ReadOnlySpan<byte>, T?> read)
        where T : class
    {
        using var socket = NetlinkSocket.Open(null, NETLINK_NETFILTER, "a netfilter netlink socket");
        var request = new MessageWriter(get, NLM_F_REQUEST | NLM_F_DUMP);
        request.Raw(new byte[FamilyHeaderLength]);
        return socket.Dump(request, what, read);
    }

    private static AttributeReader Attributes(ReadOnlySpan<byte> payload) => payload.Length >= FamilyHeaderLength
        ? new AttributeReader(payload[FamilyHeaderLength..], FamilyHeaderLength)
        : throw new WireFormatException($"nfgenmsg has {FamilyHeaderLength} bytes, {payload.Length} are here", 0);

    /// <summary>NFPROTO_* in nft's words.</summary>
    private static string Family(byte number) => number switch
    {
        1 => "inet",
        Posix.AF_INET => "ip",
        3 => "arp",
        5 => "netdev",
        AF_BRIDGE => "bridge",
        Posix.AF_INET6 => "ip6",
        _ => number.ToString(),
    };
}

/// <summary>A table by family and name.</summary>
public sealed record NftablesTable(string Family, string Name)
{
    /// <summary>Its chains are not called.</summary>
    public bool IsDormant { get; init; }
}

/// <summary>A base chain, and the devices that it hangs on.</summary>
public sealed record NftablesDeviceChain(string Family, string Table, string Name, IReadOnlyList<string> Devices);

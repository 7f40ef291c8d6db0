using Tapline.Wire.Interop;
using Tapline.Wire.Netlink;
using static Tapline.Wire.Netlink.RouteConstants;

namespace Tapline.Wire.Nftables;

/// <summary>Which tables there are, by one netlink request: a namespace without any costs no library.</summary>
public static class NftablesTables
{
    private const ushort NFT_MSG_NEWTABLE = (10 << 8) | 0; // NFNL_SUBSYS_NFTABLES
    private const ushort NFT_MSG_GETTABLE = (10 << 8) | 1;
    private const int FamilyHeaderLength = 4; // struct nfgenmsg
    private const ushort NFTA_TABLE_NAME = 1;

    /// <summary>The tables of the calling thread's namespace.</summary>
    public static IReadOnlyList<NftablesTable> ListHere()
    {
        using var socket = NetlinkSocket.Open(null, NETLINK_NETFILTER, "a netfilter netlink socket");
        var request = new MessageWriter(NFT_MSG_GETTABLE, NLM_F_REQUEST | NLM_F_DUMP);
        request.Raw(new byte[FamilyHeaderLength]);
        return socket.Dump(request, "list nftables tables", (type, payload) => type == NFT_MSG_NEWTABLE ? Table(payload) : null);
    }

    internal static NftablesTable? Table(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < FamilyHeaderLength)
        {
            throw new WireFormatException($"nfgenmsg has {FamilyHeaderLength} bytes, {payload.Length} are here", 0);
        }

        var attributes = new AttributeReader(payload[FamilyHeaderLength..], FamilyHeaderLength);
        while (attributes.MoveNext())
        {
            if (attributes.Type == NFTA_TABLE_NAME)
            {
                return new NftablesTable(Family(payload[0]), attributes.Text());
            }
        }

        return null;
    }

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
public sealed record NftablesTable(string Family, string Name);

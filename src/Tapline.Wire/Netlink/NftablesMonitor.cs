using Tapline.Wire.Namespaces;

namespace Tapline.Wire.Netlink;

/// <summary>Tells of every change to the nftables of one namespace, whoever made it, from the moment of opening.</summary>
public sealed class NftablesMonitor : IDisposable
{
    private const int NFNLGRP_NFTABLES = 7;
    private const int NFNL_SUBSYS_NFTABLES = 10;
    private const int FamilyHeaderLength = 4; // struct nfgenmsg
    private const byte NFT_MSG_NEWGEN = 15;
    private const ushort NFTA_TABLE = 1; // the table's name has this number in all kinds
    private const ushort NFTA_NAME = 2; // the name, but a chain's
    private const ushort NFTA_CHAIN_NAME = 3;
    private const ushort NFTA_GEN_ID = 1;
    private const ushort NFTA_GEN_PROC_PID = 2;
    private const ushort NFTA_GEN_PROC_NAME = 3;

    private readonly NetlinkListener _listener;

    private NftablesMonitor(NetlinkListener listener) => _listener = listener;

    /// <summary>Opens in the given namespace, or in that of the calling thread.</summary>
    public static NftablesMonitor Open(NetNamespace? ns = null) =>
        new(NetlinkListener.Open(ns, RouteConstants.NETLINK_NETFILTER, [NFNLGRP_NFTABLES], "an nftables monitor"));

    /// <summary>The changes in order, until cancelled. One reader at a time.</summary>
    public IAsyncEnumerable<NftablesEvent> EventsAsync(CancellationToken cancellationToken) =>
        _listener.ReadAsync(Read, new NftablesEvent(NftablesEventKind.Overrun), cancellationToken);

    public void Dispose() => _listener.Dispose();

    internal static void Read(NetlinkMessage message, List<NftablesEvent> into)
    {
        if (message.Type >> 8 != NFNL_SUBSYS_NFTABLES || message.Payload.Length < FamilyHeaderLength)
        {
            return;
        }

        var number = (byte)message.Type;
        if (KindOf(number) is not { } kind)
        {
            return;
        }

        var attributes = new AttributeReader(message.Payload[FamilyHeaderLength..], FamilyHeaderLength);
        var read = new NftablesEvent(kind.Kind) { Deleted = kind.Deleted, Family = message.Payload[0], PortId = message.PortId };
        into.Add(number == NFT_MSG_NEWGEN ? Generation(read, attributes) : Names(read, attributes));
    }

    private static (NftablesEventKind Kind, bool Deleted)? KindOf(byte number) => number switch
    {
        0 => (NftablesEventKind.Table, false),
        2 => (NftablesEventKind.Table, true),
        3 => (NftablesEventKind.Chain, false),
        5 => (NftablesEventKind.Chain, true),
        6 => (NftablesEventKind.Rule, false),
        8 => (NftablesEventKind.Rule, true),
        9 => (NftablesEventKind.Set, false),
        11 => (NftablesEventKind.Set, true),
        12 => (NftablesEventKind.Element, false),
        14 => (NftablesEventKind.Element, true),
        NFT_MSG_NEWGEN => (NftablesEventKind.Generation, false),
        18 or 22 => (NftablesEventKind.Object, false),
        20 or 24 => (NftablesEventKind.Object, true),
        _ => null, // answers to get requests, and traces
    };

    private static NftablesEvent Names(NftablesEvent read, AttributeReader attributes)
    {
        var nameAt = read.Kind == NftablesEventKind.Chain ? NFTA_CHAIN_NAME : NFTA_NAME;
        while (attributes.MoveNext())
        {
            if (attributes.Type == NFTA_TABLE)
            {
                read = read with { Table = attributes.Text() };
            }
            else if (attributes.Type == nameAt && read.Kind != NftablesEventKind.Table)
            {
                read = read with { Name = attributes.Text() };
            }
        }

        return read;
    }

    private static NftablesEvent Generation(NftablesEvent read, AttributeReader attributes)
    {
        while (attributes.MoveNext())
        {
            read = attributes.Type switch
            {
                NFTA_GEN_ID => read with { GenerationId = attributes.UInt32BigEndian() },
                NFTA_GEN_PROC_PID => read with { ProcessId = attributes.UInt32BigEndian() },
                NFTA_GEN_PROC_NAME => read with { ProcessName = attributes.Text() },
                _ => read,
            };
        }

        return read;
    }
}

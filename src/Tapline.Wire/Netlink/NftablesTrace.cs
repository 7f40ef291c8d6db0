using System.Net;
using Tapline.Wire.Namespaces;

namespace Tapline.Wire.Netlink;

/// <summary>Tells of each rule that packets marked by <c>meta nftrace set 1</c> meet in one namespace, from the moment of opening.</summary>
public sealed class NftablesTrace : IDisposable
{
    private const int NFNLGRP_NFTRACE = 9;
    private const ushort NFT_MSG_TRACE = (10 << 8) | 17;
    private const int FamilyHeaderLength = 4; // struct nfgenmsg
    private const ushort NFTA_TRACE_TABLE = 1;
    private const ushort NFTA_TRACE_CHAIN = 2;
    private const ushort NFTA_TRACE_RULE_HANDLE = 3;
    private const ushort NFTA_TRACE_TYPE = 4;
    private const ushort NFTA_TRACE_VERDICT = 5;
    private const ushort NFTA_TRACE_ID = 6;
    private const ushort NFTA_TRACE_NETWORK_HEADER = 8;
    private const ushort NFTA_TRACE_POLICY = 16;
    private const ushort NFTA_VERDICT_CODE = 1;
    private const uint NFT_TRACETYPE_POLICY = 1;
    private const uint NF_DROP = 0;

    private readonly NetlinkListener _listener;
    private readonly Dictionary<uint, (IPAddress Source, IPAddress Destination)> _packets = []; // the header comes once a hook

    private NftablesTrace(NetlinkListener listener) => _listener = listener;

    /// <summary>Opens in the given namespace.</summary>
    public static NftablesTrace Open(NetNamespace ns) =>
        new(NetlinkListener.Open(ns, RouteConstants.NETLINK_NETFILTER, [NFNLGRP_NFTRACE], "an nftables trace"));

    /// <summary>What is met, in order, until cancelled; a default stands for events that were lost. One reader at a time.</summary>
    public IAsyncEnumerable<NftablesTraceEvent> EventsAsync(CancellationToken cancellationToken) =>
        _listener.ReadAsync(Read, NftablesTraceEvent.Lost, cancellationToken);

    public void Dispose() => _listener.Dispose();

    internal void Read(NetlinkMessage message, List<NftablesTraceEvent> into)
    {
        if (message.Type != NFT_MSG_TRACE || message.Payload.Length < FamilyHeaderLength)
        {
            return;
        }

        var read = NftablesTraceEvent.Lost with { Family = message.Payload[0] }; // the table's; NFTA_TRACE_NFPROTO is the packet's
        var id = 0u;
        var isPolicy = false;
        var attributes = new AttributeReader(message.Payload[FamilyHeaderLength..], FamilyHeaderLength);
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case NFTA_TRACE_TABLE:
                    read = read with { Table = attributes.Text() };
                    break;
                case NFTA_TRACE_CHAIN:
                    read = read with { Chain = attributes.Text() };
                    break;
                case NFTA_TRACE_RULE_HANDLE:
                    read = read with { Rule = attributes.UInt64BigEndian() };
                    break;
                case NFTA_TRACE_TYPE:
                    isPolicy = attributes.UInt32BigEndian() == NFT_TRACETYPE_POLICY;
                    break;
                case NFTA_TRACE_VERDICT:
                    read = read with { IsDrop = IsDrop(attributes.Nested()) };
                    break;
                case NFTA_TRACE_POLICY:
                    read = read with { IsDrop = attributes.UInt32BigEndian() == NF_DROP };
                    break;
                case NFTA_TRACE_ID:
                    id = attributes.UInt32BigEndian();
                    break;
                case NFTA_TRACE_NETWORK_HEADER when attributes.Value.Length >= 20 && attributes.Value[0] >> 4 == 4:
                    _packets[id] = (new IPAddress(attributes.Value[12..16]), new IPAddress(attributes.Value[16..20]));
                    break;
                default:
                    break;
            }
        }

        var (source, destination) = _packets.GetValueOrDefault(id);
        into.Add(read with { IsPolicy = isPolicy, Source = source, Destination = destination });
    }

    private static bool IsDrop(AttributeReader verdict)
    {
        while (verdict.MoveNext())
        {
            if (verdict.Type == NFTA_VERDICT_CODE)
            {
                return verdict.UInt32BigEndian() == NF_DROP;
            }
        }

        return false;
    }
}

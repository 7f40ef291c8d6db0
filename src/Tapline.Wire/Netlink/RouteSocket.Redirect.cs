using System.Buffers.Binary;
using static Tapline.Wire.Netlink.RouteConstants;

namespace Tapline.Wire.Netlink;

public sealed partial class RouteSocket
{
    private const int TrafficControlHeader = 20; // struct tcmsg
    private const ushort EveryProtocol = 3; // ETH_P_ALL

    /// <summary>What comes in by <paramref name="from"/> comes in by <paramref name="to"/> instead, from now on until <paramref name="from"/> is gone.</summary>
    public void RedirectIngress(string from, string to)
    {
        var (source, target) = (IndexOf(from), IndexOf(to));
        var qdisc = TrafficControl(RTM_NEWQDISC, source, TC_H_CLSACT_HANDLE, TC_H_CLSACT, 0);
        qdisc.Text(TCA_KIND, "clsact");
        _socket.Execute(qdisc, $"add clsact to {from}");

        var filter = TrafficControl(RTM_NEWTFILTER, source, 0, TC_H_CLSACT_INGRESS, (1u << 16) | BinaryPrimitives.ReverseEndianness(EveryProtocol));
        filter.Text(TCA_KIND, "u32");
        using (filter.Nest(TCA_OPTIONS))
        {
            filter.Attribute(TCA_U32_SEL, EveryPacket());
            using (filter.Nest(TCA_U32_ACT))
            using (filter.Nest(1)) // the first action
            {
                filter.Text(TCA_ACT_KIND, "mirred");
                using (filter.Nest(TCA_ACT_OPTIONS))
                {
                    filter.Attribute(TCA_MIRRED_PARMS, Redirect(target));
                }
            }
        }

        _socket.Execute(filter, $"redirect what comes in by {from} to {to}");
    }

    private static MessageWriter TrafficControl(ushort type, int index, uint handle, uint parent, uint info)
    {
        var request = new MessageWriter(type, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL);
        Span<byte> header = stackalloc byte[TrafficControlHeader];
        header.Clear();
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], index);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], handle);
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], parent);
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], info);
        request.Raw(header);
        return request;
    }

    /// <summary>struct tc_u32_sel with one struct tc_u32_key whose mask is 0.</summary>
    private static byte[] EveryPacket()
    {
        var selector = new byte[32];
        selector[0] = TC_U32_TERMINAL;
        selector[2] = 1; // one key
        return selector;
    }

    /// <summary>struct tc_mirred: index, capabilities, action, two counts, what to do, to which device.</summary>
    private static byte[] Redirect(int target)
    {
        var parameters = new byte[28];
        BinaryPrimitives.WriteInt32LittleEndian(parameters.AsSpan(8), TC_ACT_STOLEN);
        BinaryPrimitives.WriteInt32LittleEndian(parameters.AsSpan(20), TCA_INGRESS_REDIR);
        BinaryPrimitives.WriteInt32LittleEndian(parameters.AsSpan(24), target);
        return parameters;
    }
}

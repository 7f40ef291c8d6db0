using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Switching;

/// <summary>What an action that sets a field makes of a frame.</summary>
internal static class FieldChange
{
    /// <summary>The frame with these bits of a field set, as it is where it has no such field; null where that is not understood.</summary>
    internal static Frame? Set(Frame frame, string field, FieldBits value, UInt128 mask)
    {
        var width = FlowFields.Width(field);
        if (width == 0)
        {
            return null;
        }

        if (FlowFields.Read(frame, field).Bits is not { } old)
        {
            return frame;
        }

        var now = old.With(value, mask & FieldBits.Mask(width));
        return Noted(field) ? frame with { Notes = frame.Notes.SetItem(field, now) }
            : (~now.Known & FieldBits.Mask(width)) != 0 ? null
            : Write(frame, field, now.Value);
    }

    private static bool Noted(string field) => field is "pkt_mark" or "metadata" or "tun_id" or "tun_src" or "tun_dst" or "tun_flags"
        or "ct_mark" or "ct_label" or "ct_zone" or "ct_state" || field.StartsWith("reg", StringComparison.Ordinal);

    private static Frame? Write(Frame frame, string field, UInt128 value)
    {
        var packet = frame.Packet;
        Frame With(Packet changed) => frame with { Packet = changed };
        return field switch
        {
            "eth_src" => With(packet with { EtherSource = new MacAddress((ulong)value) }),
            "eth_dst" => With(packet with { EtherDestination = new MacAddress((ulong)value) }),
            "vlan_tci" => SetTci(frame, (int)value),
            "vlan_vid" => frame.Tags is [var tag, ..] ? frame.WithOuter(tag with { Vid = (int)value & 0xfff }) : frame,
            "vlan_pcp" => frame.Tags is [var tag, ..] ? frame.WithOuter(tag with { Priority = (int)value }) : frame,
            "ip_src" or "ipv6_src" or "arp_spa" => With(packet with { Source = packet.Source with { Bits = value } }),
            "ip_dst" or "ipv6_dst" or "arp_tpa" => With(packet with { Destination = packet.Destination with { Bits = value } }),
            "ip_tos" => With(packet with { Dscp = (int)value >> 2 }),
            "ip_dscp" => With(packet with { Dscp = (int)value }),
            "ip_ecn" => frame,
            "ip_ttl" => With(packet with { TimeToLive = (int)value }),
            "arp_op" => With(packet with { ArpOperation = (int)value }),
            "arp_sha" => With(packet with { ArpSender = new MacAddress((ulong)value) }),
            "arp_tha" => With(packet with { ArpTarget = new MacAddress((ulong)value) }),
            "tp_src" => With(packet with { SourcePort = (int)value }),
            "tp_dst" => With(packet with { DestinationPort = (int)value }),
            "icmp_type" => With(packet with { IcmpType = (int)value }),
            "icmp_code" => With(packet with { IcmpCode = (int)value }),
            _ => null,
        };
    }

    /// <summary>The tag as a whole: zero takes it away, bit 12 says that there is one.</summary>
    private static Frame? SetTci(Frame frame, int tci)
    {
        if ((tci & 0x1000) != 0)
        {
            var tag = new VlanTag(tci & 0xfff, tci >> 13);
            return frame.Tags.IsEmpty ? frame.Pushed(tag) : frame.WithOuter(tag);
        }

        return tci == 0 && frame.Tags.Count < 2 ? frame with { Tags = [] } : null;
    }
}

namespace Tapline.Core.Doctor.Switching;

/// <summary>The fields of a frame by the names that flows use, of ovs-ofctl, NXM and OXM alike.</summary>
internal static class FlowFields
{
    internal const int Sctp = 132;

    private const int VlanPresent = 0x1000;

    private static readonly string[] Prefixes = ["nxm_of_", "nxm_nx_", "oxm_of_", "erxm_nx_"];

    /// <summary>One name for each field.</summary>
    internal static string Canonical(string name)
    {
        var plain = name.ToLowerInvariant();
        foreach (var prefix in Prefixes)
        {
            plain = plain.After(prefix) ?? plain;
        }

        return plain switch
        {
            "dl_src" => "eth_src",
            "dl_dst" => "eth_dst",
            "dl_type" => "eth_type",
            "dl_vlan_pcp" => "vlan_pcp",
            "nw_src" or "ipv4_src" => "ip_src",
            "nw_dst" or "ipv4_dst" => "ip_dst",
            "nw_proto" => "ip_proto",
            "nw_tos" => "ip_tos",
            "nw_ecn" => "ip_ecn",
            "nw_ttl" => "ip_ttl",
            "nw_frag" => "ip_frag",
            "tcp_src" or "udp_src" or "sctp_src" => "tp_src",
            "tcp_dst" or "udp_dst" or "sctp_dst" => "tp_dst",
            "icmpv4_type" or "icmpv6_type" => "icmp_type",
            "icmpv4_code" or "icmpv6_code" => "icmp_code",
            "tunnel_id" => "tun_id",
            "ipv6_nd_target" => "nd_target",
            _ => plain,
        };
    }

    /// <summary>A field by its one name; <see cref="FieldReading.Absent"/> where the frame has none such.</summary>
    internal static FieldReading Read(Frame frame, string field)
    {
        var packet = frame.Packet;
        var arp = packet.IsArp;
        return field switch
        {
            "eth_src" => Value(packet.EtherSource.Value),
            "eth_dst" => Value(packet.EtherDestination.Value),
            "eth_type" => Value((uint)packet.EtherType),
            "vlan_tci" => Value(frame.Tags is [var tag, ..] ? Tci(tag) : 0),
            "vlan_vid" => frame.Tags is [var tag, ..] ? Value((uint)(VlanPresent | tag.Vid)) : Value(0),
            "vlan_pcp" => frame.Tags is [var tag, ..] ? Value((uint)tag.Priority) : FieldReading.Absent,
            "ip_src" => ValueIf(packet.EtherType == Packet.EtherIpv4, packet.Source.Bits),
            "ip_dst" => ValueIf(packet.EtherType == Packet.EtherIpv4, packet.Destination.Bits),
            "ipv6_src" => ValueIf(packet.IsV6, packet.Source.Bits),
            "ipv6_dst" => ValueIf(packet.IsV6, packet.Destination.Bits),
            "ip_proto" => arp ? Value((uint)packet.ArpOperation) : ValueIf(packet.IsIp, (uint)packet.Protocol),
            "ip_tos" => ValueIf(packet.IsIp, (uint)packet.Dscp << 2),
            "ip_dscp" => ValueIf(packet.IsIp, (uint)packet.Dscp),
            "ip_ecn" => ValueIf(packet.IsIp, 0),
            "ip_ttl" => ValueIf(packet.IsIp, (uint)packet.TimeToLive),
            "arp_op" => ValueIf(arp, (uint)packet.ArpOperation),
            "arp_spa" => ValueIf(arp, packet.Source.Bits),
            "arp_tpa" => ValueIf(arp, packet.Destination.Bits),
            "arp_sha" => ValueIf(arp, packet.ArpSender.Value),
            "arp_tha" => ValueIf(arp, packet.ArpTarget.Value),
            "tp_src" => ValueIf(HasPorts(packet), (uint)packet.SourcePort),
            "tp_dst" => ValueIf(HasPorts(packet), (uint)packet.DestinationPort),
            "tcp_flags" => ValueIf(packet.IsIp && packet.Protocol == Packet.Tcp, (uint)packet.TcpFlags),
            "icmp_type" => ValueIf(IsIcmp(packet), (uint)packet.IcmpType),
            "icmp_code" => ValueIf(IsIcmp(packet), (uint)packet.IcmpCode),
            "pkt_mark" => frame.Notes.TryGetValue(field, out var mark) ? new(mark) : Value(packet.Mark),
            _ when Width(field) > 0 => new FieldReading(frame.Notes.GetValueOrDefault(field, FieldBits.Of(0))),
            _ => new FieldReading(FieldBits.Unknown),
        };
    }

    /// <summary>How many bits flows can set of it; 0 for a field that is not understood.</summary>
    internal static int Width(string field) => field switch
    {
        "eth_src" or "eth_dst" or "arp_sha" or "arp_tha" => 48,
        "vlan_tci" or "arp_op" or "tp_src" or "tp_dst" => 16,
        "vlan_vid" => 13,
        "vlan_pcp" => 3,
        "ip_src" or "ip_dst" or "arp_spa" or "arp_tpa" or "pkt_mark" or "ct_mark" or "ct_state" => 32,
        "ipv6_src" or "ipv6_dst" or "ct_label" => 128,
        "ip_tos" or "ip_ttl" or "icmp_type" or "icmp_code" => 8,
        "ip_dscp" => 6,
        "ip_ecn" => 2,
        "ct_zone" => 16,
        "metadata" or "tun_id" => 64,
        "tun_src" or "tun_dst" or "tun_flags" => 32,
        _ => FlowText.TryInt(field.After("reg") ?? "", out var register) && register < 16 ? 32 : 0,
    };

    internal static uint Tci(VlanTag tag) => (uint)(VlanPresent | (tag.Priority << 13) | tag.Vid);

    internal static bool HasPorts(Packet packet) => packet.IsIp && packet.Protocol is Packet.Tcp or Packet.Udp or Sctp;

    internal static bool IsIcmp(Packet packet) =>
        (packet.EtherType == Packet.EtherIpv4 && packet.Protocol == Packet.Icmp) || (packet.IsV6 && packet.Protocol == Packet.Icmpv6);

    private static FieldReading Value(UInt128 value) => new(FieldBits.Of(value));

    private static FieldReading ValueIf(bool present, UInt128 value) => present ? Value(value) : FieldReading.Absent;
}

/// <summary>What a frame has of a field.</summary>
/// <param name="Bits">Null where it has none such.</param>
internal readonly record struct FieldReading(FieldBits? Bits)
{
    internal static FieldReading Absent => default;
}

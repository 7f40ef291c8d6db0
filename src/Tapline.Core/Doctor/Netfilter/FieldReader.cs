namespace Tapline.Core.Doctor.Netfilter;

/// <summary>A field's value for a packet at a hook, as nftables' expressions read it; see <see cref="Operand.Field"/> for the names.</summary>
internal static class FieldReader
{
    public static Reading Read(string field, FilterTable table, WalkState state)
    {
        var space = field.IndexOf(' ', StringComparison.Ordinal);
        var (group, name) = space < 0 ? (field, "") : (field[..space], field[(space + 1)..]);
        return group switch
        {
            "meta" => Meta(name, state),
            "ether" => Ether(name, state),
            "vlan" => Vlan(name, state.Packet),
            "ip" or "ip6" => Ip(group, name, state),
            "tcp" or "udp" or "sctp" or "dccp" or "udplite" or "th" => TransportReader.Ports(group, name, state.Packet),
            "icmp" or "icmpv6" => TransportReader.Icmp(group, name, state.Packet),
            "ipset" => TransportReader.SetPort(name, state.Packet),
            "arp" => Arp(name, state.Packet),
            "ct" => TrackingReader.Read(name, table, state),
            "fib" => FibReader.Read(name, state),
            "rt" => Route(name, state),
            "physdev" => Physdev(name, state.Context),
            _ when group.StartsWith('@') => RawReader.Read(group, state),
            _ => Reading.Unknown(field),
        };
    }

    private static Reading Meta(string name, WalkState state)
    {
        var packet = state.Packet;
        return name switch
        {
            // A missing device has the empty name since Linux 5.5 (before, the condition did not hold).
            "iifname" or "iif" => Reading.Of(state.In ?? ""),
            "oifname" or "oif" => Reading.Of(state.Out ?? ""),
            "ibrname" or "obrname" => state.Context switch
            {
                { Bridge: { } bridge } => Reading.Of(bridge),
                { Family: "bridge" } => Reading.Unknown("meta " + name),
                _ => Reading.Absent,
            },
            "mark" => packet.IsMarkUnknown ? Reading.Unknown("meta mark") : Reading.Of(packet.Mark),
            "l4proto" => packet.IsIp ? Reading.Of(packet.Protocol) : Reading.Absent,
            "nfproto" => Reading.Of(state.Context.Family switch { "ip" => 2, "arp" => 3, "netdev" => 5, "bridge" => 7, _ => 10 }),
            "protocol" => Reading.Of(packet.EtherType),
            "pkttype" => Reading.Of(Array.IndexOf(PacketTypes, state.PacketType)),
            "length" when packet.IsIp => Reading.Of(packet.Length),
            _ => Reading.Unknown("meta " + name),
        };
    }

    /// <summary>PACKET_* of linux/if_packet.h, by number.</summary>
    private static readonly string[] PacketTypes = ["host", "broadcast", "multicast", "other"];

    /// <summary>The frame's header is there from reception on; what this host sends has none yet at IP's hooks.</summary>
    private static Reading Ether(string name, WalkState state)
    {
        var packet = state.Packet;
        if (state.Context.Family is "ip" or "ip6" && state.In is null or "lo")
        {
            return Reading.Absent;
        }

        return name switch
        {
            "saddr" => Reading.Of(packet.EtherSource.Value),
            "daddr" => Reading.Of(packet.EtherDestination.Value),
            "type" => Reading.Of((packet.Vlan is null ? packet.EtherType : Packet.EtherVlan)),
            _ => Reading.Unknown("ether " + name),
        };
    }

    private static Reading Vlan(string name, Packet packet) => (packet.Vlan, name) switch
    {
        (null, _) => Reading.Absent,
        ({ } id, "id") => Reading.Of(id),
        (_, "type") => Reading.Of(packet.EtherType),
        _ => Reading.Unknown("vlan " + name),
    };

    private static Reading Ip(string group, string name, WalkState state)
    {
        var packet = state.Packet;
        if (!packet.IsIp || packet.IsV6 != (group == "ip6"))
        {
            return Reading.Absent;
        }

        // nft asks `meta protocol` (inside the tag) for "ip saddr" and `ether type` (the tag) for "ether type ip ip saddr", and lists both alike.
        if (packet.Vlan is not null && state.Context.Family is "bridge" or "netdev")
        {
            return Reading.Unknown($"{group} {name} of a tagged frame");
        }

        return name switch
        {
            "saddr" => Reading.Of(packet.Source.Bits),
            "daddr" => Reading.Of(packet.Destination.Bits),
            "protocol" or "nexthdr" => Reading.Of(packet.Protocol),
            "ttl" or "hoplimit" => Reading.Of(packet.TimeToLive),
            "length" => Reading.Of((packet.IsV6 ? packet.Length - 40 : packet.Length)),
            "dscp" => Reading.Of(packet.Dscp),
            "version" => Reading.Of((packet.IsV6 ? 6 : 4)),
            "frag-off" when !packet.IsV6 => Reading.Of((packet.DontFragment ? 0x4000 : 0)),
            _ => Reading.Unknown($"{group} {name}"),
        };
    }

    private static Reading Arp(string name, Packet packet) => !packet.IsArp ? Reading.Absent : name switch
    {
        "operation" => Reading.Of(packet.ArpOperation),
        "saddr ether" => Reading.Of(packet.ArpSender.Value),
        "daddr ether" => Reading.Of(packet.ArpTarget.Value),
        "saddr ip" => Reading.Of(packet.Source.Bits),
        "daddr ip" => Reading.Of(packet.Destination.Bits),
        "htype" => Reading.Of(1),
        "ptype" => Reading.Of(Packet.EtherIpv4),
        "hlen" => Reading.Of(6),
        "plen" => Reading.Of(4),
        _ => Reading.Unknown("arp " + name),
    };

    /// <summary>Without a way there is nothing to compare with, and of the other family neither (nft_rt_get_eval).</summary>
    private static Reading Route(string name, WalkState state) => (name, state.Context) switch
    {
        ("ip nexthop" or "ip6 nexthop", { NextHop: { } next } context) when name.StartsWith(context.Family + ' ', StringComparison.Ordinal) => Reading.Of(next.Bits),
        ("ip nexthop" or "ip6 nexthop", _) => Reading.Absent,
        _ => Reading.Unknown("rt " + name),
    };

    private static Reading Physdev(string name, FilterContext context) => name switch
    {
        "in" => Reading.Of(context.PhysicalIn ?? ""),
        "out" => Reading.Of(context.PhysicalOut ?? ""),
        "is-in" => Reading.Of(context.PhysicalIn is not null),
        "is-out" or "is-bridged" => Reading.Of(context.PhysicalOut is not null),
        _ => Reading.Unknown("physdev " + name),
    };
}

using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Netfilter;

/// <summary>What a rule's <c>… set …</c> does to the packet; fields that decide about no packet's way are left alone.</summary>
internal static class FieldWriter
{
    /// <summary>Null, or what could not be told and matters.</summary>
    public static string? Write(string field, Reading value, WalkState state)
    {
        if (field == "meta mark")
        {
            state.Packet = value.Why is null
                ? state.Packet with { Mark = (uint)value.Number, IsMarkUnknown = false }
                : state.Packet with { IsMarkUnknown = true };
            return null;
        }

        if (field is "meta priority" or "meta nftrace" or "ct helper" or "ct label" or "ct event" or "ct timeout" or "ct expectation"
            or "ip ecn" or "ip6 ecn" or "ip6 flowlabel" or "tcp option maxseg size" or "meta secmark" or "ct secmark")
        {
            return null;
        }

        if (value.Why is not null)
        {
            return value.Why;
        }

        var packet = state.Packet;
        switch (field)
        {
            case "ct zone":
                state.SetZone((int)value.Number);
                return null;
            case "ct mark":
                SetConnectionMark((uint)value.Number, state);
                return null;
            case "meta pkttype":
                state.PacketType = (int)value.Number switch { 0 => "host", 1 => "broadcast", 2 => "multicast", _ => "other" };
                return null;
        }

        var changed = field switch
        {
            "ether saddr" => packet with { EtherSource = new MacAddress((ulong)value.Number) },
            "ether daddr" => packet with { EtherDestination = new MacAddress((ulong)value.Number) },
            "ip saddr" or "ip6 saddr" => packet with { Source = packet.Source with { Bits = value.Number } },
            "ip daddr" or "ip6 daddr" => packet with { Destination = packet.Destination with { Bits = value.Number } },
            "ip ttl" or "ip6 hoplimit" => packet with { TimeToLive = (int)value.Number },
            "ip dscp" or "ip6 dscp" => packet with { Dscp = (int)value.Number },
            "tcp sport" or "udp sport" or "th sport" => packet with { SourcePort = (int)value.Number },
            "tcp dport" or "udp dport" or "th dport" => packet with { DestinationPort = (int)value.Number },
            _ => null,
        };
        if (changed is null)
        {
            return field;
        }

        state.Packet = changed;
        return null;
    }

    private static void SetConnectionMark(uint mark, WalkState state)
    {
        if (state.Tracking is not { Connection: { } connection } tracking)
        {
            return;
        }

        var marked = connection with { Mark = mark };
        state.Connections = state.Connections.Replace(connection, marked);
        state.Tracking = tracking with { Connection = marked };
    }
}

using System.Collections.Frozen;

namespace Tapline.Core.Doctor.Switching;

/// <summary>Whether a frame meets a flow's conditions.</summary>
internal static class FlowMatching
{
    private const int EtherRarp = 0x8035;

    /// <summary>The protocols' words: EtherType, and IP protocol or null for any.</summary>
    private static readonly FrozenDictionary<string, (int EtherType, int? Protocol)> Words =
        new Dictionary<string, (int EtherType, int? Protocol)>
        {
            ["ip"] = (Packet.EtherIpv4, null),
            ["icmp"] = (Packet.EtherIpv4, Packet.Icmp),
            ["tcp"] = (Packet.EtherIpv4, Packet.Tcp),
            ["udp"] = (Packet.EtherIpv4, Packet.Udp),
            ["sctp"] = (Packet.EtherIpv4, FlowFields.Sctp),
            ["arp"] = (Packet.EtherArp, null),
            ["rarp"] = (EtherRarp, null),
            ["ipv6"] = (Packet.EtherIpv6, null),
            ["icmp6"] = (Packet.EtherIpv6, Packet.Icmpv6),
            ["tcp6"] = (Packet.EtherIpv6, Packet.Tcp),
            ["udp6"] = (Packet.EtherIpv6, Packet.Udp),
            ["sctp6"] = (Packet.EtherIpv6, FlowFields.Sctp),
            ["mpls"] = (0x8847, null),
            ["mplsm"] = (0x8848, null),
        }.ToFrozenDictionary();

    internal static Truth Matches(OpenFlowRule rule, Frame frame, SwitchBridge bridge)
    {
        var truth = Truth.Yes;
        foreach (var match in rule.Matches)
        {
            truth = truth.And(Holds(match, frame, bridge));
            if (truth == Truth.No)
            {
                break;
            }
        }

        return truth;
    }

    private static Truth Holds(FlowMatch match, Frame frame, SwitchBridge bridge)
    {
        var packet = frame.Packet;
        if (Words.TryGetValue(match.Field, out var word))
        {
            return Truths.Of(packet.EtherType == word.EtherType && (word.Protocol is not { } protocol || packet.Protocol == protocol));
        }

        var field = FlowFields.Canonical(match.Field);
        switch (field)
        {
            case "eth":
                return Truth.Yes;
            case "in_port":
                return Truths.Of(frame.InPort == bridge.NameOf(match.Value));
            case "ip_frag":
                // What the doctor sends is never in fragments.
                return match.Value switch
                {
                    "no" or "not_later" => Truths.Of(packet.IsIp),
                    "yes" or "first" or "later" => Truth.No,
                    _ => Truth.Unknown,
                };
        }

        if (FlowValue.Parse(field, match.Value) is not { } wanted)
        {
            return Truth.Unknown;
        }

        if (field == "dl_vlan")
        {
            // 0xffff stands for "no tag".
            return Truths.Of(wanted.Value == 0xffff ? frame.Tags.IsEmpty : frame.Tags is [var tag, ..] && (uint)tag.Vid == wanted.Value);
        }

        return FlowFields.Read(frame, field).Bits is { } bits ? bits.Is(wanted.Value, wanted.Mask) : Truth.No;
    }
}

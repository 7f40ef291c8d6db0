using System.Collections.Immutable;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Switching;

/// <summary>A frame inside a bridge's pipeline: with all its tags, and with what flows have noted beside it.</summary>
internal sealed record Frame
{
    /// <summary>How many tags Open vSwitch keeps (lib/flow.h, FLOW_MAX_VLAN_HEADERS): pushing one more loses the innermost.</summary>
    internal const int MostTags = 2;

    /// <summary>Without tags: they are in <see cref="Tags"/>.</summary>
    internal required Packet Packet { get; init; }

    /// <summary>Outermost first.</summary>
    internal ValueList<VlanTag> Tags { get; init; }

    /// <summary>It came with two tags, of which Open vSwitch by default reads the outer one only (<c>other_config:vlan-limit</c>): the inner one is part of what it carries.</summary>
    internal bool CameDouble { get; init; }

    /// <summary>The name of the port it came by, or of the one that a flow takes it for.</summary>
    internal required string InPort { get; init; }

    /// <summary>Registers, metadata, conntrack's and the tunnel's words; what is not there is zero.</summary>
    internal ImmutableDictionary<string, FieldBits> Notes { get; init; } = ImmutableDictionary<string, FieldBits>.Empty;

    internal static Frame Of(Packet packet, string inPort)
    {
        ValueList<VlanTag> tags = (packet.Vlan, packet.InnerVlan) switch
        {
            ({ } outer, { } inner) => [new VlanTag(outer, 0), new VlanTag(inner, 0)],
            ({ } only, null) => [new VlanTag(only, 0)],
            _ => [],
        };
        return new Frame { Packet = packet with { Vlan = null, InnerVlan = null }, Tags = tags, CameDouble = packet.InnerVlan is not null, InPort = inPort };
    }

    internal Packet ToPacket() => Packet with
    {
        Vlan = Tags.Count > 0 ? Tags[0].Vid : null,
        InnerVlan = Tags.Count > 1 ? Tags[1].Vid : null,
    };

    internal Frame WithOuter(VlanTag tag) => this with { Tags = [tag, .. Tags.Skip(1)] };

    internal Frame Pushed(VlanTag tag) => this with { Tags = [tag, .. Tags.Take(MostTags - 1)] };

    internal Frame Popped() => this with { Tags = Tags.Skip(1).ToValueList() };
}

/// <summary>An 802.1Q tag; VLAN 0 is a priority alone.</summary>
internal readonly record struct VlanTag(int Vid, int Priority);

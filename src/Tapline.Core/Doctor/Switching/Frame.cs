using System.Collections.Immutable;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Switching;

/// <summary>A frame inside a bridge's pipeline: with all its tags, and with what flows have noted beside it.</summary>
internal sealed record Frame
{
    /// <summary>Without tags: they are in <see cref="Tags"/>.</summary>
    internal required Packet Packet { get; init; }

    /// <summary>Outermost first.</summary>
    internal ValueList<VlanTag> Tags { get; init; }

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
        return new Frame { Packet = packet with { Vlan = null, InnerVlan = null }, Tags = tags, InPort = inPort };
    }

    internal Packet ToPacket() => Packet with
    {
        Vlan = Tags.Count > 0 ? Tags[0].Vid : null,
        InnerVlan = Tags.Count > 1 ? Tags[1].Vid : null,
    };

    internal Frame WithOuter(VlanTag tag) => this with { Tags = [tag, .. Tags.Skip(1)] };

    internal Frame Pushed(VlanTag tag) => this with { Tags = [tag, .. Tags] };

    internal Frame Popped() => this with { Tags = Tags.Skip(1).ToValueList() };
}

/// <summary>An 802.1Q tag; VLAN 0 is a priority alone.</summary>
internal readonly record struct VlanTag(int Vid, int Priority);

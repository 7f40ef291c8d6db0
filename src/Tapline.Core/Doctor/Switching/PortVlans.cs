using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Switching;

/// <summary>Which VLANs NORMAL lets through a port, and how they are tagged there.</summary>
/// <param name="Mode">How it treats tags.</param>
/// <param name="Native">The VLAN of untagged frames; trunks have none.</param>
/// <param name="Trunks">What a trunk carries; empty for all.</param>
/// <param name="PriorityTags">When a frame of no VLAN leaves with a tag for its priority alone: <c>always</c>, <c>if-nonzero</c>, <c>never</c>.</param>
internal sealed record PortVlans(VlanMode Mode, int Native, ValueList<int> Trunks, string PriorityTags)
{
    /// <summary>Null for a mode that is not understood.</summary>
    internal static PortVlans? Of(ObservedPort port)
    {
        VlanMode? mode = port.VlanMode switch
        {
            "" => port.Tag is null ? VlanMode.Trunk : VlanMode.Access,
            "access" => VlanMode.Access,
            "trunk" => VlanMode.Trunk,
            "native-tagged" => VlanMode.NativeTagged,
            "native-untagged" => VlanMode.NativeUntagged,
            _ => null,
        };
        var priorityTags = port.OtherConfig.FirstOrDefault(setting => setting.Name == "priority-tags")?.Value ?? "";
        return mode is { } known ? new PortVlans(known, port.Tag ?? 0, port.Trunks, priorityTags) : null;
    }

    private bool IsNative => Mode is VlanMode.NativeTagged or VlanMode.NativeUntagged;

    /// <summary>Whether a frame with this tag may come in; 0 for none, and for a priority alone.</summary>
    internal bool Accepts(int vid) => Mode == VlanMode.Access ? vid == 0 : (IsNative && vid == 0) || OnTrunk(vid);

    /// <summary>Whether a frame of a VLAN leaves by it when it is sent to all.</summary>
    internal bool Carries(int vlan, bool twoTags) => Mode == VlanMode.Access ? vlan == Native && !twoTags : OnTrunk(vlan);

    /// <summary>The frame as it is inside the bridge: tagged with its VLAN. A second tag does not get through an access port.</summary>
    internal Frame Enter(Frame frame)
    {
        var outer = frame.Tags is [var tag, ..] ? tag : default;
        return Mode == VlanMode.Access ? frame with { Tags = [outer with { Vid = Native }] }
            : IsNative && outer.Vid == 0 ? frame with { Tags = [outer with { Vid = Native }, .. frame.Tags.Skip(1)] }
            : frame;
    }

    /// <summary>The frame as it leaves. A tag with neither VLAN nor priority is left out, unless the port keeps such tags; a second tag goes with it.</summary>
    internal Frame Leave(Frame frame)
    {
        var outer = frame.Tags is [var tag, ..] ? tag : default;
        if (Mode == VlanMode.NativeUntagged && outer.Vid == Native && frame.Tags is [_, { Vid: not 0 } inner, ..])
        {
            return frame with { Tags = [inner] };
        }

        var untags = Mode == VlanMode.Access || (Mode == VlanMode.NativeUntagged && outer.Vid == Native);
        var left = untags ? new VlanTag(0, PriorityTags is "" or "never" ? 0 : outer.Priority) : outer;
        var keeps = left != default || (!untags && !frame.Tags.IsEmpty && PriorityTags == "always");
        return frame with { Tags = keeps ? [left, .. frame.Tags.Skip(untags ? frame.Tags.Count : 1).Where(second => second != default)] : [] };
    }

    /// <summary>A native port carries its own VLAN always, and VLAN 0 never unless that is its own.</summary>
    private bool OnTrunk(int vid) => IsNative && (vid == Native || vid == 0) ? vid == Native : Trunks.IsEmpty || Trunks.Contains(vid);
}

/// <summary>A port's way with tags.</summary>
internal enum VlanMode
{
    Access,
    Trunk,
    NativeTagged,
    NativeUntagged,
}

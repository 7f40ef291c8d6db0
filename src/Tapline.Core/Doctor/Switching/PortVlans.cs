using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Switching;

/// <summary>Which VLANs NORMAL lets through a port, and how they are tagged there.</summary>
/// <param name="Mode">How it treats tags.</param>
/// <param name="Native">The VLAN of untagged frames; trunks have none.</param>
/// <param name="Trunks">What a trunk carries; empty for all.</param>
/// <param name="PriorityTags">When a frame of no VLAN leaves with a tag for its priority alone.</param>
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

    /// <summary>The frame as it is inside the bridge: tagged with its VLAN.</summary>
    internal Frame Enter(Frame frame)
    {
        var outer = frame.Tags is [var tag, ..] ? tag : default;
        return Mode == VlanMode.Access || (IsNative && outer.Vid == 0)
            ? frame with { Tags = [outer with { Vid = Native }, .. frame.Tags.Skip(1)] }
            : frame;
    }

    /// <summary>The frame as it leaves.</summary>
    internal Frame Leave(Frame frame)
    {
        var outer = frame.Tags is [var tag, ..] ? tag : default;
        if (outer.Vid != 0 && Mode != VlanMode.Access && !(Mode == VlanMode.NativeUntagged && outer.Vid == Native))
        {
            return frame;
        }

        var inner = Mode == VlanMode.Access ? [] : frame.Tags.Skip(1);
        var tags = PriorityTags switch
        {
            "always" => true,
            "true" or "if-nonzero" => outer.Priority != 0,
            _ => false,
        };
        return frame with { Tags = tags ? [outer with { Vid = 0 }, .. inner] : inner.ToValueList() };
    }

    private bool OnTrunk(int vid) => Trunks.IsEmpty || Trunks.Contains(vid) || (IsNative && vid == Native);
}

/// <summary>A port's way with tags.</summary>
internal enum VlanMode
{
    Access,
    Trunk,
    NativeTagged,
    NativeUntagged,
}

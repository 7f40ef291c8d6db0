using Tapline.Core.Host;

namespace Tapline.Core.Diff;

/// <summary>One step from what is seen to what is wanted.</summary>
/// <param name="Before">What is seen; null where nothing is there.</param>
/// <param name="After">What is wanted; null where it has to go.</param>
public sealed record HostChange(HostItem? Before, HostItem? After)
{
    public ItemKey Key => (After ?? Before)!.Key;

    /// <summary>The resource it is made for, or the mark of what is removed.</summary>
    public string Owner => (After ?? Before)!.Owner;

    public override string ToString() =>
        Before is null ? $"add {HostText.Line(After!)}"
        : After is null ? $"delete {Key}"
        : $"change {HostText.Line(After)}";
}

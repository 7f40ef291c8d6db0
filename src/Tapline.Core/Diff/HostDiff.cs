using System.Collections.Immutable;
using Tapline.Core.Host;

namespace Tapline.Core.Diff;

/// <summary>
/// The steps from what is seen to what is wanted, in an order in which each finds what it needs.
/// <code>
///        seen                 wanted
///   ┌────────────┬─────────┬────────────┐
///   │ only seen: │ in both:│ only wanted│
///   │ delete, if │ change, │ add        │
///   │ it is ours │ if not  │            │
///   │            │ right   │            │
///   └────────────┴─────────┴────────────┘
/// </code>
/// </summary>
public static class HostDiff
{
    public static ImmutableArray<HostChange> Between(HostState seen, HostState wanted)
    {
        var changes = new List<HostChange>();
        foreach (var item in wanted.Items.Values)
        {
            var before = seen.Find(item.Key);
            if (before is null || !item.IsRight(before))
            {
                changes.Add(new HostChange(before, item));
            }
        }

        foreach (var item in seen.Items.Values)
        {
            if (item.Owner.Length > 0 && IsDeletable(item) && !wanted.Items.ContainsKey(item.Key))
            {
                changes.Add(new HostChange(item, null));
            }
        }

        return [.. changes.OrderBy(ChangeOrder.Of).ThenBy(change => change.Key)];
    }

    /// <summary>A sysctl goes with its device; what others made is only ever changed.</summary>
    private static bool IsDeletable(HostItem item) =>
        item is not (HostItem.Sysctl or HostItem.Link { Kind: LinkKind.Foreign });
}

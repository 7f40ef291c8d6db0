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
        var inTheWay = wanted.OfType<HostItem.Link>().Select(link => InTheWay(seen, link)).OfType<HostItem.Link>()
            .Select(link => new HostChange(link, null)).ToList();
        var left = inTheWay.Aggregate(seen, KernelEffects.After);
        var changes = Differences(left, wanted).Select(change => (Turn: ChangeOrder.Of(change), Change: change))
            .Concat(inTheWay.Select(change => (Turn: ChangeOrder.InTheWay, Change: change)));
        return [.. changes.OrderBy(step => step.Turn).ThenBy(step => step.Change.Key).Select(step => step.Change)];
    }

    /// <summary>
    /// A link of ours with a wanted name, but not the wanted one: of another kind, or a patch cable to elsewhere. It has to go first, and
    /// what hangs on it goes with it.
    /// </summary>
    private static HostItem.Link? InTheWay(HostState seen, HostItem.Link wanted) =>
        wanted.Kind != LinkKind.Foreign && seen.Find(wanted.Key) is HostItem.Link link && (link.Owner.Length > 0 || link.In.Length > 0)
            && (link.Kind != wanted.Kind || link.Peer != wanted.Peer)
            ? link
            : null;

    private static IEnumerable<HostChange> Differences(HostState seen, HostState wanted)
    {
        var both = 0;
        foreach (var (key, item) in wanted.Items)
        {
            var before = seen.Find(key);
            both += before is null ? 0 : 1;
            if (before is null || !item.IsRight(before))
            {
                yield return new HostChange(before, item);
            }
        }

        if (both == seen.Items.Count)
        {
            yield break; // as nearly always: nothing is there that is not wanted
        }

        foreach (var (key, item) in seen.Items)
        {
            if (item.Owner.Length > 0 && IsDeletable(item) && !wanted.Items.ContainsKey(key))
            {
                yield return new HostChange(item, null);
            }
        }
    }

    /// <summary>A sysctl goes with its device; what others made is only ever changed.</summary>
    private static bool IsDeletable(HostItem item) =>
        item is not (HostItem.Sysctl or HostItem.Link { Kind: LinkKind.Foreign } or HostItem.OvsBridge { Owner: HostItem.OvsBridge.Adopted });
}

using Tapline.Core.Model;

namespace Tapline.Agent;

/// <summary>
/// What a reconcile is worth a line for. What fails is tried four times a second: it is told when it begins, when it fails in another
/// way, and when it is mended.
/// </summary>
internal sealed class AgentLog
{
    private HashSet<ItemFailure> _known = [];
    private string? _unreadable;

    public IReadOnlyList<string> Of(ReconcileResult result)
    {
        _unreadable = null;
        var failures = result.Failures.ToHashSet();
        var failing = failures.Select(failure => failure.Item).ToHashSet(StringComparer.Ordinal);
        var repeated = failures.Intersect(_known).Select(failure => failure.Item).ToHashSet(StringComparer.Ordinal);
        IReadOnlyList<string> lines =
        [
            .. result.Changes.Where(change => !repeated.Contains(change.Key.ToString())).Select(change => change.ToString().Split('\n')[0]),
            .. result.Failures.Where(failure => !_known.Contains(failure)).Select(failure => $"FAILED {failure.Error}"),
            .. _known.Select(failure => failure.Item).Where(item => !failing.Contains(item)).Distinct().Order(StringComparer.Ordinal).Select(item => $"mended {item}"),
        ];
        _known = failures;
        return lines;
    }

    /// <summary>A host that can not be looked at, for one reason after the other.</summary>
    public IReadOnlyList<string> Unreadable(string why)
    {
        var isNew = _unreadable != why;
        _unreadable = why;
        return isNew ? [$"host not readable, will retry: {why}"] : [];
    }
}

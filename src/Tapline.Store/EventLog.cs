using System.Diagnostics;
using Tapline.Core.Primitives;

namespace Tapline.Store;

/// <summary>The newest batches in memory, and the wake-up of those who have read them all. Revisions in it follow each other without gap.</summary>
internal sealed class EventLog(Revision last)
{
    private readonly Lock _gate = new(); // guards all fields below
    private readonly List<EventBatch> _batches = [];
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Revision _last = last;

    /// <summary>The revision of the newest batch, held or not.</summary>
    public Revision Last
    {
        get
        {
            lock (_gate)
            {
                return _last;
            }
        }
    }

    public void Append(IReadOnlyList<EventBatch> batches)
    {
        if (batches.Count == 0)
        {
            return;
        }

        TaskCompletionSource woken;
        lock (_gate)
        {
            Debug.Assert(batches[0].Revision.Value == _last.Value + 1, "a revision was left out");
            _batches.AddRange(batches);
            _last = batches[^1].Revision;
            woken = _more;
            _more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        woken.SetResult();
    }

    /// <summary>Lets go of all but the newest; done by the half so that it costs nothing per batch.</summary>
    public void Keep(int count)
    {
        lock (_gate)
        {
            if (_batches.Count > 2 * count)
            {
                _batches.RemoveRange(0, _batches.Count - count);
            }
        }
    }

    /// <summary>Lets go of the batches up to and with that revision.</summary>
    public void Forget(Revision revision)
    {
        lock (_gate)
        {
            _batches.RemoveAll(batch => batch.Revision <= revision);
        }
    }

    /// <summary>
    /// The batches since that revision, none where all have been read; null where they are no longer held. <paramref name="more"/>
    /// ends with the next append after this read.
    /// </summary>
    public List<EventBatch>? Read(Revision from, out Task more)
    {
        lock (_gate)
        {
            more = _more.Task;
            if (from > _last)
            {
                return [];
            }

            var first = _last.Value - _batches.Count + 1;
            return from.Value < first ? null : _batches[(int)(from.Value - first)..];
        }
    }

    /// <summary>The batch with only the events below the prefix; null where there are none.</summary>
    public static EventBatch? Below(string prefix, EventBatch batch)
    {
        var hits = 0;
        foreach (var happened in batch.Events)
        {
            hits += happened.Key.StartsWith(prefix, StringComparison.Ordinal) ? 1 : 0;
        }

        return hits == 0 ? null
            : hits == batch.Events.Count ? batch
            : batch with { Events = [.. batch.Events.Where(happened => happened.Key.StartsWith(prefix, StringComparison.Ordinal))] };
    }
}

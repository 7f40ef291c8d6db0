using System.Runtime.CompilerServices;
using Tapline.Core.Primitives;

namespace Tapline.Store;

/// <summary>A store that lasts as long as its process: for tests and for throw-away labs.</summary>
public sealed class MemoryStore : IStore
{
    private readonly Lock _gate = new(); // guards _entries, _compacted and the order of revisions
    private readonly SortedDictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly EventLog _log = new(Revision.None);
    private Revision _compacted;

    public string StoreId { get; } = Guid.NewGuid().ToString("D");

    public Task<Entry?> GetAsync(string key, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return Task.FromResult(_entries.GetValueOrDefault(key));
        }
    }

    public Task<Listing> ListAsync(string prefix, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var entries = _entries.Values.Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal));
            return Task.FromResult(new Listing(_log.Last, [.. entries]));
        }
    }

    public Task<IReadOnlyList<TransactionResult>> TransactAsync(
        IReadOnlyList<Transaction> transactions, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        TransactionChecks.ThrowIfMalformed(transactions);
        lock (_gate)
        {
            return Task.FromResult<IReadOnlyList<TransactionResult>>([.. transactions.Select(Transact)]);
        }
    }

    public async IAsyncEnumerable<EventBatch> WatchAsync(
        string prefix, Revision from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            var batches = _log.Read(from, out var more) ?? throw new CompactedException(from, _compacted);
            foreach (var batch in batches)
            {
                from = new Revision(batch.Revision.Value + 1);
                if (EventLog.Below(prefix, batch) is { } below)
                {
                    yield return below;
                }
            }

            if (batches.Count == 0)
            {
                await more.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public Task CompactAsync(Revision revision, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(revision, _log.Last);
            if (revision > _compacted)
            {
                _compacted = revision;
                _log.Forget(revision);
            }
        }

        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private TransactionResult Transact(Transaction transaction)
    {
        var failed = transaction.Compares.Where(compare => ModifiedOf(compare.Key) != compare.Modified).ToList();
        if (failed.Count > 0)
        {
            return new TransactionResult.Refused(failed);
        }

        var revision = new Revision(_log.Last.Value + 1);
        var events = new List<Event>();
        foreach (var operation in transaction.Operations)
        {
            var old = _entries.GetValueOrDefault(operation.Key);
            if (operation is Operation.Put put)
            {
                var entry = new Entry(put.Key, put.Value, old?.Created ?? revision, revision);
                _entries[put.Key] = entry;
                events.Add(new Event(put.Key, entry));
            }
            else if (old is not null)
            {
                _entries.Remove(operation.Key);
                events.Add(new Event(operation.Key, null));
            }
        }

        if (events.Count == 0)
        {
            return new TransactionResult.Committed(_log.Last);
        }

        _log.Append([new EventBatch(revision, events)]);
        return new TransactionResult.Committed(revision);
    }

    private Revision ModifiedOf(string key) => _entries.GetValueOrDefault(key)?.Modified ?? Revision.None;
}

using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Tapline.Core.Primitives;

namespace Tapline.Store;

/// <summary>
/// The embedded store: one SQLite file in WAL mode with <c>synchronous=FULL</c>. One thread writes; all transactions that have
/// gathered while it was writing go into its next commit, so that concurrent writers share one write to disk.
/// </summary>
public sealed class SqliteStore : IStore
{
    private const int MostInOneCommit = 1024;
    private const int BatchesInMemory = 1024;
    private const int RevisionsInOneRead = 1000;

    private readonly FileStream _lock;
    private readonly SqliteTables _writes;
    private readonly SqliteTables _reads;
    private readonly Lock _reading = new(); // guards _reads
    private readonly EventLog _log;
    private readonly Thread _writer;

    private readonly AutoResetEvent _queued = new(false);
    private readonly Channel<Work> _queue = Channel.CreateBounded<Work>(new BoundedChannelOptions(4096) { SingleReader = true });

    private SqliteStore(string path, FileStream fileLock)
    {
        _lock = fileLock;
        _writes = new SqliteTables(path);
        _reads = new SqliteTables(path);
        StoreId = _reads.StoreId;
        _log = new EventLog(_reads.LastRevision);
        _writer = new Thread(WriteLoop) { Name = "store writer", IsBackground = true };
        _writer.Start();
    }

    public string StoreId { get; }

    /// <summary>The revision of the last commit.</summary>
    public Revision Current => _log.Last;

    /// <summary>Opens the store in that file, making it where there is none. A file that another process has open is refused.</summary>
    public static SqliteStore Open(string path)
    {
        FileStream? fileLock = null;
        try
        {
            // A file of its own: closing any descriptor of the database itself would drop SQLite's POSIX locks on it.
            fileLock = new FileStream(path + ".lock", OwnerOnly(FileShare.None));
            using (new FileStream(path, OwnerOnly(FileShare.ReadWrite)))
            {
                // makes the file readable by its owner alone; SQLite gives its -wal and -shm the same mode
            }

            return new SqliteStore(path, fileLock);
        }
        catch (IOException e) when (fileLock is null)
        {
            throw new StoreException($"{path} is in use by another process, or cannot be made: {e.Message}", e);
        }
        catch (Exception e) when (e is SqliteException or IOException)
        {
            fileLock?.Dispose();
            throw new StoreException($"{path} cannot be opened: {e.Message}", e);
        }
    }

    public Task<Entry?> GetAsync(string key, CancellationToken cancellationToken) =>
        Task.FromResult(Read(tables => tables.Find(key)));

    public Task<Listing> ListAsync(string prefix, CancellationToken cancellationToken) =>
        Task.FromResult(Read(tables => new Listing(tables.LastRevision, tables.List(prefix))));

    public async Task<IReadOnlyList<TransactionResult>> TransactAsync(
        IReadOnlyList<Transaction> transactions, CancellationToken cancellationToken)
    {
        TransactionChecks.ThrowIfMalformed(transactions);
        var work = new Work(transactions, null);
        await EnqueueAsync(work, cancellationToken).ConfigureAwait(false);
        return await work.Done.Task.ConfigureAwait(false);
    }

    public async IAsyncEnumerable<EventBatch> WatchAsync(
        string prefix, Revision from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_log.Read(from, out var more) is not { } batches)
            {
                var to = new Revision(Math.Min(from.Value + RevisionsInOneRead - 1, _log.Last.Value));
                foreach (var batch in ReadEvents(prefix, from, to))
                {
                    yield return batch;
                }

                from = new Revision(to.Value + 1);
                continue;
            }

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

    public async Task CompactAsync(Revision revision, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(revision, _log.Last);
        var work = new Work([], revision);
        await EnqueueAsync(work, cancellationToken).ConfigureAwait(false);
        await work.Done.Task.ConfigureAwait(false);
    }

    /// <summary>Finishes what is queued, then closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_queue.Writer.TryComplete())
        {
            _queued.Set();
            await Task.Run(_writer.Join).ConfigureAwait(false);
            _queued.Dispose();
            _writes.Dispose();
            lock (_reading)
            {
                _reads.Dispose();
            }

            await _lock.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static FileStreamOptions OwnerOnly(FileShare share) => new()
    {
        Mode = FileMode.OpenOrCreate,
        Access = FileAccess.ReadWrite,
        Share = share,
        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
    };

    private async ValueTask EnqueueAsync(Work work, CancellationToken cancellationToken)
    {
        try
        {
            await _queue.Writer.WriteAsync(work, cancellationToken).ConfigureAwait(false);
            _queued.Set();
        }
        catch (ChannelClosedException e)
        {
            throw new StoreException("The store is closed.", e);
        }
    }

    private T Read<T>(Func<SqliteTables, T> read)
    {
        lock (_reading)
        {
            try
            {
                _reads.BeginRead();
                var result = read(_reads);
                _reads.Commit();
                return result;
            }
            catch (SqliteException e)
            {
                _reads.Rollback();
                throw new StoreException($"The store could not be read: {e.Message}", e);
            }
        }
    }

    private List<EventBatch> ReadEvents(string prefix, Revision from, Revision to) => Read(tables =>
    {
        var compacted = tables.Compacted;
        return from > compacted ? tables.Events(prefix, from, to) : throw new CompactedException(from, compacted);
    });

    /// <summary>
    /// A thread of its own, as SQLite blocks while the disk writes. It waits for an event, as waiting for the queue's task would spin, and
    /// be woken by way of the thread pool.
    /// </summary>
    private void WriteLoop()
    {
        var works = new List<Work>();
        while (!_queue.Reader.Completion.IsCompleted)
        {
            while (works.Count < MostInOneCommit && _queue.Reader.TryRead(out var work))
            {
                works.Add(work);
            }

            if (works.Count == 0)
            {
                _queued.WaitOne();
                continue;
            }

            Write(works);
            works.Clear();
        }
    }

    private void Write(List<Work> works)
    {
        var batches = new List<EventBatch>();
        var answers = new List<TransactionResult>[works.Count];
        try
        {
            _writes.Begin();
            var last = _log.Last;
            for (var i = 0; i < works.Count; i++)
            {
                answers[i] = Write(works[i], ref last, batches);
            }

            _writes.Commit();
        }
        catch (SqliteException e)
        {
            _writes.Rollback();
            var failure = new StoreException($"The store could not be written: {e.Message}", e);
            works.ForEach(work => work.Done.SetException(failure));
            return;
        }

        _log.Append(batches);
        _log.Keep(BatchesInMemory);
        for (var i = 0; i < works.Count; i++)
        {
            works[i].Done.SetResult(answers[i]);
        }
    }

    private List<TransactionResult> Write(Work work, ref Revision last, List<EventBatch> batches)
    {
        if (work.CompactTo is { } compactTo && compactTo > _writes.Compacted)
        {
            _writes.Compact(compactTo);
            _log.Forget(compactTo);
        }

        var results = new List<TransactionResult>(work.Transactions.Count);
        foreach (var transaction in work.Transactions)
        {
            var events = new List<Event>(transaction.Operations.Count);
            var revision = new Revision(last.Value + 1);
            var failed = _writes.Write(transaction, revision, events);
            if (events.Count > 0)
            {
                batches.Add(new EventBatch(revision, events));
                last = revision;
            }

            results.Add(failed.Count > 0 ? new TransactionResult.Refused(failed) : new TransactionResult.Committed(last));
        }

        return results;
    }

    /// <summary>What one caller asked for, and where it waits.</summary>
    private sealed record Work(IReadOnlyList<Transaction> Transactions, Revision? CompactTo)
    {
        public TaskCompletionSource<IReadOnlyList<TransactionResult>> Done { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

using System.Threading.Channels;
using Tapline.Core.Model;
using Tapline.Core.Primitives;
using Tapline.Core.Rules;
using Tapline.Server.Feed;
using Tapline.Store;

namespace Tapline.Server.Clouds;

/// <summary>
/// The Topology in memory and the only way to change it. One loop owns it: it runs the rules of all requests that wait, each on
/// what those before it leave (the speculative head), sends their transactions to the store together, and publishes what was
/// committed. What other servers commit to the same store arrives by its watch.
/// </summary>
public sealed class Cloud : IAsyncDisposable
{
    private const int MostInOneBatch = 256;
    private const int MostAttempts = 10;

    private static readonly Func<Guid> NewGuid = Guid.NewGuid;

    private readonly IStore _store;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Channel<Message> _inbox = Channel.CreateBounded<Message>(new BoundedChannelOptions(4096) { SingleReader = true });

    // The loop's own: at which revision each resource was last modified, how far in the store's history it has come, and whether
    // a commit has failed in a way that leaves open what the store holds.
    private readonly Dictionary<ResourceKey, Revision> _modified = [];
    private Revision _head;
    private bool _stale;

    private volatile Topology _current = Topology.Empty;
    private volatile TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Cloud(IStore store, TimeProvider time, Listing listing)
    {
        _store = store;
        _time = time;
        Liveness = new HostLiveness(time);
        Load(listing);
        Completion = Task.WhenAll(Task.Run(RunAsync), Task.Run(() => FollowAsync(Next(listing.Revision))));
    }

    /// <summary>An empty cloud that lasts as long as the process.</summary>
    public Cloud(TimeProvider time)
        : this(new MemoryStore(), time, new Listing(Revision.None, []))
    {
    }

    public string StoreId => _store.StoreId;

    /// <summary>Which hosts are there.</summary>
    public HostLiveness Liveness { get; }

    /// <summary>The newest committed Topology; reading it never waits.</summary>
    public Topology Current => _current;

    /// <summary>Ends when the cloud is disposed of; faults where it can not go on, and the process should end.</summary>
    public Task Completion { get; }

    /// <summary>The cloud that the store holds. The store stays the caller's.</summary>
    public static async Task<Cloud> OpenAsync(IStore store, TimeProvider time, CancellationToken cancellationToken) =>
        new(store, time, await store.ListAsync(StoreKeys.Root, cancellationToken).ConfigureAwait(false));

    /// <summary>
    /// Runs the rule against the newest Topology and commits what it answers; answers when the change is durable and visible. The
    /// rule may run more than once, where another server was faster. Throws <see cref="StoreException"/> where the store fails.
    /// </summary>
    public async Task<Result<T>> CommitAsync<T>(Func<Topology, RuleContext, Result<Outcome<T>>> rule, CancellationToken cancellationToken)
    {
        var request = new Request<T>(rule, cancellationToken);
        try
        {
            await _inbox.Writer.WriteAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException e)
        {
            throw new StoreException("The cloud is closed.", e);
        }

        return await request.Answer.ConfigureAwait(false);
    }

    /// <summary>The Topology as soon as it is newer than that revision.</summary>
    public async Task<Topology> ChangedSinceAsync(Revision revision, CancellationToken cancellationToken)
    {
        while (true)
        {
            var changed = _changed; // before _current: what is published in between ends it
            var current = _current;
            if (current.Revision > revision)
            {
                return current;
            }

            await changed.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Answers the requests that wait, then ends.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_inbox.Writer.TryComplete())
        {
            await _stopping.CancelAsync().ConfigureAwait(false);
            await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _stopping.Dispose();
        }
    }

    private async Task RunAsync()
    {
        var pending = new List<Request>();
        try
        {
            while (await _inbox.Reader.WaitToReadAsync().ConfigureAwait(false))
            {
                while (pending.Count < MostInOneBatch && _inbox.Reader.TryRead(out var message))
                {
                    switch (message)
                    {
                        case Request request:
                            pending.Add(request);
                            break;
                        case Committed committed:
                            TakeOver(committed.Batch);
                            break;
                    }
                }

                while (pending.Count > 0)
                {
                    pending = await CommitAsync(pending).ConfigureAwait(false);
                }
            }
        }
        catch (Exception e)
        {
            _inbox.Writer.TryComplete(e);
            await _stopping.CancelAsync().ConfigureAwait(false);
            await foreach (var message in _inbox.Reader.ReadAllAsync().ConfigureAwait(false))
            {
                (message as Request)?.Fail(e);
            }

            pending.ForEach(request => request.Fail(e));
            throw;
        }
    }

    /// <summary>Answers all requests but those that must be tried again, as the store held something newer than their rules saw.</summary>
    private async Task<List<Request>> CommitAsync(List<Request> requests)
    {
        IReadOnlyList<TransactionResult> results;
        var batch = new Batch(_current, _head, _modified);
        try
        {
            if (_stale)
            {
                Load(await _store.ListAsync(StoreKeys.Root, CancellationToken.None).ConfigureAwait(false));
                _stale = false;
                batch = new Batch(_current, _head, _modified);
            }

            foreach (var request in requests)
            {
                batch.Add(request, new RuleContext(_time.GetUtcNow(), NewGuid));
            }

            if (batch.Transactions.Count == 0)
            {
                requests.ForEach(request => request.Complete());
                return [];
            }

            results = await _store.TransactAsync(batch.Transactions, CancellationToken.None).ConfigureAwait(false);
            if (!batch.IsAsForeseen(results))
            {
                Load(await _store.ListAsync(StoreKeys.Root, CancellationToken.None).ConfigureAwait(false));
                return CompleteCommitted(requests, batch, results);
            }
        }
        catch (StoreException e)
        {
            _stale = true;
            requests.ForEach(request => request.Fail(e));
            return [];
        }

        foreach (var (key, revision) in batch.Modified)
        {
            SetModified(key, revision);
        }

        _head = batch.Head.Revision;
        Publish(batch.Head);
        requests.ForEach(request => request.Complete());
        return [];
    }

    private static List<Request> CompleteCommitted(List<Request> requests, Batch batch, IReadOnlyList<TransactionResult> results)
    {
        var committed = batch.Requests.Where((_, i) => results[i] is TransactionResult.Committed).ToHashSet();
        var again = new List<Request>();
        foreach (var request in requests)
        {
            if (committed.Contains(request))
            {
                request.Complete();
            }
            else if (++request.Attempts == MostAttempts)
            {
                request.Fail(new StoreException($"Others changed what this request is about, {MostAttempts} times in a row."));
            }
            else
            {
                again.Add(request);
            }
        }

        return again;
    }

    /// <summary>What was committed by others: hands the watch's batches to the loop, which skips its own.</summary>
    private async Task FollowAsync(Revision from)
    {
        try
        {
            await foreach (var batch in _store.WatchAsync(StoreKeys.Root, from, _stopping.Token).ConfigureAwait(false))
            {
                await _inbox.Writer.WriteAsync(new Committed(batch), _stopping.Token).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ChannelClosedException)
        {
            // disposed of, or the loop has ended and says why
        }
        catch (Exception e)
        {
            _inbox.Writer.TryComplete(e);
            throw;
        }
    }

    private void TakeOver(EventBatch batch)
    {
        if (batch.Revision <= _head)
        {
            return;
        }

        _head = batch.Revision;
        Change(
            [.. batch.Events.Select(happened => happened.Entry).OfType<Entry>()],
            [.. batch.Events.Where(happened => happened.Entry is null).Select(happened => happened.Key)]);
    }

    private void Load(Listing listing)
    {
        var keys = listing.Entries.Select(entry => entry.Key).ToHashSet();
        _head = listing.Revision;
        Change(listing.Entries, [.. _modified.Keys.Select(StoreKeys.Of).Where(key => !keys.Contains(key))]);
    }

    /// <summary>Takes over entries from the store, but those already known as they are.</summary>
    private void Change(IReadOnlyList<Entry> entries, IReadOnlyList<string> removals)
    {
        var change = TopologyChange.None;
        var puts = new List<Resource>();
        foreach (var removal in removals)
        {
            if (StoreKeys.TryParse(removal, out var key))
            {
                change = change.Remove(key);
                _modified.Remove(key);
            }
        }

        foreach (var entry in entries)
        {
            if (StoreKeys.TryParse(entry.Key, out var key) && _modified.GetValueOrDefault(key) != entry.Modified)
            {
                puts.Add(ModelJson.Read(key.Type, entry.Value.Span));
                _modified[key] = entry.Modified;
            }
        }

        // All old ones go before any new one comes: an address may have passed from one port to another.
        change = change.Remove(puts.Select(put => put.Key)).Put(puts);
        if (!change.Removals.IsEmpty)
        {
            Publish(change.ApplyTo(_current) with { Revision = _head });
        }
    }

    private void Publish(Topology topology)
    {
        _current = topology;
        var changed = _changed;
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        changed.SetResult();
    }

    private void SetModified(ResourceKey key, Revision revision)
    {
        if (revision == Revision.None)
        {
            _modified.Remove(key);
        }
        else
        {
            _modified[key] = revision;
        }
    }

    private static Revision Next(Revision revision) => new(revision.Value + 1);

    /// <summary>What the loop is told.</summary>
    private abstract class Message;

    private sealed class Committed(EventBatch batch) : Message
    {
        public EventBatch Batch { get; } = batch;
    }

    /// <summary>A caller's rule, its last decision, and where the caller waits.</summary>
    private abstract class Request : Message
    {
        public int Attempts { get; set; }

        /// <summary>Runs the rule; the change it asks for and the Topology with it, or none where it refuses or fails.</summary>
        public abstract (TopologyChange Change, Topology After) Decide(Topology head, RuleContext context);

        /// <summary>Gives the caller what the last <see cref="Decide"/> came to.</summary>
        public abstract void Complete();

        public abstract void Fail(Exception exception);
    }

    private sealed class Request<T>(Func<Topology, RuleContext, Result<Outcome<T>>> rule, CancellationToken cancellationToken) : Request
    {
        private readonly TaskCompletionSource<Result<T>> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private Result<Outcome<T>> _decision;
        private Exception? _failure;

        public Task<Result<T>> Answer => _answer.Task;

        public override (TopologyChange Change, Topology After) Decide(Topology head, RuleContext context)
        {
            try
            {
                cancellationToken.ThrowIfCancellationRequested();
                _failure = null;
                _decision = rule(head, context);
                return _decision.IsOk ? (_decision.Value.Change, _decision.Value.After ?? _decision.Value.Change.ApplyTo(head)) : (TopologyChange.None, head);
            }
#pragma warning disable CA1031 // a rule that throws is its request's failure, and not that of all others
            catch (Exception e)
#pragma warning restore CA1031
            {
                _failure = e;
                return (TopologyChange.None, head);
            }
        }

        public override void Complete()
        {
            if (_failure is not null)
            {
                Fail(_failure);
                return;
            }

            _answer.TrySetResult(_decision.IsOk ? Result<T>.Ok(_decision.Value.Value) : Result<T>.Refused(_decision.Rejections));
        }

        public override void Fail(Exception exception)
        {
            if (exception is OperationCanceledException)
            {
                _answer.TrySetCanceled(cancellationToken);
            }
            else
            {
                _answer.TrySetException(exception);
            }
        }
    }

    /// <summary>
    /// Requests on their way to the store. It foresees their revisions, one after the other from the last known: so a request can
    /// already build on one before it. Where another server's commit comes between, the compares fail and the request is tried again.
    /// </summary>
    private sealed class Batch(Topology start, Revision revision, Dictionary<ResourceKey, Revision> known)
    {
        private Revision _revision = revision;

        /// <summary>What the Topology is if all goes well.</summary>
        public Topology Head { get; private set; } = start;

        /// <summary>Those that change something, in step with <see cref="Transactions"/>.</summary>
        public List<Request> Requests { get; } = [];

        public List<Transaction> Transactions { get; } = [];

        /// <summary>What is modified at which revision if all goes well; none where removed.</summary>
        public Dictionary<ResourceKey, Revision> Modified { get; } = [];

        public void Add(Request request, RuleContext context)
        {
            var (change, after) = request.Decide(Head, context);
            if (change.Puts.IsEmpty && change.Removals.IsEmpty)
            {
                return;
            }

            Requests.Add(request);
            Transactions.Add(TransactionOf(change));
            _revision = Next(_revision);
            Head = after with { Revision = _revision };
            foreach (var key in change.Removals)
            {
                Modified[key] = Revision.None;
            }

            foreach (var put in change.Puts)
            {
                Modified[put.Key] = _revision;
            }
        }

        public bool IsAsForeseen(IReadOnlyList<TransactionResult> results)
        {
            var first = _revision.Value - results.Count + 1;
            for (var i = 0; i < results.Count; i++)
            {
                if (results[i] is not TransactionResult.Committed committed || committed.Revision.Value != first + i)
                {
                    return false;
                }
            }

            return true;
        }

        private Transaction TransactionOf(TopologyChange change)
        {
            var guards = GuardKeys.Of(Head, change);
            var compares = new List<Compare>(guards.Seen.Length + guards.Taken.Length);
            foreach (var key in guards.Seen)
            {
                compares.Add(new Compare(StoreKeys.Of(key), Modified.TryGetValue(key, out var own) ? own : known.GetValueOrDefault(key)));
            }

            var operations = new Dictionary<string, Operation>();
            foreach (var removal in change.Removals)
            {
                var key = StoreKeys.Of(removal);
                operations[key] = new Operation.Delete(key);
            }

            foreach (var put in change.Puts)
            {
                var key = StoreKeys.Of(put.Key);
                operations[key] = new Operation.Put(key, ModelJson.Write(put));
            }

            foreach (var claim in guards.Released)
            {
                var key = StoreKeys.Of(claim);
                operations[key] = new Operation.Delete(key);
            }

            foreach (var claim in guards.Taken)
            {
                var key = StoreKeys.Of(claim);
                compares.Add(Compare.Absent(key));
                operations[key] = new Operation.Put(key, claim.Port.Value.ToByteArray(bigEndian: true));
            }

            return new Transaction(compares, [.. operations.Values]);
        }
    }
}

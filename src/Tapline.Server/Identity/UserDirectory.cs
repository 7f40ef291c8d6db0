using Tapline.Core.Primitives;
using Tapline.Server.Clouds;
using Tapline.Store;

namespace Tapline.Server.Identity;

/// <summary>
/// Who there is, in memory. It changes in one way only: by what the store's watch tells, own changes too. So several servers over
/// one store agree, and a change is seen by whoever asks after it was answered.
/// </summary>
public sealed class UserDirectory : IAsyncDisposable
{
    private readonly IStore _store;
    private readonly CancellationTokenSource _stopping = new();
    private volatile DirectorySnapshot _current = DirectorySnapshot.Empty;
    private volatile TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private UserDirectory(IStore store, Listing listing)
    {
        _store = store;
        var events = listing.Entries.Select(entry => new Event(entry.Key, entry));
        _current = _current.With(new EventBatch(listing.Revision, [.. events]));
        Completion = Task.Run(FollowAsync);
    }

    public DirectorySnapshot Current => _current;

    /// <summary>Ends when disposed of; faults where it can not go on, and the process should end.</summary>
    public Task Completion { get; }

    public static async Task<UserDirectory> OpenAsync(IStore store, CancellationToken cancellationToken) =>
        new(store, await store.ListAsync(StoreKeys.Identity, cancellationToken).ConfigureAwait(false));

    /// <summary>Carries out what the rule answers; the rule runs again where the directory has changed meanwhile.</summary>
    public async Task<Result<T>> CommitAsync<T>(
        Func<DirectorySnapshot, Result<DirectoryChange<T>>> rule, CancellationToken cancellationToken)
    {
        while (true)
        {
            var before = _current;
            var result = rule(before);
            if (!result.IsOk)
            {
                return Result<T>.Refused(result.Rejections);
            }

            var (value, operations) = result.Value;
            if (operations.Count == 0)
            {
                return value;
            }

            var answer = await _store
                .TransactAsync([before.SameGeneration()], [.. operations, DirectorySnapshot.PutGeneration()], cancellationToken)
                .ConfigureAwait(false);
            if (answer is TransactionResult.Committed committed)
            {
                await SeeAsync(snapshot => snapshot.Revision >= committed.Revision, cancellationToken).ConfigureAwait(false);
                return value;
            }

            await SeeAsync(snapshot => snapshot.Generation != before.Generation, cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_stopping.IsCancellationRequested)
        {
            await _stopping.CancelAsync().ConfigureAwait(false);
            await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task SeeAsync(Predicate<DirectorySnapshot> condition, CancellationToken cancellationToken)
    {
        while (true)
        {
            var changed = _changed; // before _current: what comes in between ends it
            if (condition(_current))
            {
                return;
            }

            // Where the watch has ended nothing comes any more.
            await (await Task.WhenAny(changed.Task, Completion).WaitAsync(cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
            ObjectDisposedException.ThrowIf(Completion.IsCompleted, this);
        }
    }

    private async Task FollowAsync()
    {
        var from = new Revision(_current.Revision.Value + 1);
        try
        {
            await foreach (var batch in _store.WatchAsync(StoreKeys.Identity, from, _stopping.Token).ConfigureAwait(false))
            {
                _current = _current.With(batch);
                var changed = _changed;
                _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                changed.SetResult();
            }
        }
        catch (OperationCanceledException)
        {
            // disposed of
        }
    }
}

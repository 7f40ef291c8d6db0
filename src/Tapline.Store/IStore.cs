using Tapline.Core.Primitives;

namespace Tapline.Store;

/// <summary>
/// Keys with values, and one history of their changes: etcd's semantics. Each committed transaction makes one revision, one
/// more than the last. Leases are not part of it yet: nothing here ends by itself.
/// </summary>
public interface IStore : IAsyncDisposable
{
    /// <summary>
    /// Made at random when the store was created and kept with it, so that nobody takes another store's revisions for this one's.
    /// </summary>
    string StoreId { get; }

    /// <summary>The entry of that key at the current revision, or null.</summary>
    Task<Entry?> GetAsync(string key, CancellationToken cancellationToken);

    /// <summary>The entries whose keys begin with <paramref name="prefix"/>, sorted by key, all as of one revision.</summary>
    Task<Listing> ListAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>
    /// Carries out each transaction on its own and in the order given, and answers for each whether it was; what was committed
    /// is then durable, by one write to disk for all. When that write fails none of them happened, and that is a
    /// <see cref="StoreException"/>.
    /// </summary>
    Task<IReadOnlyList<TransactionResult>> TransactAsync(
        IReadOnlyList<Transaction> transactions, CancellationToken cancellationToken);

    /// <summary>
    /// What happened to keys beginning with <paramref name="prefix"/> since <paramref name="from"/>, that revision included (the
    /// first is 1), and then what happens, until cancelled. Throws <see cref="CompactedException"/> where that history is gone.
    /// </summary>
    IAsyncEnumerable<EventBatch> WatchAsync(string prefix, Revision from, CancellationToken cancellationToken);

    /// <summary>Forgets the history up to and with that revision; the entries as they are stay.</summary>
    Task CompactAsync(Revision revision, CancellationToken cancellationToken);
}

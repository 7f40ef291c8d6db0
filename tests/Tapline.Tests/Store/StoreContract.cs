using System.Text;
using Tapline.Core.Primitives;
using Tapline.Store;

namespace Tapline.Tests.Store;

/// <summary>What every <see cref="IStore"/> promises.</summary>
public abstract class StoreContract
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected abstract Task<IStore> OpenAsync();

    [Fact]
    public async Task A_new_store_is_empty_and_has_an_id()
    {
        await using var store = await OpenAsync();

        var listing = await store.ListAsync("", Cancel);

        Assert.Empty(listing.Entries);
        Assert.Equal(Revision.None, listing.Revision);
        Assert.True(Guid.TryParse(store.StoreId, out _));
        Assert.Null(await store.GetAsync("/a", Cancel));
    }

    [Fact]
    public async Task A_put_is_read_back_with_its_revisions()
    {
        await using var store = await OpenAsync();

        var first = await Commit(store, Put("/a", "one"));
        var second = await Commit(store, Put("/b", "x"), Put("/a", "two"));
        var entry = await store.GetAsync("/a", Cancel);

        Assert.Equal(1, first);
        Assert.Equal(2, second);
        Assert.Equal("/a=two created 1 modified 2", Print(entry!));
    }

    [Fact]
    public async Task A_listing_has_the_keys_below_the_prefix_in_order()
    {
        await using var store = await OpenAsync();
        await Commit(store, Put("/n/b", "2"), Put("/n/a", "1"), Put("/na", "no"), Put("/m", "no"), Put("/n/c", "3"));
        await Commit(store, new Operation.Delete("/n/c"));

        var listing = await store.ListAsync("/n/", Cancel);

        Assert.Equal(2, listing.Revision.Value);
        Assert.Equal(["/n/a=1 created 1 modified 1", "/n/b=2 created 1 modified 1"], listing.Entries.Select(Print));
        Assert.Equal(4, (await store.ListAsync("", Cancel)).Entries.Count);
    }

    [Fact]
    public async Task A_transaction_whose_compare_fails_does_nothing_and_says_which()
    {
        await using var store = await OpenAsync();
        await Commit(store, Put("/a", "one"));
        Compare[] compares = [new("/a", new Revision(1)), Compare.Absent("/b"), new("/a", new Revision(7)), new("/c", new Revision(1))];

        var result = await store.TransactAsync(compares, [Put("/a", "two"), Put("/b", "x")], Cancel);

        var refused = Assert.IsType<TransactionResult.Refused>(result);
        Assert.Equal([compares[2], compares[3]], refused.Failed);
        Assert.Equal("/a=one created 1 modified 1", Print((await store.GetAsync("/a", Cancel))!));
        Assert.Equal(1, (await store.ListAsync("", Cancel)).Revision.Value);
    }

    [Fact]
    public async Task A_key_that_was_deleted_is_absent_and_can_be_made_anew()
    {
        await using var store = await OpenAsync();
        await Commit(store, Put("/a", "one"));
        await Commit(store, new Operation.Delete("/a"));

        Assert.Null(await store.GetAsync("/a", Cancel));
        var result = await store.TransactAsync([Compare.Absent("/a")], [Put("/a", "again")], Cancel);

        Assert.Equal(new TransactionResult.Committed(new Revision(3)), result);
        Assert.Equal("/a=again created 3 modified 3", Print((await store.GetAsync("/a", Cancel))!));
    }

    [Fact]
    public async Task A_transaction_that_changes_nothing_makes_no_revision()
    {
        await using var store = await OpenAsync();
        await Commit(store, Put("/a", "one"));

        Assert.Equal(1, await Commit(store, new Operation.Delete("/none")));
        Assert.Equal(1, await Commit(store));
        Assert.Equal(2, await Commit(store, Put("/b", "x")));
    }

    [Fact]
    public async Task A_key_twice_in_one_transaction_is_refused()
    {
        await using var store = await OpenAsync();

        await Assert.ThrowsAsync<ArgumentException>(() => Commit(store, Put("/a", "1"), new Operation.Delete("/a")));
    }

    [Fact]
    public async Task Transactions_of_one_call_stand_each_for_itself_and_see_those_before()
    {
        await using var store = await OpenAsync();
        Transaction[] transactions =
        [
            new([Compare.Absent("/a")], [Put("/a", "1")]),
            new([Compare.Absent("/a")], [Put("/a", "2")]),
            new([new Compare("/a", new Revision(1))], [Put("/b", "3")]),
        ];

        var results = await store.TransactAsync(transactions, Cancel);

        Assert.Equal(new TransactionResult.Committed(new Revision(1)), results[0]);
        Assert.IsType<TransactionResult.Refused>(results[1]);
        Assert.Equal(new TransactionResult.Committed(new Revision(2)), results[2]);
        Assert.Equal("/a=1 created 1 modified 1", Print((await store.GetAsync("/a", Cancel))!));
    }

    [Fact]
    public async Task Of_many_writers_that_compare_the_same_key_one_wins()
    {
        await using var store = await OpenAsync();

        var results = await Task.WhenAll(Enumerable.Range(0, 50).Select(i =>
            store.TransactAsync([Compare.Absent("/claim")], [Put("/claim", $"{i}")], Cancel)));

        Assert.Single(results.OfType<TransactionResult.Committed>());
    }

    [Fact]
    public async Task Concurrent_writers_each_get_a_revision_of_their_own()
    {
        await using var store = await OpenAsync();

        var revisions = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Commit(store, Put($"/{i}", "x"))));

        Assert.Equal(Enumerable.Range(1, 200).Select(i => (long)i), revisions.Order());
    }

    [Fact]
    public async Task A_watch_tells_what_was_and_then_what_comes()
    {
        await using var store = await OpenAsync();
        await Commit(store, Put("/n/a", "1"));
        await Commit(store, Put("/other", "no"));
        await Commit(store, Put("/n/b", "2"), Put("/other", "no"), new Operation.Delete("/n/a"));
        await using var watch = store.WatchAsync("/n/", new Revision(1), Cancel).GetAsyncEnumerator(Cancel);

        Assert.Equal("1: /n/a=1 created 1 modified 1", await Next(watch));
        Assert.Equal("3: /n/b=2 created 3 modified 3, /n/a deleted", await Next(watch));
        var coming = Next(watch);
        Assert.False(coming.IsCompleted);
        await Commit(store, Put("/other", "no"));
        await Commit(store, Put("/n/b", "3"));
        Assert.Equal("5: /n/b=3 created 3 modified 5", await coming.WaitAsync(TimeSpan.FromSeconds(10), Cancel));
    }

    [Fact]
    public async Task A_watch_from_the_future_waits_for_it()
    {
        await using var store = await OpenAsync();
        await using var watch = store.WatchAsync("", new Revision(3), Cancel).GetAsyncEnumerator(Cancel);

        var coming = Next(watch);
        await Commit(store, Put("/a", "1"));
        await Commit(store, Put("/a", "2"));
        await Commit(store, Put("/a", "3"));

        Assert.Equal("3: /a=3 created 1 modified 3", await coming.WaitAsync(TimeSpan.FromSeconds(10), Cancel));
    }

    [Fact]
    public async Task A_watch_misses_nothing_however_many_there_are()
    {
        await using var store = await OpenAsync();
        var writing = Task.Run(async () =>
        {
            for (var i = 0; i < 100; i++)
            {
                await Task.WhenAll(Enumerable.Range(0, 40).Select(j => Commit(store, Put($"/{i}/{j}", "x"))));
            }
        });

        var next = 1L;
        await foreach (var batch in store.WatchAsync("", new Revision(1), Cancel))
        {
            Assert.Equal(next++, batch.Revision.Value);
            if (next == 4001)
            {
                break;
            }
        }

        await writing;
    }

    [Fact]
    public async Task A_watch_ends_when_cancelled()
    {
        await using var store = await OpenAsync();
        using var cancel = new CancellationTokenSource();
        await using var watch = store.WatchAsync("", new Revision(1), cancel.Token).GetAsyncEnumerator(Cancel);

        var coming = Next(watch);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => coming);
    }

    [Fact]
    public async Task Compaction_forgets_history_and_keeps_what_is()
    {
        await using var store = await OpenAsync();
        await Commit(store, Put("/a", "1"), Put("/b", "1"), Put("/c", "1"));
        await Commit(store, Put("/a", "2"));
        await Commit(store, Put("/a", "3"));
        await Commit(store, new Operation.Delete("/c"));
        await Commit(store, Put("/b", "2"));

        await store.CompactAsync(new Revision(4), Cancel);

        var listing = await store.ListAsync("", Cancel);
        Assert.Equal(["/a=3 created 1 modified 3", "/b=2 created 1 modified 5"], listing.Entries.Select(Print));
        await using var old = store.WatchAsync("", new Revision(4), Cancel).GetAsyncEnumerator(Cancel);
        var compacted = await Assert.ThrowsAsync<CompactedException>(() => Next(old));
        Assert.Equal(4, compacted.Compacted.Value);
        await using var watch = store.WatchAsync("", new Revision(5), Cancel).GetAsyncEnumerator(Cancel);
        Assert.Equal("5: /b=2 created 1 modified 5", await Next(watch));
        Assert.Equal(6, await Commit(store, Put("/c", "new")));
    }

    [Fact]
    public async Task A_compare_sees_each_change_of_a_key_that_was_compared_before()
    {
        await using var store = await OpenAsync();
        await Commit(store, Put("/a", "one"));
        Assert.Equal((true, false), (await Holds("/a", 1), await Holds("/a", 0)));

        await Commit(store, Put("/a", "two"));
        Assert.Equal((false, true), (await Holds("/a", 1), await Holds("/a", 2)));

        await Commit(store, new Operation.Delete("/a"));
        Assert.Equal((false, true), (await Holds("/a", 2), await Holds("/a", 0)));

        await store.CompactAsync(new Revision(3), Cancel);
        await Commit(store, Put("/a", "three"));
        Assert.Equal((false, true), (await Holds("/a", 0), await Holds("/a", 4)));
        Assert.Equal("/a=three created 4 modified 4", Print((await store.GetAsync("/a", Cancel))!));

        async Task<bool> Holds(string key, long revision) =>
            await store.TransactAsync([new Compare(key, new Revision(revision))], [], Cancel) is TransactionResult.Committed;
    }

    [Fact]
    public async Task Revisions_go_on_after_everything_was_deleted_and_compacted()
    {
        await using var store = await OpenAsync();
        await Commit(store, Put("/a", "1"));
        await Commit(store, new Operation.Delete("/a"));

        await store.CompactAsync(new Revision(2), Cancel);

        Assert.Equal(2, (await store.ListAsync("", Cancel)).Revision.Value);
        Assert.Equal(3, await Commit(store, Put("/a", "1")));
    }

    protected static Operation Put(string key, string value) => new Operation.Put(key, Encoding.UTF8.GetBytes(value));

    protected static async Task<long> Commit(IStore store, params Operation[] operations)
    {
        var result = await store.TransactAsync([], operations, Cancel);
        return Assert.IsType<TransactionResult.Committed>(result).Revision.Value;
    }

    protected static string Print(Entry entry) =>
        $"{entry.Key}={Encoding.UTF8.GetString(entry.Value.Span)} created {entry.Created} modified {entry.Modified}";

    private static async Task<string> Next(IAsyncEnumerator<EventBatch> watch)
    {
        Assert.True(await watch.MoveNextAsync());
        var events = watch.Current.Events.Select(happened => happened.Entry is { } entry ? Print(entry) : $"{happened.Key} deleted");
        return $"{watch.Current.Revision}: {string.Join(", ", events)}";
    }
}

using Microsoft.Data.Sqlite;
using Tapline.Core.Primitives;
using Tapline.Store;

namespace Tapline.Tests.Store;

public sealed class SqliteStoreTests : StoreContract, IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("tapline-store-");

    private string Database => Path.Combine(_directory.FullName, "tapline.db");

    public void Dispose() => _directory.Delete(recursive: true);

    protected override Task<IStore> OpenAsync() => Task.FromResult<IStore>(SqliteStore.Open(Database));

    [Fact]
    public async Task What_was_committed_is_there_after_reopening()
    {
        string id;
        await using (var store = await OpenAsync())
        {
            id = store.StoreId;
            await Commit(store, Put("/a", "1"));
            await Commit(store, Put("/a", "2"), Put("/b", "2"));
        }

        await using var again = await OpenAsync();
        var listing = await again.ListAsync("", TestContext.Current.CancellationToken);

        Assert.Equal(id, again.StoreId);
        Assert.Equal(["/a=2 created 1 modified 2", "/b=2 created 2 modified 2"], listing.Entries.Select(Print));
        Assert.Equal(3, await Commit(again, Put("/c", "3")));
    }

    [Fact]
    public async Task A_watch_reads_history_from_before_the_store_was_opened()
    {
        await using (var store = await OpenAsync())
        {
            for (var i = 0; i < 1500; i++)
            {
                await Commit(store, Put("/n/a", $"{i}"), Put("/m", "no"));
            }
        }

        await using var again = await OpenAsync();
        var seen = new List<long>();
        await foreach (var batch in again.WatchAsync("/n/", new Revision(1), TestContext.Current.CancellationToken))
        {
            Assert.Equal("/n/a", Assert.Single(batch.Events).Key);
            seen.Add(batch.Revision.Value);
            if (seen.Count == 1499)
            {
                await Commit(again, Put("/n/a", "last"));
            }

            if (seen.Count == 1501)
            {
                break;
            }
        }

        Assert.Equal(Enumerable.Range(1, 1501).Select(i => (long)i), seen);
    }

    [Fact]
    public async Task A_database_in_use_is_refused()
    {
        await using var store = await OpenAsync();

        var refusal = await Assert.ThrowsAsync<StoreException>(OpenAsync);

        Assert.Contains("in use by another process", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_in_use_is_still_usable_after_the_refusal()
    {
        await using var store = await OpenAsync();
        await Assert.ThrowsAsync<StoreException>(OpenAsync);

        Assert.Equal(1, await Commit(store, Put("/a", "1")));
    }

    [Fact]
    public async Task A_commit_that_fails_fails_for_all_its_writers_and_leaves_nothing()
    {
        await using var store = await OpenAsync();
        await Commit(store, Put("/a", "1"));
        await using (var other = new SqliteConnection($"Data Source={Database};Pooling=False"))
        {
            other.Open();
            using var command = other.CreateCommand();
            command.CommandText = "BEGIN IMMEDIATE";
            command.ExecuteNonQuery();

            var writers = Enumerable.Range(0, 5).Select(i => Commit(store, Put($"/{i}", "x"))).ToList();
            await Assert.ThrowsAsync<StoreException>(() => Task.WhenAll(writers));
            Assert.All(writers, writer => Assert.IsType<StoreException>(writer.Exception?.InnerException));
        }

        Assert.Single((await store.ListAsync("", TestContext.Current.CancellationToken)).Entries);
        Assert.Equal(2, await Commit(store, Put("/b", "1")));
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_refused()
    {
        await File.WriteAllTextAsync(Database, new string('x', 5000), TestContext.Current.CancellationToken);

        await Assert.ThrowsAsync<StoreException>(OpenAsync);
    }

    [Fact]
    public async Task The_files_are_the_owners_alone()
    {
        await using var store = await OpenAsync();
        await Commit(store, Put("/a", "1"));

        Assert.All(Directory.GetFiles(_directory.FullName), path =>
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path)));
    }

    [Fact]
    public async Task A_closed_store_says_so()
    {
        var store = await OpenAsync();
        await store.DisposeAsync();

        await Assert.ThrowsAsync<StoreException>(() => Commit(store, Put("/a", "1")));
    }
}

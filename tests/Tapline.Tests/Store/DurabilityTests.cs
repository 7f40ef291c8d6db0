using System.Buffers.Binary;
using System.Diagnostics;
using Tapline.Store;

namespace Tapline.Tests.Store;

public sealed class DurabilityTests
{
    private const int Rounds = 20;

    [Fact]
    public async Task What_was_acknowledged_is_there_after_kill_9()
    {
        var directory = Directory.CreateTempSubdirectory("tapline-durability-");
        try
        {
            var database = Path.Combine(directory.FullName, "tapline.db");
            var acknowledged = new HashSet<string>();
            var random = new Random(1);
            for (var round = 0; round < Rounds; round++)
            {
                await WriteUntilKilledAsync(database, TimeSpan.FromMilliseconds(random.Next(150)), acknowledged);
                await CheckAsync(database, acknowledged);
            }

            Assert.True(acknowledged.Count > Rounds * 16, $"only {acknowledged.Count} writes were acknowledged");
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static async Task WriteUntilKilledAsync(string database, TimeSpan life, HashSet<string> acknowledged)
    {
        var writer = Path.Combine(AppContext.BaseDirectory, "Tapline.StoreWriter.dll");
        using var process = Process.Start(new ProcessStartInfo("dotnet")
        {
            ArgumentList = { "exec", writer, database },
            RedirectStandardOutput = true,
        })!;
        try
        {
            var cancel = TestContext.Current.CancellationToken;
            var first = await process.StandardOutput.ReadLineAsync(cancel);
            Assert.NotNull(first);
            acknowledged.Add(first);
            var reading = process.StandardOutput.ReadToEndAsync(cancel);
            await Task.Delay(life, cancel);
            process.Kill();
            var lines = (await reading).Split('\n');
            acknowledged.UnionWith(lines[..^1]); // behind the last line's end nothing or half a line
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }

    private static async Task CheckAsync(string database, HashSet<string> acknowledged)
    {
        await using var store = SqliteStore.Open(database);
        var cancel = TestContext.Current.CancellationToken;
        var log = (await store.ListAsync("/log/", cancel)).Entries.Select(entry => entry.Key).ToHashSet();

        Assert.All(acknowledged, line => Assert.Contains($"/log/{line.Replace(' ', '/')}", log));

        // Nothing is there by half either: each writer's count and its entries were put together.
        var counts = (await store.ListAsync("/count/", cancel)).Entries.Sum(entry => BinaryPrimitives.ReadInt32BigEndian(entry.Value.Span));
        Assert.Equal(counts, log.Count);
        Assert.Equal(counts, (int)store.Current.Value);
    }
}

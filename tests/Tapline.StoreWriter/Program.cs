using System.Buffers.Binary;
using Tapline.Core.Primitives;
using Tapline.Store;

// The victim of DurabilityTests: sixteen writers, each putting entry after entry and counting them in the same transaction. It prints
// a line "writer number" when the store has said that the entry is durable, and goes on until it is killed.
await using var store = SqliteStore.Open(args[0]);
await Task.WhenAll(Enumerable.Range(0, 16).Select(writer => Task.Run(() => WriteAsync(store, writer))));

static async Task WriteAsync(SqliteStore store, int writer)
{
    var counter = $"/count/{writer}";
    var entry = await store.GetAsync(counter, CancellationToken.None);
    var revision = entry?.Modified ?? Revision.None;
    var number = entry is null ? 0 : BinaryPrimitives.ReadInt32BigEndian(entry.Value.Span);
    while (true)
    {
        number++;
        var value = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(value, number);
        var result = await store.TransactAsync(
            [new Compare(counter, revision), Compare.Absent($"/log/{writer}/{number}")],
            [new Operation.Put(counter, value), new Operation.Put($"/log/{writer}/{number}", new byte[500])],
            CancellationToken.None);
        revision = ((TransactionResult.Committed)result).Revision;
        lock (store)
        {
            Console.Out.WriteLine($"{writer} {number}");
        }
    }
}

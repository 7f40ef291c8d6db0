namespace Tapline.Store;

/// <summary>Shorthand.</summary>
public static class StoreExtensions
{
    /// <summary>One transaction.</summary>
    public static async Task<TransactionResult> TransactAsync(
        this IStore store, IReadOnlyList<Compare> compares, IReadOnlyList<Operation> operations, CancellationToken cancellationToken)
    {
        var results = await store.TransactAsync([new Transaction(compares, operations)], cancellationToken).ConfigureAwait(false);
        return results[0];
    }
}

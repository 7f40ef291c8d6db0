namespace Tapline.Store;

/// <summary>What every store refuses, as a bug of the caller.</summary>
internal static class TransactionChecks
{
    private const int Few = 8;

    /// <summary>One revision can give a key one value only; etcd refuses such a transaction too ("duplicate key given in txn request").</summary>
    public static void ThrowIfMalformed(IReadOnlyList<Transaction> transactions)
    {
        foreach (var transaction in transactions)
        {
            var operations = transaction.Operations;
            var twice = operations.Count <= Few ? FirstTwice(operations) : operations.CountBy(x => x.Key).FirstOrDefault(x => x.Value > 1).Key;
            if (twice is not null)
            {
                throw new ArgumentException($"The key {twice} occurs twice in one transaction.", nameof(transactions));
            }
        }
    }

    // Nearly every transaction has a handful of keys, and is looked through without allocating.
    private static string? FirstTwice(IReadOnlyList<Operation> operations)
    {
        for (var i = 1; i < operations.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (string.Equals(operations[i].Key, operations[j].Key, StringComparison.Ordinal))
                {
                    return operations[i].Key;
                }
            }
        }

        return null;
    }
}

using Tapline.Core.Primitives;

namespace Tapline.Store;

/// <summary>What became of a transaction.</summary>
public abstract record TransactionResult
{
    private TransactionResult()
    {
    }

    /// <summary>It happened, as this revision; where it changed nothing that is the revision before.</summary>
    public sealed record Committed(Revision Revision) : TransactionResult;

    /// <summary>It did not, as these compares did not hold.</summary>
    public sealed record Refused(IReadOnlyList<Compare> Failed) : TransactionResult;
}

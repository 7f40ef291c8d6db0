using Tapline.Core.Primitives;

namespace Tapline.Store;

/// <summary>The history that a watch asked for has been compacted: list anew and watch from there.</summary>
public sealed class CompactedException(Revision asked, Revision compacted)
    : StoreException($"Revision {asked} was asked for, the history up to {compacted} is compacted.")
{
    public Revision Compacted { get; } = compacted;
}

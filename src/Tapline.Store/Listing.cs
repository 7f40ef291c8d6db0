using Tapline.Core.Primitives;

namespace Tapline.Store;

/// <summary>Entries, and the revision at which they were so; a watch from the next one misses nothing.</summary>
public sealed record Listing(Revision Revision, IReadOnlyList<Entry> Entries);

using Tapline.Core.Primitives;

namespace Tapline.Store;

/// <summary>All that one revision changed below the watched prefix.</summary>
public sealed record EventBatch(Revision Revision, IReadOnlyList<Event> Events);

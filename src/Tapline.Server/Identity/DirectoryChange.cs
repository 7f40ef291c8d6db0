using Tapline.Store;

namespace Tapline.Server.Identity;

/// <summary>What a request does to the directory, and what it answers.</summary>
public sealed record DirectoryChange<T>(T Value, IReadOnlyList<Operation> Operations);

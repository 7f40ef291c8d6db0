namespace Tapline.Store;

/// <summary>Operations that happen together if all the compares hold, and not at all otherwise. A key may occur in one operation only.</summary>
public sealed record Transaction(IReadOnlyList<Compare> Compares, IReadOnlyList<Operation> Operations);

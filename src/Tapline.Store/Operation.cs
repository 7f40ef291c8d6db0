namespace Tapline.Store;

/// <summary>What a transaction does to one key.</summary>
public abstract record Operation(string Key)
{
    /// <summary>Gives the key this value. The bytes belong to the store from then on.</summary>
    public sealed record Put(string Key, ReadOnlyMemory<byte> Value) : Operation(Key);

    /// <summary>Ends the key; nothing happens where there is none.</summary>
    public sealed record Delete(string Key) : Operation(Key);
}

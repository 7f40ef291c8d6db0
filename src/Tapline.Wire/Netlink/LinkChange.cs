namespace Tapline.Wire.Netlink;

/// <summary>What to change on a link; null leaves a thing as it is.</summary>
public readonly record struct LinkChange
{
    public bool? Up { get; init; }

    public int? Mtu { get; init; }

    public byte[]? Mac { get; init; }

    /// <summary>The name of the bridge it should belong to; "" takes it out of any.</summary>
    public string? Master { get; init; }

    /// <summary>"" removes the alias.</summary>
    public string? Alias { get; init; }

    public string? Rename { get; init; }

    /// <summary>Moves the link to the namespace of this descriptor (waits for a grace period in the kernel: some 15 ms).</summary>
    public int? NetNsFd { get; init; }
}

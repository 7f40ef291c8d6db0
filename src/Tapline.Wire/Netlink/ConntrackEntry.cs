namespace Tapline.Wire.Netlink;

/// <summary>A connection that the kernel tracks.</summary>
public sealed record ConntrackEntry
{
    /// <summary>As the first packet went.</summary>
    public required ConntrackTuple Original { get; init; }

    /// <summary>As answers are expected; differs from the reverse of <see cref="Original"/> by what NAT does.</summary>
    public required ConntrackTuple Reply { get; init; }

    public ushort Zone { get; init; }

    public ConntrackStatus Status { get; init; }

    /// <summary>
    /// A hash of the entry's address in memory and its tuple: mostly, not surely, unlike that of a later one with the same tuple.
    /// </summary>
    public uint Id { get; init; }

    public uint Mark { get; init; }

    public uint TimeoutSeconds { get; init; }

    /// <summary>The original tuple's attributes as the kernel wrote them: what deletion names the entry by.</summary>
    internal byte[] RawOriginal { get; init; } = [];

    /// <summary>Set where the zone counts in both directions, and so stands beside the tuples and not in one.</summary>
    internal bool HasOwnZone { get; init; }
}

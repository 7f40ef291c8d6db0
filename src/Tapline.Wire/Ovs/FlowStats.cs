namespace Tapline.Wire.Ovs;

/// <summary>A flow as the switch reports it.</summary>
public sealed record FlowStats
{
    public required byte Table { get; init; }

    public required ushort Priority { get; init; }

    public required ulong Cookie { get; init; }

    public required ulong PacketCount { get; init; }

    public required ulong ByteCount { get; init; }

    /// <summary>The OXM fields as they came, without the match's header and padding.</summary>
    public required byte[] Match { get; init; }

    /// <summary>The instructions as they came.</summary>
    public required byte[] Instructions { get; init; }
}

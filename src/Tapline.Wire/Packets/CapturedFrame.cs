namespace Tapline.Wire.Packets;

/// <summary>A frame that a packet socket saw.</summary>
public sealed record CapturedFrame
{
    /// <summary>The whole frame, its VLAN tag put back where the kernel had taken it out.</summary>
    public required byte[] Bytes { get; init; }

    /// <summary>When the kernel saw it, in nanoseconds of the system clock since 1970.</summary>
    public required long TimestampNanoseconds { get; init; }

    /// <summary>True if the device sent it (PACKET_OUTGOING), false if it came in.</summary>
    public required bool IsOutgoing { get; init; }

    /// <summary>The frame's length where it was longer than the buffer, else that of <see cref="Bytes"/>.</summary>
    public required int OriginalLength { get; init; }

    /// <summary>The checksum is left to an offload and not yet valid in these bytes.</summary>
    public required bool IsChecksumPending { get; init; }

    /// <summary>The device's index in the socket's namespace.</summary>
    public int InterfaceIndex { get; init; }

    public DateTimeOffset Timestamp => DateTimeOffset.UnixEpoch.AddTicks(TimestampNanoseconds / 100);
}

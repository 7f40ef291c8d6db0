namespace Tapline.Wire;

/// <summary>Bytes that do not follow their format; <see cref="Offset"/> says where in the buffer the reader stood.</summary>
public sealed class WireFormatException(string message, int offset) : Exception($"{message} (at byte {offset})")
{
    public int Offset { get; } = offset;
}

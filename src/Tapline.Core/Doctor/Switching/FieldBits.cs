namespace Tapline.Core.Doctor.Switching;

/// <summary>A field of a frame, with the bits of it that are known.</summary>
internal readonly record struct FieldBits(UInt128 Value, UInt128 Known)
{
    internal static FieldBits Of(UInt128 value) => new(value, UInt128.MaxValue);

    internal static FieldBits Unknown => default;

    /// <summary>As many low bits as asked for.</summary>
    internal static UInt128 Mask(int width) => width >= 128 ? UInt128.MaxValue : (UInt128.One << width) - 1;

    internal Truth Is(UInt128 value, UInt128 mask) =>
        ((Value ^ value) & mask & Known) != 0 ? Truth.No : (mask & ~Known) != 0 ? Truth.Unknown : Truth.Yes;

    /// <summary>These bits replaced by those of another.</summary>
    internal FieldBits With(FieldBits other, UInt128 mask) =>
        new((Value & ~mask) | (other.Value & mask), (Known & ~mask) | (other.Known & mask));

    internal FieldBits Shift(int left) => left >= 0 ? new(Value << left, Known << left) : new(Value >> -left, Known >> -left);
}

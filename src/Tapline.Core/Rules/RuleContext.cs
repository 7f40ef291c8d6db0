using Tapline.Core.Primitives;

namespace Tapline.Core.Rules;

/// <summary>What a rule needs of the world: the time, and a source of new ids that is also its randomness.</summary>
public sealed class RuleContext(DateTimeOffset now, Func<Guid> newGuid)
{
    public DateTimeOffset Now { get; } = now;

    public Id<T> NewId<T>() => new(newGuid());

    /// <summary>A number between 0 and <paramref name="bound"/>, the bound excluded.</summary>
    public uint Random(uint bound) => (uint)((UInt128)BitConverter.ToUInt32(newGuid().ToByteArray(), 12) * bound >> 32);
}

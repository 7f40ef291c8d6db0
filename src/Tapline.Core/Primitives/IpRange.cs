namespace Tapline.Core.Primitives;

/// <summary>The addresses from <paramref name="First"/> to <paramref name="Last"/>, both included.</summary>
public readonly record struct IpRange(IpAddress First, IpAddress Last)
{
    public bool Contains(IpAddress address) => address.IsV6 == First.IsV6 && address >= First && address <= Last;

    public bool Overlaps(IpRange other) => other.First.IsV6 == First.IsV6 && other.First <= Last && First <= other.Last;

    public override string ToString() => $"{First}-{Last}";
}

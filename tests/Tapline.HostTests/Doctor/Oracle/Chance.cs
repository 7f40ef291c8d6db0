namespace Tapline.HostTests.Doctor.Oracle;

/// <summary>Choices that a seed determines.</summary>
internal sealed class Chance(int seed)
{
    private readonly Random _random = new(seed);

    public int Below(int end) => _random.Next(end);

    public bool OneIn(int count) => _random.Next(count) == 0;

    public string Of(params IReadOnlyList<string> values) => values[_random.Next(values.Count)];

    public T Any<T>(IReadOnlyList<T> values) => values[_random.Next(values.Count)];
}

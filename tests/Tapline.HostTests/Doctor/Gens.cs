using CsCheck;

namespace Tapline.HostTests.Doctor;

/// <summary>Choices among values and among generators, told apart by name.</summary>
internal static class Gens
{
    public static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);

    public static Gen<T> Either<T>(params Gen<T>[] gens) => Gen.Int[0, gens.Length - 1].SelectMany(index => gens[index]);

    public static Gen<T> Weighted<T>(params (int Weight, Gen<T> Gen)[] gens) =>
        Gen.Int[1, gens.Sum(gen => gen.Weight)].SelectMany(number => Pick(gens, number));

    private static Gen<T> Pick<T>((int Weight, Gen<T> Gen)[] gens, int number)
    {
        foreach (var (weight, gen) in gens)
        {
            number -= weight;
            if (number <= 0)
            {
                return gen;
            }
        }

        return gens[^1].Gen;
    }
}

using System.Globalization;

namespace Tapline.HostTests.Doctor.Oracle;

/// <summary>How many random cases a run makes, and from which seed on: "COUNT" or "COUNT FIRST" in an environment variable, else a few that never change.</summary>
internal static class Seeds
{
    public static IEnumerable<int> From(string variable, int few) => Environment.GetEnvironmentVariable(variable)?.Split(' ') switch
    {
        [var count, var first] => Enumerable.Range(int.Parse(first, CultureInfo.InvariantCulture), int.Parse(count, CultureInfo.InvariantCulture)),
        [var count] => Enumerable.Range(1, int.Parse(count, CultureInfo.InvariantCulture)),
        _ => Enumerable.Range(1, few),
    };
}

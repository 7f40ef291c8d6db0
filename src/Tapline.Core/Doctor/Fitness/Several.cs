using System.Globalization;

namespace Tapline.Core.Doctor.Fitness;

/// <summary>Many names in few words.</summary>
internal static class Several
{
    private const int Most = 3;

    /// <summary><c>a, b, c and 4 more</c>.</summary>
    public static string Named(IEnumerable<string> names)
    {
        var all = names.ToList();
        var more = all.Count - Most;
        return string.Join(", ", all.Take(Most)) + (more > 0 ? $" and {more.ToString(CultureInfo.InvariantCulture)} more" : "");
    }
}

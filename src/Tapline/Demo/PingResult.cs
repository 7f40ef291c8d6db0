using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Tapline.Demo;

/// <summary>What iputils' ping printed.</summary>
internal sealed partial record PingResult(int Sent, int Received, IReadOnlyList<double> RoundTrips)
{
    public bool AllAnswered => Sent > 0 && Sent == Received;

    public static PingResult Parse(string text)
    {
        var total = Totals().Match(text);
        return new PingResult(
            total.Success ? int.Parse(total.Groups[1].Value, CultureInfo.InvariantCulture) : 0,
            total.Success ? int.Parse(total.Groups[2].Value, CultureInfo.InvariantCulture) : 0,
            [.. RoundTrip().Matches(text).Select(match => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))]);
    }

    public JsonObject ToJson() => new()
    {
        ["sent"] = Sent,
        ["received"] = Received,
        ["rtt_ms"] = new JsonArray([.. RoundTrips.Select(value => (JsonNode)JsonValue.Create(value))]),
    };

    [GeneratedRegex(@"(\d+) packets transmitted, (\d+) received")]
    private static partial Regex Totals();

    [GeneratedRegex(@"time=([0-9.]+) ms")]
    private static partial Regex RoundTrip();
}

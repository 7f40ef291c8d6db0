using System.Globalization;
using System.Text.Json;

namespace Tapline.Core.Doctor.Netfilter;

/// <summary>A chain's priority: a number, or one of nft's names for it with an offset.</summary>
internal static class NftPriority
{
    public static int Read(JsonElement json, string family, string hook)
    {
        if (json.ValueKind == JsonValueKind.Number)
        {
            return json.GetInt32();
        }

        var words = json.GetString()!.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (int.TryParse(words[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            return number;
        }

        var offset = words.Length == 3 ? int.Parse(words[2], CultureInfo.InvariantCulture) : 0;
        return Named(words[0], family == "bridge", hook) + (words.Length == 3 && words[1] == "-" ? -offset : offset);
    }

    private static int Named(string name, bool isBridge, string hook) => (name, isBridge) switch
    {
        ("raw", _) => -300,
        ("mangle", _) => -150,
        ("dstnat", false) => -100,
        ("dstnat", true) => -300,
        ("filter", false) => 0,
        ("filter", true) => -200,
        ("security", _) => 50,
        ("srcnat", false) => 100,
        ("srcnat", true) => 300,
        ("out", true) => 100,
        _ => throw new FormatException($"nft has no priority '{name}' at hook {hook}"),
    };
}

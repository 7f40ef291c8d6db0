using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Tapline.Agent.Reading;

/// <summary>The devices of chains at the ingress and egress hooks: nft 1.0.6 shows them in its text alone, later ones in JSON (<c>dev</c>) too.</summary>
internal static partial class ChainDevices
{
    /// <summary>The JSON of <c>list ruleset</c> with what its text tells of devices; what has them already stays.</summary>
    public static string Fill(string json, string text)
    {
        var told = Read(text);
        if (told.Count == 0)
        {
            return json;
        }

        var document = JsonNode.Parse(json)!;
        foreach (var chain in document["nftables"]!.AsArray().Select(item => item!["chain"]).OfType<JsonObject>())
        {
            if (chain["dev"] is null && told.TryGetValue(($"{chain["family"]} {chain["table"]}", $"{chain["name"]}"), out var devices))
            {
                chain["dev"] = new JsonArray([.. devices.Select(device => (JsonNode)device)]);
            }
        }

        return document.ToJsonString();
    }

    private static Dictionary<(string Table, string Chain), IReadOnlyList<string>> Read(string text)
    {
        var found = new Dictionary<(string, string), IReadOnlyList<string>>();
        var (table, chain) = ("", "");
        foreach (var line in text.Split('\n'))
        {
            if (Begin().Match(line) is { Success: true } begin)
            {
                (table, chain) = begin.Groups[1].Value == "table" ? (begin.Groups[2].Value, "") : (table, begin.Groups[2].Value);
            }
            else if (Hook().Match(line) is { Success: true } hook)
            {
                found[(table, chain)] = [.. Name().Matches(hook.Groups[1].Value).Select(name => name.Groups[1].Value)];
            }
        }

        return found;
    }

    [GeneratedRegex(@"^\s*(table|chain) (.+?) \{")]
    private static partial Regex Begin();

    [GeneratedRegex("hook (?:ingress|egress) devices?(.*?) priority")]
    private static partial Regex Hook();

    [GeneratedRegex("\"?([^\\s\"{},=]+)\"?")]
    private static partial Regex Name();
}

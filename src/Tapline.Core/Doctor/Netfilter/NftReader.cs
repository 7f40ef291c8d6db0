using System.Text.Json;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Netfilter;

/// <summary>nft's own JSON of <c>list ruleset</c>.</summary>
public static class NftReader
{
    /// <summary>The tables in nft's order; a rule that is not understood is kept and makes fates unknown.</summary>
    /// <exception cref="FormatException">It is not nft's JSON.</exception>
    public static ValueList<FilterTable> Read(string json)
    {
        try
        {
            var root = JsonElement.Parse(json); // kept by the rules, which are read when they are met
            var tables = new OrderedDictionary<(string Family, string Name), NftTable>();
            foreach (var item in root.GetProperty("nftables").EnumerateArray())
            {
                var one = item.EnumerateObject().First();
                switch (one.Name)
                {
                    case "table":
                        tables[(Text(one.Value, "family"), Text(one.Value, "name"))] = new NftTable(Table(one.Value));
                        break;
                    case "chain":
                        TableOf(tables, one.Value)?.Add(Chain(one.Value));
                        break;
                    case "set" or "map" or "meter":
                        TableOf(tables, one.Value)?.Add(Set(one.Value));
                        break;
                    case "rule":
                        TableOf(tables, one.Value)?.Add(Text(one.Value, "chain"), position => Rule(one.Value, position));
                        break;
                }
            }

            return [.. tables.Values.Select(table => table.ToTable())];
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException($"this is not nft's JSON: {e.Message}", e);
        }
    }

    private static FilterTable Table(JsonElement json) => new()
    {
        Family = Text(json, "family"),
        Name = Text(json, "name"),
        IsDormant = IsDormant(json),
        Program = "nft",
    };

    private static bool IsDormant(JsonElement json) =>
        json.TryGetProperty("flags", out var flags) && flags.GetRawText().Contains("\"dormant\"", StringComparison.Ordinal);

    private static FilterChain Chain(JsonElement json) => new() { Name = Text(json, "name"), Hook = Hook(json) };

    private static ChainHook? Hook(JsonElement json)
    {
        if (!json.TryGetProperty("hook", out var hook))
        {
            return null;
        }

        var device = !json.TryGetProperty("dev", out var devices) ? null
            : devices.ValueKind == JsonValueKind.Array ? string.Join(',', devices.EnumerateArray().Select(one => one.GetString()))
            : devices.GetString();
        return new ChainHook(
            Text(json, "type"),
            Enum.Parse<HookPoint>(hook.GetString()!, ignoreCase: true),
            NftPriority.Read(json.GetProperty("prio"), Text(json, "family"), hook.GetString()!),
            Text(json, "policy") == "drop",
            device);
    }

    private static FilterSet Set(JsonElement json)
    {
        var types = Types(json, "type");
        return new FilterSet
        {
            Name = Text(json, "name"),
            Elements = json.TryGetProperty("elem", out var elements) ? NftOperands.Elements(elements, types, Types(json, "map")) : [],
        };
    }

    /// <summary>One data type for each part: a list, or (of a map's values) one text with dots.</summary>
    private static string[] Types(JsonElement json, string name) => !json.TryGetProperty(name, out var type) ? [""]
        : type.ValueKind == JsonValueKind.Array ? [.. type.EnumerateArray().Select(one => one.GetString() ?? "")]
        : type.ValueKind == JsonValueKind.String ? type.GetString()!.Split(" . ")
        : [""];

    private static FilterRule Rule(JsonElement json, int position) =>
        new(position, json.TryGetProperty("handle", out var handle) ? handle.GetInt64() : null, () => Body(json));

    /// <summary>A rule that is not as nft prints it makes fates unknown.</summary>
    private static RuleBody Body(JsonElement json)
    {
        try
        {
            var statements = json.TryGetProperty("expr", out var list) ? list.EnumerateArray().ToList() : [];
            return new RuleBody(
                NftText.Rule(statements, json.TryGetProperty("comment", out var comment) ? comment.GetString() : null),
                statements.Select(Packets).FirstOrDefault(packets => packets is not null),
                statements.SelectMany(statement => NftStatements.Read(statement, Text(json, "family"))).ToValueList());
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            var text = json.GetRawText();
            return new RuleBody(text, null, [new Statement.Opaque(text)]);
        }
    }

    private static long? Packets(JsonElement statement) =>
        statement.ValueKind == JsonValueKind.Object && statement.TryGetProperty("counter", out var counter)
        && counter.ValueKind == JsonValueKind.Object && counter.TryGetProperty("packets", out var packets)
            ? packets.GetInt64()
            : null;

    private static NftTable? TableOf(OrderedDictionary<(string Family, string Name), NftTable> tables, JsonElement json) =>
        tables.GetValueOrDefault((Text(json, "family"), Text(json, "table")));

    private static string Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";
}

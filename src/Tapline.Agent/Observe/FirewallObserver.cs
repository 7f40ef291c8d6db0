using System.Text.Json;
using Tapline.Core.Host;
using Tapline.Core.Primitives;
using Tapline.Wire.Nftables;

namespace Tapline.Agent.Observe;

/// <summary>What is in Tapline's nftables tables of one namespace.</summary>
internal static class FirewallObserver
{
    public static IEnumerable<HostItem> Observe(string ns, NftablesContext nft)
    {
        var tables = nft.ListObjects("list tables")
            .Where(item => item.TryGetProperty("table", out var table) && Text(table, "name") == Marks.Table)
            .Select(item => Text(item.GetProperty("table"), "family"))
            .ToList();
        return tables.SelectMany(family => Table(ns, family, nft.ListObjects($"list table {family} {Marks.Table}"))).ToList();
    }

    private static IEnumerable<HostItem> Table(string ns, string family, IReadOnlyList<JsonElement> objects)
    {
        var rules = objects.Where(item => item.TryGetProperty("rule", out _)).Select(item => item.GetProperty("rule"))
            .ToLookup(rule => Text(rule, "chain"));
        foreach (var item in objects)
        {
            if (item.TryGetProperty("chain", out var chain))
            {
                yield return Chain(ns, family, chain, rules[Text(chain, "name")], rules);
            }
            else if (item.TryGetProperty("set", out var set))
            {
                yield return new HostItem.NftSet
                {
                    In = ns,
                    Family = family,
                    Name = Text(set, "name"),
                    Declaration = "set",
                    Elements = Elements(set),
                    Owner = Marks.ByPlace,
                };
            }
            else if (item.TryGetProperty("map", out var map))
            {
                yield return Map(ns, family, map);
            }
        }
    }

    private static HostItem Map(string ns, string family, JsonElement map) =>
        map.GetProperty("map") is { ValueKind: JsonValueKind.String } value && value.ValueEquals("verdict")
            ? new HostItem.NftVerdictMap(family, Text(map, "name"), "map", Elements(map)) { Owner = Marks.ByPlace }
            : new HostItem.NftSet
            {
                In = ns,
                Family = family,
                Name = Text(map, "name"),
                Declaration = "map",
                Elements = Elements(map),
                Owner = Marks.ByPlace,
            };

    private static HostItem.NftChain Chain(string ns, string family, JsonElement chain, IEnumerable<JsonElement> rules, ILookup<string, JsonElement> all)
    {
        var list = rules.ToList();
        return new HostItem.NftChain
        {
            In = ns,
            Family = family,
            Name = Text(chain, "name"),
            Hook = chain.TryGetProperty("hook", out var hook) ? hook.GetString()! : "",
            Fingerprint = list.Select(rule => rule.TryGetProperty("comment", out var comment) ? comment.GetString()! : "?").ToValueList(),
            Level = LevelOf(list, all),
            Owner = Marks.ByPlace,
        };
    }

    /// <summary>How deep the rules jump; nftables admits no circles.</summary>
    private static int LevelOf(IEnumerable<JsonElement> rules, ILookup<string, JsonElement> all) =>
        rules.SelectMany(TargetsOf).Distinct().Select(target => 1 + LevelOf(all[target], all)).DefaultIfEmpty(0).Max();

    private static IEnumerable<string> TargetsOf(JsonElement rule) =>
        from part in rule.GetProperty("expr").EnumerateArray()
        where part.TryGetProperty("jump", out _) || part.TryGetProperty("goto", out _)
        select Text(part.EnumerateObject().First().Value, "target");

    private static ValueList<string> Elements(JsonElement set)
    {
        if (!set.TryGetProperty("elem", out var elements))
        {
            return [];
        }

        var type = set.GetProperty("type");
        var isMap = set.TryGetProperty("map", out _);
        return elements.EnumerateArray().Select(element => Element(element, type, isMap)).Order(StringComparer.Ordinal).ToValueList();
    }

    private static string Element(JsonElement element, JsonElement type, bool isMap) =>
        isMap ? $"{Key(element[0], type)} : {Value(element[1])}" : Key(element, type);

    private static string Key(JsonElement key, JsonElement type)
    {
        if (key.ValueKind == JsonValueKind.Object && key.TryGetProperty("concat", out var parts))
        {
            var types = type.EnumerateArray().ToList();
            return string.Join(" . ", parts.EnumerateArray().Select((part, index) => Key(part, types[index])));
        }

        return type.ValueKind == JsonValueKind.String && type.ValueEquals("ifname") ? $"\"{key.GetString()}\"" : Value(key);
    }

    private static string Value(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.Object when value.TryGetProperty("prefix", out var prefix) => $"{Text(prefix, "addr")}/{prefix.GetProperty("len").GetInt32()}",
        JsonValueKind.Object when value.TryGetProperty("range", out var range) => $"{Value(range[0])}-{Value(range[1])}",
        JsonValueKind.Object when value.TryGetProperty("goto", out var target) => $"goto {Text(target, "target")}",
        JsonValueKind.Object when value.TryGetProperty("elem", out var inner) => Value(inner.GetProperty("val")),
        _ => value.GetRawText(),
    };

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}

using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Tapline.Core.Doctor.Netfilter;

/// <summary>Expressions as nft prints them.</summary>
internal static class NftExpressionText
{
    /// <param name="json">The expression.</param>
    /// <param name="type">The data type of what it is compared with or becomes: names are quoted, marks are hexadecimal.</param>
    public static string Of(JsonElement json, string type) => json.ValueKind switch
    {
        JsonValueKind.String => Text(json.GetString()!, type),
        JsonValueKind.Number => Number(json, type),
        JsonValueKind.True => "exists",
        JsonValueKind.False => "missing",
        JsonValueKind.Array => string.Join(',', json.EnumerateArray().Select(item => Of(item, type))),
        JsonValueKind.Object => Of(json.EnumerateObject().First(), type),
        _ => "",
    };

    public static string Of(JsonProperty json, string type)
    {
        var inside = json.Value;
        switch (json.Name)
        {
            case "set":
                var items = inside.ValueKind == JsonValueKind.Array ? inside.EnumerateArray().Select(item => Element(item, type)) : [Element(inside, type)];
                return $"{{ {string.Join(", ", items)} }}";
            case "range":
                return string.Join('-', inside.EnumerateArray().Select(end => Of(end, type)));
            case "prefix":
                return $"{Of(inside.GetProperty("addr"), type)}/{inside.GetProperty("len")}";
            case "concat":
                var types = type.Split(" . ");
                return string.Join(" . ", inside.EnumerateArray().Select((part, index) => Of(part, index < types.Length ? types[index] : "")));
            case "map":
                return $"{Of(inside.GetProperty("key"), "")} map {Of(inside.GetProperty("data"), TypeOf(inside.GetProperty("key")))}";
            case "elem":
                var timeout = inside.TryGetProperty("timeout", out var seconds) ? $" timeout {Duration(seconds.GetInt64())}" : "";
                return Of(inside.GetProperty("val"), type) + timeout;
            case "&" or "|" or "^" or "<<" or ">>":
                var operand = TypeOf(inside[0]) is { Length: > 0 } own ? own : type;
                return string.Join($" {json.Name} ", inside.EnumerateArray().Select(part => Of(part, operand)));
            case "numgen":
                return $"numgen {inside.GetProperty("mode")} mod {inside.GetProperty("mod")}{Offset(inside)}";
            case "jhash":
                return $"jhash {Of(inside.GetProperty("expr"), "")} mod {inside.GetProperty("mod")}{Offset(inside)}";
            case "accept" or "drop" or "continue" or "return":
                return json.Name;
            case "jump" or "goto":
                return $"{json.Name} {inside.GetProperty("target")}";
            default:
                return NftFields.NameOf(json) is { } field ? Shown(field) : $"{json.Name} {inside}";
        }
    }

    /// <summary>The data type of a field, dotted for concatenations; <c>mark</c>, <c>raw</c>, <c>quoted</c> and <c>duration</c> are for printing alone.</summary>
    public static string TypeOf(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            return "";
        }

        var first = json.EnumerateObject().First();
        return first.Name switch
        {
            "&" or "|" or "^" or "<<" or ">>" => TypeOf(first.Value[0]),
            "concat" => string.Join(" . ", first.Value.EnumerateArray().Select(TypeOf)),
            _ when NftFields.NameOf(first) is { } field => Shape(field),
            _ => "",
        };
    }

    private static string Shape(string field) => field switch
    {
        "meta mark" or "ct mark" => "mark",
        "meta hour" or "meta day" or "meta time" or "ct helper" => "quoted",
        "ct expiration" => "duration",
        _ when field.StartsWith('@') => "raw",
        _ => NftNames.TypeOf(field),
    };

    private static string Element(JsonElement item, string type) => item.ValueKind == JsonValueKind.Array && item.GetArrayLength() == 2
        ? $"{Of(item[0], type)} : {Of(item[1], "")}"
        : Of(item, type);

    private static string Text(string text, string type) => type switch
    {
        "ifname" or "quoted" when !text.StartsWith('@') => $"\"{text}\"",
        _ => text,
    };

    private static string Number(JsonElement json, string type) => type switch
    {
        "mark" when json.TryGetUInt32(out var mark) => string.Create(CultureInfo.InvariantCulture, $"0x{mark:x8}"),
        "raw" when json.TryGetUInt64(out var raw) => string.Create(CultureInfo.InvariantCulture, $"0x{raw:x}"),
        "ether_type" when json.TryGetUInt32(out var ether) => string.Create(CultureInfo.InvariantCulture, $"0x{ether:x4}"),
        "duration" when json.TryGetInt64(out var seconds) => Duration(seconds),
        _ => json.ToString(),
    };

    private static string Duration(long seconds)
    {
        (string Unit, long Length)[] units = [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)];
        var text = new StringBuilder();
        foreach (var (unit, length) in units)
        {
            if (seconds >= length)
            {
                text.Append(CultureInfo.InvariantCulture, $"{seconds / length}{unit}");
                seconds %= length;
            }
        }

        return text.Length == 0 ? "0s" : text.ToString();
    }

    private static string Offset(JsonElement json) =>
        json.TryGetProperty("offset", out var offset) && offset.ToString() != "0" ? $" offset {offset}" : "";

    /// <summary>Interfaces are named without "meta".</summary>
    private static string Shown(string field) =>
        field is "meta iif" or "meta oif" or "meta iifname" or "meta oifname" or "meta iifgroup" or "meta oifgroup" ? field["meta ".Length..] : field;
}

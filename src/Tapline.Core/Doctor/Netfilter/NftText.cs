using System.Text.Json;

namespace Tapline.Core.Doctor.Netfilter;

/// <summary>Rules as <c>nft list ruleset</c> prints them, without counters' figures: what a reader finds on the host.</summary>
internal static class NftText
{
    public static string Rule(IEnumerable<JsonElement> statements, string? comment)
    {
        var text = string.Join(' ', statements.Select(Statement));
        return comment is null ? text : $"{text} comment \"{comment}\"";
    }

    public static string Of(JsonProperty json) => IsStatement(json.Name) ? Statement(json) : NftExpressionText.Of(json, "");

    private static bool IsStatement(string name) => name is not ("numgen" or "jhash" or "symhash" or "osf" or "ipsec" or "tunnel");

    private static string Statement(JsonElement json) =>
        json.ValueKind == JsonValueKind.Object ? Statement(json.EnumerateObject().First()) : json.ToString();

    private static string Statement(JsonProperty json)
    {
        var inside = json.Value;
        return json.Name switch
        {
            "match" => Match(inside),
            "vmap" => $"{Expression(inside, "key")} vmap {NftExpressionText.Of(inside.GetProperty("data"), Type(inside, "key"))}",
            "mangle" => $"{Expression(inside, "key")} set {NftExpressionText.Of(inside.GetProperty("value"), Type(inside, "key"))}",
            "jump" or "goto" => $"{json.Name} {Word(inside, "target")}",
            "accept" or "drop" or "continue" or "return" or "notrack" => json.Name,
            "counter" => inside.ValueKind == JsonValueKind.String ? $"counter name \"{inside.GetString()}\"" : "counter",
            "snat" or "dnat" or "masquerade" or "redirect" or "tproxy" => Translation(json.Name, inside),
            "reject" => Reject(inside),
            "limit" => Limit(inside),
            "quota" => $"quota {Over(inside)}{Word(inside, "val")} {Word(inside, "val_unit")}",
            "ct count" => $"ct count {Over(inside)}{Word(inside, "val")}",
            "log" => Log(inside),
            "set" => $"{Word(inside, "op")} {Word(inside, "set")} {{ {NftExpressionText.Of(inside.GetProperty("elem"), "")} }}",
            "queue" => Queue(inside),
            "xt" => $"xt {Word(inside, "type")} {Word(inside, "name")}",
            "ct helper" => $"ct helper set {inside}",
            _ => $"{json.Name} {inside}".TrimEnd(),
        };
    }

    private static string Match(JsonElement json)
    {
        var left = json.GetProperty("left");
        var right = json.GetProperty("right");
        var type = Type(json, "left");
        var by = Word(json, "op");
        var isMasked = left.ValueKind == JsonValueKind.Object && left.TryGetProperty("&", out var masked);
        if (isMasked && type == "tcp_flag" && by is "==" or "!=")
        {
            var parts = left.GetProperty("&");
            var not = by == "!=" ? "!= " : "";
            return $"tcp flags {not}{NftExpressionText.Of(right, type)} / {NftExpressionText.Of(parts[1], type)}";
        }

        var sign = by == "in" || (by == "==" && !isMasked) ? "" : by + " ";
        return $"{NftExpressionText.Of(left, "")} {sign}{NftExpressionText.Of(right, type)}";
    }

    private static string Translation(string name, JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            return name;
        }

        var address = json.TryGetProperty("addr", out var to) ? NftExpressionText.Of(to, "") : "";
        var port = json.TryGetProperty("port", out var number) ? ":" + NftExpressionText.Of(number, "") : "";
        var target = port.Length > 0 && address.Contains(':', StringComparison.Ordinal) ? $"[{address}]" : address;
        string[] words =
        [
            name,
            Word(json, "family"),
            Listed(json, "type_flags").Contains("prefix", StringComparison.Ordinal) ? "prefix" : "",
            target.Length + port.Length > 0 ? $"to {target}{port}" : "",
            string.Join(',', Listed(json, "flags").Split(',').Where(flag => flag != "netmap")),
        ];
        return string.Join(' ', words.Where(word => word.Length > 0));
    }

    private static string Reject(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            return "reject";
        }

        var (type, code) = (Word(json, "type"), Word(json, "expr"));
        return (type, code) switch
        {
            ("icmpx", "port-unreachable") => "reject",
            ("tcp reset", _) => "reject with tcp reset",
            _ => $"reject with {type} {code}",
        };
    }

    private static string Limit(JsonElement json)
    {
        var inverted = json.TryGetProperty("inv", out var inverse) && inverse.ValueKind == JsonValueKind.True ? "over " : "";
        var unit = Word(json, "rate_unit") is { Length: > 0 } bytes ? " " + bytes : "";
        var burst = Word(json, "burst");
        var burstUnit = Word(json, "burst_unit") is { Length: > 0 } named ? named : "packets";
        var isDefault = burst is "" or "0" || (burst == "5" && unit.Length == 0);
        return $"limit rate {inverted}{Word(json, "rate")}{unit}/{Word(json, "per")}{(isDefault ? "" : $" burst {burst} {burstUnit}")}";
    }

    private static string Log(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            return "log";
        }

        var words = new List<string> { "log" };
        foreach (var part in json.EnumerateObject())
        {
            words.Add(part.Name == "prefix" ? $"prefix \"{part.Value.GetString()}\"" : $"{part.Name} {Listed(json, part.Name)}");
        }

        return string.Join(' ', words);
    }

    private static string Queue(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            return "queue";
        }

        var flags = Listed(json, "flags") is { Length: > 0 } some ? $" flags {some}" : "";
        return json.TryGetProperty("num", out var number) ? $"queue{flags} to {NftExpressionText.Of(number, "")}" : "queue" + flags;
    }

    private static string Over(JsonElement json) =>
        json.TryGetProperty("inv", out var inverse) && inverse.ValueKind == JsonValueKind.True ? "over " : "";

    private static string Expression(JsonElement json, string name) => NftExpressionText.Of(json.GetProperty(name), "");

    private static string Type(JsonElement json, string name) => NftExpressionText.TypeOf(json.GetProperty(name));

    private static string Word(JsonElement json, string name) => json.TryGetProperty(name, out var value) ? value.ToString() : "";

    private static string Listed(JsonElement json, string name) => !json.TryGetProperty(name, out var value) ? ""
        : value.ValueKind == JsonValueKind.Array ? string.Join(',', value.EnumerateArray().Select(one => one.ToString()))
        : value.ToString();
}

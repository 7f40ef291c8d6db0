using System.Text.Json;

namespace Tapline.Core.Doctor.Netfilter;

/// <summary>Statements of nft's JSON.</summary>
internal static class NftStatements
{
    /// <param name="json">One item of a rule's list.</param>
    /// <param name="family">The table's: translation in an inet table is for one family only.</param>
    public static IEnumerable<Statement> Read(JsonElement json, string family)
    {
        if (json.ValueKind == JsonValueKind.String)
        {
            return [new Statement.Opaque(json.GetString()!)];
        }

        var statement = json.EnumerateObject().First();
        var inside = statement.Value;
        if (NftVerdicts.Read(json) is { } verdict)
        {
            return [new Statement.Decide(verdict)];
        }

        return statement.Name switch
        {
            "match" => [Match(inside)],
            "vmap" => [Dispatch(inside)],
            "snat" => Translate(TranslationKind.Source, inside, family),
            "dnat" => Translate(TranslationKind.Destination, inside, family),
            "masquerade" => Translate(TranslationKind.Masquerade, inside, family),
            "redirect" => Translate(TranslationKind.Redirect, inside, family),
            "reject" => Refuse(statement),
            "mangle" => [Assign(inside)],
            "notrack" => [new Statement.Untrack()],
            "limit" or "quota" or "ct count" => [Doubtful(statement)],
            "counter" or "log" or "set" or "comment" or "ct helper" or "ct timeout" or "ct expectation" or "dup" or "secmark" or "last"
                => [new Statement.Passive(NftText.Of(statement))],
            _ => [new Statement.Opaque(NftText.Of(statement))],
        };
    }

    private static Statement.Match Match(JsonElement json)
    {
        var left = NftOperands.Read(json.GetProperty("left"), [""]);
        var right = NftOperands.Read(json.GetProperty("right"), NftOperands.TypesOf(left));
        if (left is Operand.Field { Name: ['f', 'i', 'b', ' ', ..] } fib && json.GetProperty("right").ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            left = fib with { Name = fib.Name + FibReader.Presence };
        }

        var isSet = right is Operand.Elements or Operand.Named;
        var by = json.GetProperty("op").GetString() switch
        {
            "!=" => isSet ? Comparison.NotIn : Comparison.NotEqual,
            "<" => Comparison.Less,
            "<=" => Comparison.LessOrEqual,
            ">" => Comparison.Greater,
            ">=" => Comparison.GreaterOrEqual,
            "in" => Comparison.In,
            "!" => Comparison.NotIn,
            _ => isSet ? Comparison.In : Comparison.Equal,
        };
        return new Statement.Match(left, by, right);
    }

    private static Statement.Dispatch Dispatch(JsonElement json)
    {
        var key = NftOperands.Read(json.GetProperty("key"), [""]);
        return new Statement.Dispatch(key, NftOperands.Read(json.GetProperty("data"), NftOperands.TypesOf(key)));
    }

    private static IEnumerable<Statement> Translate(TranslationKind kind, JsonElement json, string family)
    {
        var isObject = json.ValueKind == JsonValueKind.Object;
        if (family == "inet" && isObject && json.TryGetProperty("family", out var only))
        {
            var number = (UInt128)(only.GetString() == "ip6" ? 10 : 2);
            yield return new Statement.Match(new Operand.Field("meta nfproto"), Comparison.Equal, new Operand.Constant(FieldValue.Of(number)));
        }

        // A prefix maps addresses one to one, which is another thing than any of them.
        if (isObject && json.TryGetProperty("type_flags", out var flags) && flags.GetRawText().Contains("prefix", StringComparison.Ordinal))
        {
            yield return new Statement.Opaque("translation of a prefix");
            yield break;
        }

        var address = isObject && json.TryGetProperty("addr", out var to) ? NftOperands.Read(to, [""]) : null;
        var port = isObject && json.TryGetProperty("port", out var number16) ? NftOperands.Read(number16, [""]) : null;
        yield return new Statement.Translate(kind, address, port);
    }

    /// <summary>ICMP's errors are for their own family; nft does not print the condition that it adds.</summary>
    private static IEnumerable<Statement> Refuse(JsonProperty json)
    {
        if (json.Value.ValueKind == JsonValueKind.Object && json.Value.TryGetProperty("type", out var type) && type.GetString() is "icmp" or "icmpv6")
        {
            var number = (UInt128)(type.GetString() == "icmp" ? Packet.EtherIpv4 : Packet.EtherIpv6);
            yield return new Statement.Match(new Operand.Field("meta protocol"), Comparison.Equal, new Operand.Constant(FieldValue.Of(number)));
        }

        yield return new Statement.Refuse(NftText.Of(json));
    }

    private static Statement Assign(JsonElement json)
    {
        var key = NftOperands.Read(json.GetProperty("key"), [""]);
        return key is Operand.Field field
            ? new Statement.Assign(field.Name, NftOperands.Read(json.GetProperty("value"), NftOperands.TypesOf(key)))
            : new Statement.Opaque(NftText.Of(json.GetProperty("key").EnumerateObject().First()));
    }

    private static Statement.Match Doubtful(JsonProperty json) =>
        new(new Operand.Unreadable(NftText.Of(json)), Comparison.Equal, new Operand.Constant(FieldValue.Of(1)));
}

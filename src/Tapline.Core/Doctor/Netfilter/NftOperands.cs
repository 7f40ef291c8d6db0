using System.Globalization;
using System.Text.Json;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Netfilter;

/// <summary>Expressions of nft's JSON as operands.</summary>
internal static class NftOperands
{
    /// <param name="json">The expression.</param>
    /// <param name="types">The data types of what it is compared with, one for each part of a concatenation: names need them.</param>
    public static Operand Read(JsonElement json, IReadOnlyList<string> types) => json.ValueKind switch
    {
        JsonValueKind.Number => Number(json),
        JsonValueKind.True => Constant(1),
        JsonValueKind.False => Constant(0),
        JsonValueKind.String => Word(json.GetString()!, types.Count == 1 ? types[0] : ""),
        JsonValueKind.Array => Flags(json.EnumerateArray().Select(item => Read(item, types))),
        JsonValueKind.Object => Compound(json.EnumerateObject().First(), types),
        _ => new Operand.Unreadable(json.GetRawText()),
    };

    /// <summary>The data types of an expression's parts.</summary>
    public static IReadOnlyList<string> TypesOf(Operand operand) => operand switch
    {
        Operand.Field field => [NftNames.TypeOf(field.Name)],
        Operand.Bits bits => TypesOf(bits.Left),
        Operand.Tuple tuple => [.. tuple.Parts.SelectMany(TypesOf)],
        _ => [""],
    };

    /// <summary>Elements of a set or map: values, <c>[key, value]</c> pairs, verdicts in verdict maps.</summary>
    public static ValueList<SetElement> Elements(JsonElement items, IReadOnlyList<string> types, IReadOnlyList<string> valueTypes) =>
        items.ValueKind == JsonValueKind.Array ? items.EnumerateArray().Select(item => Element(item, types, valueTypes)).ToValueList()
        : [Element(items, types, valueTypes)];

    private static SetElement Element(JsonElement item, IReadOnlyList<string> types, IReadOnlyList<string> valueTypes)
    {
        if (item.ValueKind != JsonValueKind.Array || item.GetArrayLength() != 2)
        {
            return new SetElement(Key(item, types));
        }

        var key = Key(item[0], types);
        return NftVerdicts.Read(item[1]) is { } verdict
            ? new SetElement(key, Verdict: verdict)
            : new SetElement(key, Read(item[1], valueTypes));
    }

    private static Operand Key(JsonElement item, IReadOnlyList<string> types) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty("elem", out var element) && element.TryGetProperty("val", out var value)
            ? Read(value, types)
            : Read(item, types);

    private static Operand Compound(JsonProperty json, IReadOnlyList<string> types)
    {
        var inside = json.Value;
        switch (json.Name)
        {
            case "set":
                return new Operand.Elements(Elements(inside, types, [""]));
            case "range":
                return Between(Read(inside[0], types), Read(inside[1], types));
            case "prefix":
                return Prefix(Read(inside.GetProperty("addr"), types), inside);
            case "concat":
                return new Operand.Tuple(inside.EnumerateArray()
                    .Select((part, index) => Read(part, [index < types.Count ? types[index] : ""])).ToValueList());
            case "map":
                return Map(inside);
            case "elem":
                return Read(inside.GetProperty("val"), types);
            case "&" or "|" or "^" or "<<" or ">>":
                var left = Read(inside[0], types);
                var known = TypesOf(left) is [{ Length: > 0 } type] ? [type] : types;
                return inside.EnumerateArray().Skip(1)
                    .Aggregate(left, (sum, next) => Folded(new Operand.Bits(sum, json.Name, Read(next, known))));
            default:
                return NftFields.NameOf(json) is { } field ? new Operand.Field(field) : new Operand.Unreadable(NftText.Of(json));
        }
    }

    private static Operand.Lookup Map(JsonElement json)
    {
        var key = Read(json.GetProperty("key"), [""]);
        return new Operand.Lookup(key, SetOf(json.GetProperty("data"), TypesOf(key)));
    }

    /// <summary>The data of a map or vmap: inline or by name.</summary>
    public static Operand SetOf(JsonElement data, IReadOnlyList<string> types) => Read(data, types);

    private static Operand Word(string word, string type)
    {
        if (word.StartsWith('@'))
        {
            return new Operand.Named(word[1..]);
        }

        if (type == "ifname" || word == "*")
        {
            return new Operand.Constant(FieldValue.Of(word));
        }

        if (NftNames.NumberOf(type, word) is { } number)
        {
            return Constant((UInt128)(uint)number);
        }

        if (IpAddress.TryParse(word, out var address))
        {
            return Constant(address.Bits);
        }

        if (MacAddress.TryParse(word, out var mac))
        {
            return Constant(mac.Value);
        }

        return word.StartsWith("0x", StringComparison.Ordinal)
            && UInt128.TryParse(word.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hexadecimal)
            ? Constant(hexadecimal)
            : UInt128.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var plain) ? Constant(plain)
            : new Operand.Unreadable(word);
    }

    private static Operand Number(JsonElement json) =>
        json.TryGetUInt64(out var number) ? Constant(number) : new Operand.Unreadable(json.GetRawText());

    /// <summary>A list without braces: bits, any of them.</summary>
    private static Operand Flags(IEnumerable<Operand> parts) =>
        parts.Aggregate((Operand)Constant(0), (sum, part) => Folded(new Operand.Bits(sum, "|", part)));

    private static Operand Folded(Operand.Bits bits) =>
        bits is { Operator: "|", Left: Operand.Constant { Value.Name: null } left, Right: Operand.Constant { Value.Name: null } right }
            ? Constant(left.Value.Number | right.Value.Number)
            : bits;

    private static Operand Between(Operand low, Operand high) => (low, high) switch
    {
        (Operand.Constant from, Operand.Constant to) => new Operand.Range(from.Value, to.Value),
        _ => new Operand.Unreadable("a range"),
    };

    private static Operand Prefix(Operand address, JsonElement json)
    {
        if (address is not Operand.Constant { Value.Number: var number } || !json.GetProperty("len").TryGetInt32(out var length))
        {
            return new Operand.Unreadable("a prefix");
        }

        // A prefix of what is no address (a mark, a MAC) does not tell how wide it is.
        if (!IpAddress.TryParse(json.GetProperty("addr").GetString(), out var ip))
        {
            return new Operand.Unreadable("a prefix");
        }

        var prefix = new IpPrefix(ip with { Bits = number }, length);
        return new Operand.Range(FieldValue.Of(prefix.First.Bits), FieldValue.Of(prefix.Last.Bits));
    }

    private static Operand.Constant Constant(UInt128 number) => new(FieldValue.Of(number));
}

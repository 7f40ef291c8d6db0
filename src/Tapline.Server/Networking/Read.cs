using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Tapline.Core.Primitives;

namespace Tapline.Server.Networking;

/// <summary>The readers of attribute values, with the conversions that Neutron makes ("true", "80") and no others.</summary>
internal static class Read
{
    public static Reader<string> Name { get; } = Text(255);

    public static Reader<bool> Bool { get; } = (JsonElement json, Reading reading, out bool value) =>
    {
        var text = json.ValueKind switch
        {
            JsonValueKind.True or JsonValueKind.False => json.GetBoolean() ? "true" : "false",
            JsonValueKind.String => json.GetString()!.ToLowerInvariant(),
            JsonValueKind.Number => json.GetRawText(),
            _ => "",
        };
        value = text is "true" or "1";
        return value || text is "false" or "0" || reading.Refuse($"{Reading.Shown(json)} cannot be converted to boolean");
    };

    public static Reader<int> Int { get; } = (JsonElement json, Reading reading, out int value) =>
    {
        value = 0;
        return (json.ValueKind == JsonValueKind.Number && json.TryGetInt32(out value))
            || (json.ValueKind == JsonValueKind.String
                && int.TryParse(json.GetString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value))
            || reading.Refuse($"{Reading.Shown(json)} is not an integer");
    };

    public static Reader<IpAddress> Address { get; } = (JsonElement json, Reading reading, out IpAddress value) =>
    {
        value = default;
        return (json.ValueKind == JsonValueKind.String && IpAddress.TryParse(json.GetString(), out value))
            || reading.Refuse($"{Reading.Shown(json)} is not a valid IP address");
    };

    public static Reader<IpPrefix> Cidr { get; } = (JsonElement json, Reading reading, out IpPrefix value) =>
    {
        value = default;
        return (json.ValueKind == JsonValueKind.String && IpPrefix.TryParse(json.GetString(), out value))
            || reading.Refuse($"{Reading.Shown(json)} is not a valid IP subnet");
    };

    /// <summary>Also an address alone, which is a prefix of its whole length.</summary>
    public static Reader<IpPrefix> AddressOrCidr { get; } = (JsonElement json, Reading reading, out IpPrefix value) =>
    {
        value = default;
        if (json.ValueKind == JsonValueKind.String && IpAddress.TryParse(json.GetString(), out var address))
        {
            value = IpPrefix.Host(address);
            return true;
        }

        return Cidr(json, reading, out value);
    };

    public static Reader<MacAddress> Mac { get; } = (JsonElement json, Reading reading, out MacAddress value) =>
    {
        value = default;
        return (json.ValueKind == JsonValueKind.String && MacAddress.TryParse(json.GetString(), out value))
            || reading.Refuse($"{Reading.Shown(json)} is not a valid MAC address");
    };

    public static Reader<string> Text(int longest) => (JsonElement json, Reading reading, out string value) =>
    {
        value = json.ValueKind == JsonValueKind.String ? json.GetString()! : "";
        if (json.ValueKind != JsonValueKind.String)
        {
            return reading.Refuse($"{Reading.Shown(json)} is not a valid string");
        }

        return value.Length > longest ? reading.Refuse($"{Reading.Shown(json)} exceeds maximum length of {longest}")
            : !value.Contains('\0') || reading.Refuse("a string must not contain NUL");
    };

    public static Reader<Id<T>> Uuid<T>() => (JsonElement json, Reading reading, out Id<T> value) =>
    {
        value = default;
        return (json.ValueKind == JsonValueKind.String && Id<T>.TryParse(json.GetString(), out value))
            || reading.Refuse($"{Reading.Shown(json)} is not a valid UUID");
    };

    /// <summary>The id of something else; a text that can be no id is answered as one that there is not, as in Neutron.</summary>
    public static Reader<Id<T>> Reference<T>(Func<string, Rejection> missing) => (JsonElement json, Reading reading, out Id<T> value) =>
    {
        value = default;
        return json.ValueKind == JsonValueKind.String && json.GetString() is { } text && !text.Contains('\0')
            ? Id<T>.TryParse(text, out value) || reading.Reject(missing(Reading.Cut(text)))
            : reading.Refuse($"{Reading.Shown(json)} is not a valid UUID");
    };

    /// <summary>One of these words, in any case; the answer is the word's value.</summary>
    public static Reader<T> OneOf<T>(params (string Word, T Value)[] words) => (JsonElement json, Reading reading, out T value) =>
    {
        var text = json.ValueKind == JsonValueKind.String ? json.GetString() : null;
        foreach (var word in words)
        {
            if (string.Equals(word.Word, text, StringComparison.OrdinalIgnoreCase))
            {
                value = word.Value;
                return true;
            }
        }

        value = words[0].Value;
        return reading.Refuse($"{Reading.Shown(json)} is not in [{string.Join(", ", words.Select(word => $"'{word.Word}'"))}]");
    };

    public static Reader<T?> OrNull<T>(Reader<T> reader)
        where T : struct => (JsonElement json, Reading reading, out T? value) =>
    {
        value = null;
        if (json.ValueKind == JsonValueKind.Null)
        {
            return true;
        }

        if (reader(json, reading, out var given))
        {
            value = given;
            return true;
        }

        return false;
    };

    public static Reader<string?> TextOrNull(int longest)
    {
        var text = Text(longest);
        return (JsonElement json, Reading reading, out string? value) =>
        {
            value = null;
            return json.ValueKind == JsonValueKind.Null || text(json, reading, out value);
        };
    }

    /// <summary>A list of such values; null is the empty one.</summary>
    public static Reader<ValueList<T>> List<T>(Reader<T> item) => (JsonElement json, Reading reading, out ValueList<T> value) =>
    {
        value = [];
        if (json.ValueKind == JsonValueKind.Null)
        {
            return true;
        }

        if (json.ValueKind != JsonValueKind.Array)
        {
            return reading.Refuse($"{Reading.Shown(json)} is not a list");
        }

        var items = ImmutableArray.CreateBuilder<T>(json.GetArrayLength());
        foreach (var element in json.EnumerateArray())
        {
            if (!item(element, reading, out var one))
            {
                return false;
            }

            items.Add(one);
        }

        value = new ValueList<T>(items.DrainToImmutable());
        return true;
    };

    public static Reader<ValueList<T>> Distinct<T>(Reader<T> item) => (JsonElement json, Reading reading, out ValueList<T> value) =>
        List(item)(json, reading, out value)
            && (value.Distinct().Count() == value.Count || reading.Refuse($"Duplicate items in the list: {Reading.Shown(json)}"));

    /// <summary>Whether it is an object with none but these members.</summary>
    public static bool IsObject(JsonElement json, Reading reading, params ReadOnlySpan<string> members)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            return reading.Refuse($"{Reading.Shown(json)} is not a dictionary");
        }

        foreach (var property in json.EnumerateObject())
        {
            if (!members.Contains(property.Name))
            {
                return reading.Refuse($"Invalid data format: unexpected key '{property.Name}'");
            }
        }

        return true;
    }

    /// <summary>A member that must be there.</summary>
    public static bool Member<T>(JsonElement json, string name, Reading reading, Reader<T> reader, out T value)
    {
        if (json.TryGetProperty(name, out var member))
        {
            return reader(member, reading, out value);
        }

        value = default!;
        return reading.Refuse($"'{name}' is required");
    }

    /// <summary>A member that may be missing or null.</summary>
    public static bool OptionalMember<T>(JsonElement json, string name, Reading reading, Reader<T> reader, out T? value)
        where T : struct
    {
        value = null;
        return !json.TryGetProperty(name, out var member) || OrNull(reader)(member, reading, out value);
    }
}

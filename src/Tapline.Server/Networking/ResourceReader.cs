using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;

namespace Tapline.Server.Networking;

/// <summary>Reads requests by a table of attributes: what the table does not know, or not allow, is refused with its name.</summary>
internal sealed class ResourceReader<TResource, TRequest>(
    string singular, string plural, ImmutableArray<Attribute<TResource, TRequest>> attributes)
    where TRequest : new()
{
    private readonly FrozenDictionary<string, Attribute<TResource, TRequest>> _byName =
        attributes.ToFrozenDictionary(attribute => attribute.Name);

    /// <summary>Reads such a resource inside of another's body.</summary>
    public Reader<TRequest> Nested => (JsonElement json, Reading reading, out TRequest value) =>
    {
        value = new TRequest();
        if (json.ValueKind != JsonValueKind.Object)
        {
            return reading.Refuse($"{Reading.Shown(json)} is not a dictionary");
        }

        var before = reading.Rejections.Count;
        value = Parse(json, reading, On.Post);
        return reading.Rejections.Count == before;
    };

    /// <summary>The body's request, or each of a bulk.</summary>
    public List<TRequest> Requests(JsonElement body, Reading reading, On method, out bool isBulk) =>
        BodyItems(body, reading, method, out isBulk).ConvertAll(item => Parse(item, reading, method));

    /// <summary>What stands under the body's one key: the resource, or (bulk creation) each of a list.</summary>
    private List<JsonElement> BodyItems(JsonElement body, Reading reading, On method, out bool isBulk)
    {
        isBulk = false;
        if (body.ValueKind != JsonValueKind.Object)
        {
            reading.RefuseBody(singular, "The body must be a JSON object.");
            return [];
        }

        var expected = method == On.Put || body.TryGetProperty(singular, out _) ? singular : plural;
        foreach (var other in body.EnumerateObject().Where(property => property.Name != expected))
        {
            reading.RefuseBody(other.Name, $"Unrecognized attribute(s) '{other.Name}'");
        }

        if (body.TryGetProperty(singular, out var single) && single.ValueKind == JsonValueKind.Object)
        {
            return [single];
        }

        if (method == On.Post && body.TryGetProperty(plural, out var many) && many.ValueKind == JsonValueKind.Array)
        {
            isBulk = true;
            if (many.GetArrayLength() == 0 || many.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.Object))
            {
                reading.RefuseBody(plural, many.GetArrayLength() == 0 ? "Resources required" : $"'{plural}' must be a list of objects");
                return [];
            }

            return [.. many.EnumerateArray().Select(Unwrapped)];
        }

        reading.RefuseBody(singular, $"Unable to find '{singular}' in request body");
        return [];
    }

    /// <summary>Each item of a bulk may stand under the singular's name too.</summary>
    private JsonElement Unwrapped(JsonElement item) =>
        item.GetPropertyCount() == 1 && item.TryGetProperty(singular, out var inner) && inner.ValueKind == JsonValueKind.Object
            ? inner
            : item;

    private TRequest Parse(JsonElement item, Reading reading, On method)
    {
        var request = new TRequest();
        var unknown = new List<string>();
        foreach (var property in item.EnumerateObject())
        {
            if (!_byName.TryGetValue(property.Name, out var attribute) || attribute is { Take: null, Write: null })
            {
                unknown.Add($"'{property.Name}'");
            }
            else if (!attribute.Allowed.HasFlag(method) || attribute.Take is not { } take)
            {
                reading.RefuseBody(property.Name, method == On.Post
                    ? $"Attribute '{property.Name}' not allowed in POST"
                    : $"Cannot update read-only attribute {property.Name}");
            }
            else
            {
                reading.Attribute = property.Name;
                request = take(request, property.Value, reading);
            }
        }

        if (unknown.Count > 0)
        {
            reading.RefuseBody("", $"Unrecognized attribute(s) {string.Join(", ", unknown)}");
        }

        RefuseTwoOwners(item, reading);
        foreach (var attribute in attributes)
        {
            if (method == On.Post && attribute.Required && !item.TryGetProperty(attribute.Name, out _))
            {
                reading.RefuseBody(attribute.Name, $"Failed to parse request. Required attribute '{attribute.Name}' not specified");
            }
        }

        return request;
    }

    private static void RefuseTwoOwners(JsonElement item, Reading reading)
    {
        if (item.TryGetProperty("tenant_id", out var old) && item.TryGetProperty("project_id", out var project)
            && old.GetRawText() != project.GetRawText())
        {
            reading.RefuseBody("project_id", "'project_id' and 'tenant_id' do not match");
        }
    }
}

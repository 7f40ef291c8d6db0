using System.Text.Json.Nodes;

namespace Tapline.Wire.Ovs;

/// <summary>
/// Values as RFC 7047 writes them. Note that JSON arrays are built by constructor here: a collection expression would call
/// the generic Add, which needs reflection for anything but a JsonNode.
/// </summary>
public static class OvsValue
{
    public static JsonArray Uuid(Guid id) => new("uuid", id.ToString());

    /// <summary>A row inserted in the same transaction under this name.</summary>
    public static JsonArray NamedUuid(string name) => new("named-uuid", name);

    // A span and not an enumerable: a JsonArray is one itself, and a set of one uuid would become a set of its parts.
    public static JsonArray Set(params ReadOnlySpan<JsonNode?> values) => new("set", new JsonArray(values));

    public static JsonArray Map(IEnumerable<KeyValuePair<string, string>> pairs) =>
        new("map", new JsonArray([.. pairs.Select(pair => (JsonNode)new JsonArray(pair.Key, pair.Value))]));
}

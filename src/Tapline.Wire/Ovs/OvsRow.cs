using System.Collections.Immutable;
using System.Text.Json;

namespace Tapline.Wire.Ovs;

/// <summary>
/// One row as it was at one moment. Columns that are not monitored, or empty optional ones, read as null or empty; OVSDB writes
/// a set of one as the bare value, which <see cref="GetSet"/> and <see cref="GetUuids"/> understand.
/// </summary>
public sealed class OvsRow(Guid uuid, JsonElement columns)
{
    private readonly JsonElement _columns = columns;

    public Guid Uuid { get; } = uuid;

    /// <summary>The "name" column, "" where the table has none.</summary>
    public string Name => GetString("name") ?? "";

    public string? GetString(string column) => Scalar(column) is { } value ? Text(value) : null;

    public long? GetLong(string column) => Scalar(column) is { ValueKind: JsonValueKind.Number } value ? value.GetInt64() : null;

    public bool? GetBool(string column) =>
        Scalar(column) is { ValueKind: JsonValueKind.True or JsonValueKind.False } value ? value.GetBoolean() : null;

    public ImmutableDictionary<string, string> GetMap(string column)
    {
        var map = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        if (Tagged(column, "map") is { } pairs)
        {
            foreach (var pair in pairs.EnumerateArray())
            {
                map[Text(pair[0])] = Text(pair[1]);
            }
        }

        return map.ToImmutable();
    }

    /// <summary>The set's values as text, sorted.</summary>
    public ImmutableArray<string> GetSet(string column) => [.. Elements(column).Select(Text).Order(StringComparer.Ordinal)];

    public ImmutableArray<Guid> GetUuids(string column) =>
        [.. Elements(column).Where(IsUuid).Select(element => Guid.Parse(element[1].GetString() ?? ""))];

    public override string ToString() => $"{Uuid} {_columns}";

    private static string Text(JsonElement atom) => atom.ValueKind switch
    {
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Array when IsUuid(atom) => atom[1].GetString() ?? "",
        _ => atom.ToString(),
    };

    private static bool IsUuid(JsonElement atom) => Tag(atom) == "uuid";

    private static string? Tag(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 2 && value[0].ValueKind == JsonValueKind.String
            ? value[0].GetString()
            : null;

    private JsonElement? Column(string column) => _columns.TryGetProperty(column, out var value) ? value : null;

    private JsonElement? Tagged(string column, string tag) => Column(column) is { } value && Tag(value) == tag ? value[1] : null;

    private JsonElement[] Elements(string column) =>
        Tagged(column, "set") is { } set ? [.. set.EnumerateArray()] : Column(column) is { } one ? [one] : [];

    /// <summary>The one value of a column, or null if the column is absent or empty.</summary>
    private JsonElement? Scalar(string column) => Elements(column) is [var first, ..] ? first : null;
}

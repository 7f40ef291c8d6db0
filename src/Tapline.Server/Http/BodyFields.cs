using System.Text.Json;
using Tapline.Core.Primitives;

namespace Tapline.Server.Http;

/// <summary>Reads the members of a JSON object; what has the wrong type is noted as a rejection and read as absent.</summary>
internal sealed class BodyFields(JsonElement element, string path, List<Rejection> rejections)
{
    private const int LongestText = 4096;

    public IReadOnlyList<Rejection> Rejections => rejections;

    public bool Has(string name) => element.TryGetProperty(name, out _);

    /// <summary>The member as an object, or null.</summary>
    public BodyFields? Object(string name) =>
        Find(name, JsonValueKind.Object, "an object") is { } found ? new BodyFields(found, PathOf(name), rejections) : null;

    /// <summary>The member as text, or null where it is absent or null.</summary>
    public string? Text(string name)
    {
        var text = Find(name, JsonValueKind.String, "a string")?.GetString();
        if (text is { Length: > LongestText })
        {
            Refuse(name, $"is longer than {LongestText} characters");
            return null;
        }

        return text;
    }

    public string? NonEmptyText(string name, int longest)
    {
        var text = Text(name);
        if (text is null)
        {
            return null;
        }

        if (text.Length > longest || text.AsSpan().Trim().Length == 0)
        {
            Refuse(name, $"must have 1 to {longest} characters");
            return null;
        }

        return text;
    }

    public bool? Flag(string name)
    {
        if (!element.TryGetProperty(name, out var found) || found.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (found.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return found.GetBoolean();
        }

        Refuse(name, "is not a boolean");
        return null;
    }

    public IReadOnlyList<string> Texts(string name)
    {
        var texts = new List<string>();
        foreach (var item in Find(name, JsonValueKind.Array, "a list")?.EnumerateArray() ?? default)
        {
            if (item.ValueKind != JsonValueKind.String)
            {
                Refuse(name, "is not a list of strings");
                return [];
            }

            texts.Add(item.GetString()!); // a string, as was asked
        }

        return texts;
    }

    public bool IsText(string name, string text) =>
        element.TryGetProperty(name, out var found) && found.ValueKind == JsonValueKind.String && found.ValueEquals(text);

    public void Refuse(string name, string why) => rejections.Add(Rejection.Invalid(PathOf(name), $"'{PathOf(name)}' {why}."));

    public void Reject(Rejection rejection) => rejections.Add(rejection);

    private JsonElement? Find(string name, JsonValueKind kind, string kindInWords)
    {
        if (!element.TryGetProperty(name, out var found) || found.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (found.ValueKind == kind)
        {
            return found;
        }

        Refuse(name, $"is not {kindInWords}");
        return null;
    }

    private string PathOf(string name) => path.Length == 0 ? name : $"{path}.{name}";
}

using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Primitives;
using Tapline.Core.Model;

namespace Tapline.Server.Networking;

/// <summary>Attributes by the kind of their value.</summary>
internal static class Define<TResource, TRequest>
    where TResource : Resource
{
    public static Attribute<TResource, TRequest> Uuid(string name, Func<TResource, Guid?> get) => new(name)
    {
        Write = (json, _, resource) =>
        {
            if (get(resource) is { } id)
            {
                json.WriteStringValue(id);
            }
            else
            {
                json.WriteNullValue();
            }
        },
        Matches = (_, resource, wanted) => Any(wanted, text => Guid.TryParse(text, out var id) ? get(resource) == id
            : text.Length == 0 && get(resource) is null),
        SortKey = (_, resource) => get(resource),
    };

    public static Attribute<TResource, TRequest> Text(string name, Func<TResource, string?> get) =>
        Text(name, (_, resource) => get(resource));

    public static Attribute<TResource, TRequest> Text(string name, Func<View, TResource, string?> get) => new(name)
    {
        Write = (json, view, resource) => json.WriteStringValue(get(view, resource)),
        Matches = (view, resource, wanted) => Any(wanted, text => text == (get(view, resource) ?? "")),
        SortKey = (view, resource) => new OrdinalText(get(view, resource) ?? ""),
    };

    public static Attribute<TResource, TRequest> Bool(string name, Func<TResource, bool> get) => new(name)
    {
        Write = (json, _, resource) => json.WriteBooleanValue(get(resource)),
        Matches = (_, resource, wanted) => Is(get(resource), wanted),
        SortKey = (_, resource) => get(resource),
    };

    public static Attribute<TResource, TRequest> Number(string name, Func<TResource, long?> get) => new(name)
    {
        Write = (json, _, resource) =>
        {
            if (get(resource) is { } number)
            {
                json.WriteNumberValue(number);
            }
            else
            {
                json.WriteNullValue();
            }
        },
        Matches = (_, resource, wanted) => Any(wanted, text => text == (get(resource)?.ToString(CultureInfo.InvariantCulture) ?? "")),
        SortKey = (_, resource) => get(resource),
    };

    /// <summary>UTC with seconds, as OpenStack writes times.</summary>
    public static Attribute<TResource, TRequest> Time(string name, Func<TResource, DateTimeOffset> get) => new(name)
    {
        Write = (json, _, resource) =>
        {
            Span<byte> text = stackalloc byte[24];
            get(resource).UtcDateTime.TryFormat(text, out var length, "yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
            json.WriteStringValue(text[..length]);
        },
        Matches = (_, resource, wanted) => Any(wanted, text => DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            && time.ToUnixTimeSeconds() == get(resource).ToUnixTimeSeconds()),
        SortKey = (_, resource) => get(resource),
    };

    public static Attribute<TResource, TRequest> Uuids(string name, Func<View, TResource, IEnumerable<Guid>> get) => new(name)
    {
        Write = (json, view, resource) =>
        {
            json.WriteStartArray();
            foreach (var id in get(view, resource))
            {
                json.WriteStringValue(id);
            }

            json.WriteEndArray();
        },
        Matches = (view, resource, wanted) => Any(wanted, text => Guid.TryParse(text, out var id) && get(view, resource).Contains(id)),
    };

    public static Attribute<TResource, TRequest> Texts(string name, Func<TResource, IEnumerable<string>> get) => new(name)
    {
        Write = (json, _, resource) =>
        {
            json.WriteStartArray();
            foreach (var text in get(resource))
            {
                json.WriteStringValue(text);
            }

            json.WriteEndArray();
        },
        Matches = (_, resource, wanted) => Any(wanted, text => get(resource).Contains(text)),
    };

    public static Attribute<TResource, TRequest> Shown(string name, Action<Utf8JsonWriter, View, TResource> write) =>
        new(name) { Write = write };

    /// <summary>What requests give and nobody is shown.</summary>
    public static Attribute<TResource, TRequest> Given(string name) => new(name);

    public static Attribute<TResource, TRequest> Filter(string name, Func<View, TResource, StringValues, bool> matches) =>
        new(name) { Matches = matches };

    /// <summary>The owner under its two names, old and new; both are accepted.</summary>
    public static IEnumerable<Attribute<TResource, TRequest>> Project(Func<TRequest, string, TRequest> set) =>
    [
        Text("tenant_id", resource => resource.ProjectId).In(On.Post, Read.Name, set),
        Text("project_id", resource => resource.ProjectId).In(On.Post, Read.Name, set),
    ];

    /// <summary>OpenStack's standard attributes, but for name and description.</summary>
    public static IEnumerable<Attribute<TResource, TRequest>> Standard() =>
    [
        Number("revision_number", resource => resource.RevisionNumber),
        Time("created_at", resource => resource.CreatedAt),
        Time("updated_at", resource => resource.UpdatedAt),
        .. Tagged(),
    ];

    private static IEnumerable<Attribute<TResource, TRequest>> Tagged() =>
    [
        Texts("tags", resource => resource.Tags) with { Matches = (_, resource, wanted) => Tags(wanted).All(resource.Tags.Contains) },
        Filter("tags-any", (_, resource, wanted) => Tags(wanted).Any(resource.Tags.Contains)),
        Filter("not-tags", (_, resource, wanted) => !Tags(wanted).All(resource.Tags.Contains)),
        Filter("not-tags-any", (_, resource, wanted) => !Tags(wanted).Any(resource.Tags.Contains)),
    ];

    private static IEnumerable<string> Tags(StringValues wanted) => wanted.SelectMany(text => (text ?? "").Split(','));

    /// <summary>Whether the value is among those wanted.</summary>
    public static bool Is(bool value, StringValues wanted) => Any(wanted, text => text.ToLowerInvariant() switch
    {
        "true" or "1" => value,
        "false" or "0" => !value,
        _ => false,
    });

    private static bool Any(StringValues wanted, Func<string, bool> matches)
    {
        foreach (var text in wanted)
        {
            if (matches(text ?? ""))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Sorted by code points: the order must not hang on a culture.</summary>
    private sealed record OrdinalText(string Value) : IComparable
    {
        public int CompareTo(object? obj) => string.CompareOrdinal(Value, ((OrdinalText)obj!).Value);
    }
}

using System.Text.Json;
using Microsoft.Extensions.Primitives;

namespace Tapline.Server.Networking;

/// <summary>Which requests may give an attribute.</summary>
[Flags]
internal enum On
{
    Neither = 0,
    Post = 1,
    Put = 2,
    Both = Post | Put,
}

/// <summary>An attribute of a resource: how it is shown, filtered and sorted by, and how a request gives it. Tables of them are the API.</summary>
internal sealed record Attribute<TResource, TRequest>(string Name)
{
    public JsonEncodedText EncodedName { get; } = JsonEncodedText.Encode(Name);

    /// <summary>Writes the value; null where it is not shown.</summary>
    public Action<Utf8JsonWriter, View, TResource>? Write { get; init; }

    /// <summary>Whether a list filtered by these values holds the resource; null where it can not be filtered by.</summary>
    public Func<View, TResource, StringValues, bool>? Matches { get; init; }

    public Func<View, TResource, IComparable?>? SortKey { get; init; }

    public On Allowed { get; private init; }

    public bool Required { get; init; }

    /// <summary>Shown to, and to be filtered by, administrators alone.</summary>
    public bool AdminOnly { get; init; }

    /// <summary>Takes a given value into the request.</summary>
    public Func<TRequest, JsonElement, Reading, TRequest>? Take { get; private init; }

    /// <summary>Lets requests give it.</summary>
    public Attribute<TResource, TRequest> In<T>(On allowed, Reader<T> reader, Func<TRequest, T, TRequest> set) => this with
    {
        Allowed = allowed,
        Take = (request, json, reading) => reader(json, reading, out var value) ? set(request, value) : request,
    };
}

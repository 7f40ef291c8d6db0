using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Tapline.Server.Networking;

/// <summary>Which versions and resources there are; asked before there is a token.</summary>
internal static class Versions
{
    /// <summary><c>GET /</c>.</summary>
    public static Task ListAsync(HttpContext context) => NeutronAnswer.JsonAsync(context, StatusCodes.Status200OK, json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("versions");
        json.WriteStartObject();
        json.WriteString("id", "v2.0");
        json.WriteString("status", "CURRENT");
        WriteLinks(json, context, "v2.0/");
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    });

    /// <summary><c>GET /v2.0/</c>.</summary>
    public static Task ResourcesAsync(HttpContext context, IEnumerable<Collection> collections) =>
        NeutronAnswer.JsonAsync(context, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("resources");
            foreach (var collection in collections)
            {
                json.WriteStartObject();
                json.WriteString("name", collection.Singular);
                json.WriteString("collection", collection.Plural);
                WriteLinks(json, context, $"v2.0/{collection.Path}");
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });

    private static void WriteLinks(Utf8JsonWriter json, HttpContext context, string path)
    {
        var request = context.Request;
        json.WriteStartArray("links");
        json.WriteStartObject();
        json.WriteString("rel", "self");
        json.WriteString("href", $"{request.Scheme}://{request.Host}{request.PathBase}/{path}");
        json.WriteEndObject();
        json.WriteEndArray();
    }
}

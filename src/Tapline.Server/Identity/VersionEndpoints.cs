using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Tapline.Server.Http;

namespace Tapline.Server.Identity;

/// <summary>Discovery: which versions there are, for clients that are given the bare address.</summary>
internal static class VersionEndpoints
{
    public static Answer All(IdentityCall call) => new(StatusCodes.Status300MultipleChoices, writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartObject("versions");
        writer.WriteStartArray("values");
        WriteVersion3(writer, call.Root);
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndObject();
    });

    public static Answer Version3(IdentityCall call) => IdentityCall.One("version", call.Root, WriteVersion3);

    private static void WriteVersion3(Utf8JsonWriter writer, string root)
    {
        writer.WriteStartObject();
        writer.WriteString("id", "v3.14");
        writer.WriteString("status", "stable");
        writer.WriteString("updated", "2020-04-07T00:00:00Z");
        writer.WriteStartArray("links");
        writer.WriteStartObject();
        writer.WriteString("rel", "self");
        writer.WriteString("href", root + "/");
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteStartArray("media-types");
        writer.WriteStartObject();
        writer.WriteString("base", "application/json");
        writer.WriteString("type", "application/vnd.openstack.identity-v3+json");
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}

using System.Text.Json;

namespace Tapline.Server.Identity;

/// <summary>Keystone's <c>links</c> of one resource.</summary>
internal static class Links
{
    public static void Write(Utf8JsonWriter writer, string self)
    {
        writer.WriteStartObject("links");
        writer.WriteString("self", self);
        writer.WriteEndObject();
    }
}

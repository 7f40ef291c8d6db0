using System.Text.Json;
using Tapline.Server.Http;

namespace Tapline.Server.Identity;

/// <summary>The one domain.</summary>
internal static class Domain
{
    public const string Id = "default";
    public const string Name = "Default";

    /// <summary>Whether the object names this domain, by id or name; without an object it does.</summary>
    public static bool IsNamedBy(BodyFields? domain) =>
        domain is null || (domain.Text("id") is { } id ? id == Id : domain.Text("name") is not { } name || name == Name);

    /// <summary>The member <c>domain</c> of users and projects in tokens.</summary>
    public static void WriteReference(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("domain");
        writer.WriteString("id", Id);
        writer.WriteString("name", Name);
        writer.WriteEndObject();
    }
}

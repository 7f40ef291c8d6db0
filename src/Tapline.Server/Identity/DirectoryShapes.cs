using System.Text.Json;

namespace Tapline.Server.Identity;

/// <summary>How projects, users, roles, the domain and role assignments look in the API.</summary>
internal static class DirectoryShapes
{
    public static void Write(Utf8JsonWriter writer, IdentityCall call, Project project)
    {
        writer.WriteStartObject();
        writer.WriteString("id", project.Id);
        writer.WriteString("name", project.Name);
        writer.WriteString("domain_id", Domain.Id);
        writer.WriteString("description", project.Description);
        writer.WriteBoolean("enabled", project.Enabled);
        writer.WriteBoolean("is_domain", false);
        writer.WriteString("parent_id", project.ParentId ?? Domain.Id);
        WriteEmpty(writer);
        writer.WriteStartArray("tags");
        writer.WriteEndArray();
        Links.Write(writer, $"{call.Root}/projects/{project.Id}");
        writer.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter writer, IdentityCall call, User user)
    {
        writer.WriteStartObject();
        writer.WriteString("id", user.Id);
        writer.WriteString("name", user.Name);
        writer.WriteString("domain_id", Domain.Id);
        writer.WriteString("description", user.Description);
        writer.WriteBoolean("enabled", user.Enabled);
        if (user.Email is { } email)
        {
            writer.WriteString("email", email);
        }

        if (user.DefaultProjectId is { } project)
        {
            writer.WriteString("default_project_id", project);
        }

        writer.WriteNull("password_expires_at");
        WriteEmpty(writer);
        Links.Write(writer, $"{call.Root}/users/{user.Id}");
        writer.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter writer, IdentityCall call, Role role)
    {
        writer.WriteStartObject();
        writer.WriteString("id", role.Id);
        writer.WriteString("name", role.Name);
        writer.WriteNull("domain_id");
        writer.WriteNull("description");
        WriteEmpty(writer);
        Links.Write(writer, $"{call.Root}/roles/{role.Id}");
        writer.WriteEndObject();
    }

    public static void WriteDomain(Utf8JsonWriter writer, IdentityCall call)
    {
        writer.WriteStartObject();
        writer.WriteString("id", Domain.Id);
        writer.WriteString("name", Domain.Name);
        writer.WriteString("description", "The default domain");
        writer.WriteBoolean("enabled", true);
        writer.WriteStartArray("tags");
        writer.WriteEndArray();
        WriteEmpty(writer);
        Links.Write(writer, $"{call.Root}/domains/{Domain.Id}");
        writer.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter writer, IdentityCall call, DirectorySnapshot snapshot, Assignment assignment, bool names)
    {
        var (userId, projectId, roleId) = assignment;
        writer.WriteStartObject();
        writer.WriteStartObject("scope");
        writer.WriteStartObject("project");
        WriteReference(writer, projectId, names ? snapshot.Projects.GetValueOrDefault(projectId)?.Name : null, isInDomain: true);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteStartObject("role");
        WriteReference(writer, roleId, names ? Role.Find(roleId)?.Name : null, isInDomain: false);
        writer.WriteEndObject();
        writer.WriteStartObject("user");
        WriteReference(writer, userId, names ? snapshot.Users.GetValueOrDefault(userId)?.Name : null, isInDomain: true);
        writer.WriteEndObject();
        writer.WriteStartObject("links");
        writer.WriteString("assignment", $"{call.Root}/projects/{projectId}/users/{userId}/roles/{roleId}");
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteReference(Utf8JsonWriter writer, string id, string? name, bool isInDomain)
    {
        writer.WriteString("id", id);
        if (name is not null)
        {
            writer.WriteString("name", name);
            if (isInDomain)
            {
                Domain.WriteReference(writer);
            }
        }
    }

    private static void WriteEmpty(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("options");
        writer.WriteEndObject();
    }
}

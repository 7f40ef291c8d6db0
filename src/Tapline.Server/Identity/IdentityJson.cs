using System.Text.Json.Serialization;

namespace Tapline.Server.Identity;

/// <summary>How the directory is written in the store (not the API's shape).</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(User))]
[JsonSerializable(typeof(Project))]
internal sealed partial class IdentityJson : JsonSerializerContext;

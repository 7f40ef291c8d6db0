using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Tapline.Server.Http;

namespace Tapline.Server.Networking;

/// <summary>A request's body as a JSON object, or the refusal already answered in Neutron's form.</summary>
internal static class RequestBody
{
    /// <summary>The body; null where it was refused, with the answer sent.</summary>
    public static async Task<JsonDocument?> ReadAsync(HttpContext context)
    {
        if (context.Request.ContentType is { Length: > 0 } type && !IsJson(type))
        {
            await NeutronAnswer.ErrorAsync(context, StatusCodes.Status415UnsupportedMediaType, "HTTPUnsupportedMediaType",
                $"The request media type '{type}' is not supported: send application/json.");
            return null;
        }

        var body = await JsonBody.ReadAsync(context);
        if (body.IsOk)
        {
            return body.Value;
        }

        await NeutronAnswer.ErrorAsync(context, StatusCodes.Status400BadRequest, "HTTPBadRequest", body.Rejections[0].Message);
        return null;
    }

    private static bool IsJson(string type) =>
        type.AsSpan(0, type.AsSpan().IndexOf(';') is >= 0 and var end ? end : type.Length).Trim()
            .Equals("application/json", StringComparison.OrdinalIgnoreCase);
}

using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;

namespace Tapline.Server.Networking;

/// <summary>A request's body as JSON, or the refusal already answered.</summary>
internal static class JsonBody
{
    /// <summary>A thousand ports in one bulk request fit well.</summary>
    private const int Largest = 4 << 20;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    /// <summary>The body; null where it was refused, with the answer sent.</summary>
    public static async Task<JsonDocument?> ReadAsync(HttpContext context)
    {
        if (context.Request.ContentType is { Length: > 0 } type && !IsJson(type))
        {
            await Answer.ErrorAsync(context, StatusCodes.Status415UnsupportedMediaType, "HTTPUnsupportedMediaType",
                $"The request media type '{type}' is not supported: send application/json.");
            return null;
        }

        if (await BytesAsync(context) is not { } bytes)
        {
            await Answer.ErrorAsync(context, StatusCodes.Status413RequestEntityTooLarge, "HTTPRequestEntityTooLarge",
                $"Request body is larger than {Largest} bytes.");
            return null;
        }

        if (TryParse(bytes, out var document, out var why))
        {
            return document;
        }

        await Answer.ErrorAsync(context, StatusCodes.Status400BadRequest, "HTTPBadRequest",
            $"The server could not comply with the request since it is either malformed or otherwise incorrect: {why}");
        return null;
    }

    /// <summary>One JSON value in valid UTF-8, whose strings are all valid Unicode: what is accepted here can be stored and shown.</summary>
    private static bool TryParse(byte[] bytes, [NotNullWhen(true)] out JsonDocument? document, out string why)
    {
        (document, why) = (null, "the body is not UTF-8.");
        if (!Utf8.IsValid(bytes))
        {
            return false;
        }

        try
        {
            document = JsonDocument.Parse(bytes, Strict);
            RequireUnicode(document.RootElement);
            return true;
        }
        catch (JsonException error)
        {
            why = error.Message;
        }
        catch (InvalidOperationException)
        {
            // JsonElement.GetString says so of half a surrogate pair (RFC 8259, section 8.2)
            why = "a string is not valid Unicode.";
        }

        document?.Dispose();
        document = null;
        return false;
    }

    private static void RequireUnicode(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                element.GetString();
                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                {
                    RequireUnicode(item);
                }

                break;
            case JsonValueKind.Object:
                foreach (var property in element.EnumerateObject())
                {
                    _ = property.Name;
                    RequireUnicode(property.Value);
                }

                break;
        }
    }

    private static bool IsJson(string type) =>
        type.AsSpan().TrimStart().StartsWith("application/json", StringComparison.OrdinalIgnoreCase);

    private static async Task<byte[]?> BytesAsync(HttpContext context)
    {
        if (context.Request.ContentLength > Largest)
        {
            return null;
        }

        var reader = context.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(context.RequestAborted);
            if (read.Buffer.Length > Largest)
            {
                return null;
            }

            if (read.IsCompleted)
            {
                var bytes = read.Buffer.ToArray();
                reader.AdvanceTo(read.Buffer.End);
                return bytes;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }
}

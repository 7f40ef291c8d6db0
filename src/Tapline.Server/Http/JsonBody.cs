using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Tapline.Core.Primitives;

namespace Tapline.Server.Http;

/// <summary>Reads a request's body as JSON, strictly: whatever is in the document can afterwards be read without an exception.</summary>
internal static class JsonBody
{
    /// <summary>In bytes: what a bulk request of some thousand ports needs.</summary>
    public const long Largest = 1024 * 1024;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>The document, whose root is an object. A body over the limit is a <see cref="BadHttpRequestException"/>.</summary>
    public static async Task<Result<JsonDocument>> ReadAsync(HttpContext context)
    {
        var reader = context.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(context.RequestAborted).ConfigureAwait(false);
            if (read.Buffer.Length > Largest)
            {
                reader.AdvanceTo(read.Buffer.End);
                throw TooLarge();
            }

            if (read.IsCompleted)
            {
                var bytes = read.Buffer.ToArray();
                reader.AdvanceTo(read.Buffer.End);
                return Parse(bytes);
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    public static BadHttpRequestException TooLarge() =>
        new($"The body is too large: at most {Largest} bytes are accepted.", StatusCodes.Status413PayloadTooLarge);

    public static Result<JsonDocument> Parse(byte[] bytes)
    {
        if (!Utf8.IsValid(bytes))
        {
            return Malformed("it is not UTF-8");
        }

        try
        {
            var document = JsonDocument.Parse(bytes, Strict);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                document.Dispose();
                return Malformed("it is not an object");
            }

            if (LoneSurrogate(bytes) is { } member)
            {
                document.Dispose();
                return Malformed($"'{member}' is or has half a character, a lone surrogate");
            }

            return document;
        }
        catch (JsonException e)
        {
            return Malformed(e.Message);
        }
    }

    /// <summary>
    /// Whose value or name is half a character (<c>"\ud800"</c>), or null: JSON may spell it and the parser accepts it, but reading the
    /// string throws.
    /// </summary>
    private static string? LoneSurrogate(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IndexOf(@"\u"u8) < 0)
        {
            return null;
        }

        var member = "";
        var reader = new Utf8JsonReader(bytes);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName)
                {
                    member = reader.GetString() ?? "";
                }
                else if (reader.TokenType == JsonTokenType.String && reader.ValueIsEscaped)
                {
                    reader.GetString();
                }
            }
        }
        catch (InvalidOperationException)
        {
            return member;
        }

        return null;
    }

    private static Rejection Malformed(string why) => Rejection.Invalid("body", $"The body is not valid JSON: {why.TrimEnd('.')}.");
}

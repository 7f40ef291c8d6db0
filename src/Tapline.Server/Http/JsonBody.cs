using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Tapline.Core.Primitives;

namespace Tapline.Server.Http;

/// <summary>Reads a request's body as JSON, strictly: whatever is in the document can afterwards be read without an exception.</summary>
internal static class JsonBody
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>The document, whose root is an object. A body over Kestrel's limit is its <see cref="BadHttpRequestException"/>.</summary>
    public static async Task<Result<JsonDocument>> ReadAsync(HttpContext context)
    {
        var reader = context.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(context.RequestAborted).ConfigureAwait(false);
            if (read.IsCompleted)
            {
                var bytes = read.Buffer.ToArray();
                reader.AdvanceTo(read.Buffer.End);
                return Parse(bytes);
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    public static Result<JsonDocument> Parse(byte[] bytes)
    {
        if (!Utf8.IsValid(bytes))
        {
            return Malformed("it is not UTF-8");
        }

        JsonDocument? document = null;
        try
        {
            document = JsonDocument.Parse(bytes, Strict);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                document.Dispose();
                return Malformed("it is not an object");
            }

            ThrowOnLoneSurrogate(bytes);
            return document;
        }
        catch (JsonException e)
        {
            return Malformed(e.Message);
        }
        catch (InvalidOperationException e)
        {
            document?.Dispose();
            return Malformed(e.Message);
        }
    }

    /// <summary>JSON may spell half a character (<c>"\ud800"</c>); the parser accepts it, reading the string throws.</summary>
    private static void ThrowOnLoneSurrogate(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IndexOf(@"\u"u8) < 0)
        {
            return;
        }

        var reader = new Utf8JsonReader(bytes);
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
            {
                reader.GetString();
            }
        }
    }

    private static Rejection Malformed(string why) => Rejection.Invalid("body", $"The body is not valid JSON: {why.TrimEnd('.')}.");
}

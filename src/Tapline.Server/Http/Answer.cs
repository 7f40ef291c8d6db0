using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Tapline.Server.Http;

/// <summary>What an endpoint answers: a status, and a JSON body if there is one.</summary>
internal sealed record Answer(int Status, Action<Utf8JsonWriter>? Body)
{
    public static Answer NoContent { get; } = new(StatusCodes.Status204NoContent, null);

    /// <summary>A header beside it.</summary>
    public (string Name, string Value)? Header { get; init; }

    public static Answer Ok(Action<Utf8JsonWriter> body) => new(StatusCodes.Status200OK, body);

    /// <summary>Keystone's error body, which Tapline's own paths have too.</summary>
    public static Answer Error(int status, string message) => new(status, writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartObject("error");
        writer.WriteNumber("code", status);
        writer.WriteString("message", message);
        writer.WriteString("title", TitleOf(status));
        writer.WriteEndObject();
        writer.WriteEndObject();
    });

    public async Task WriteAsync(HttpContext context)
    {
        var response = context.Response;
        response.StatusCode = Status;
        if (Header is { } header)
        {
            response.Headers[header.Name] = header.Value;
        }

        if (Body is null)
        {
            return;
        }

        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            Body(writer);
        }

        response.ContentType = "application/json";
        response.ContentLength = buffer.WrittenCount;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.Body.WriteAsync(buffer.WrittenMemory, context.RequestAborted).ConfigureAwait(false);
        }
    }

    private static string TitleOf(int status) => status switch
    {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        409 => "Conflict",
        413 => "Request Entity Too Large",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        _ => status < 500 ? "Bad Request" : "Internal Server Error",
    };
}

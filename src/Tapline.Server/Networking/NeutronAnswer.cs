using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Tapline.Core.Primitives;

namespace Tapline.Server.Networking;

/// <summary>Answers in JSON, refusals in Neutron's form.</summary>
internal static class NeutronAnswer
{
    public static async Task JsonAsync(HttpContext context, int status, Action<Utf8JsonWriter> write)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        using (var json = new Utf8JsonWriter(context.Response.BodyWriter))
        {
            write(json);
            json.Flush();

            // Nothing has been sent before the flush below; with its length known, head and body go in one send.
            context.Response.ContentLength = json.BytesCommitted;
        }

        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    public static Task NothingAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    /// <summary>All that speaks against the request; the first decides status and type.</summary>
    public static Task RefusedAsync(HttpContext context, IReadOnlyList<Rejection> rejections)
    {
        var status = rejections[0].Kind switch
        {
            RejectionKind.Invalid => StatusCodes.Status400BadRequest,
            RejectionKind.Forbidden => StatusCodes.Status403Forbidden,
            RejectionKind.NotFound => StatusCodes.Status404NotFound,
            RejectionKind.Stale => StatusCodes.Status412PreconditionFailed,
            _ => StatusCodes.Status409Conflict,
        };
        return ErrorAsync(context, status, rejections[0].Type, string.Join('\n', rejections.Select(rejection => rejection.Message)));
    }

    /// <summary>Clients read <c>detail</c> as a key that is there.</summary>
    public static Task ErrorAsync(HttpContext context, int status, string type, string message) => JsonAsync(context, status, json =>
    {
        json.WriteStartObject();
        json.WriteStartObject("NeutronError");
        json.WriteString("type", type);
        json.WriteString("message", message);
        json.WriteString("detail", "");
        json.WriteEndObject();
        json.WriteEndObject();
    });

    public static Task NoSuchPathAsync(HttpContext context) =>
        ErrorAsync(context, StatusCodes.Status404NotFound, "HTTPNotFound", "The resource could not be found.");

    public static Task WrongMethodAsync(HttpContext context) => ErrorAsync(context, StatusCodes.Status405MethodNotAllowed,
        "HTTPMethodNotAllowed", $"The method {context.Request.Method} is not allowed for this resource.");

    /// <summary>In keystonemiddleware's form: clients take it as "get a new token".</summary>
    public static Task UnauthenticatedAsync(HttpContext context) => JsonAsync(context, StatusCodes.Status401Unauthorized, json =>
    {
        json.WriteStartObject();
        json.WriteStartObject("error");
        json.WriteNumber("code", StatusCodes.Status401Unauthorized);
        json.WriteString("title", "Unauthorized");
        json.WriteString("message", "The request you have made requires authentication.");
        json.WriteEndObject();
        json.WriteEndObject();
    });
}

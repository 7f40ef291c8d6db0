using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Tapline.Store;

namespace Tapline.Server.Http;

/// <summary>
/// Stands between Kestrel and a handler: whatever the handler throws becomes a JSON answer. Bare, without ASP.NET's pipeline, as
/// nothing of it is needed and it would be half of the start-up time.
/// </summary>
internal sealed partial class Endpoint(RequestDelegate handle, ILogger logger) : IHttpApplication<HttpContext>
{
    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public void DisposeContext(HttpContext context, Exception? exception)
    {
    }

    public async Task ProcessRequestAsync(HttpContext context)
    {
        try
        {
            await handle(context).ConfigureAwait(false);
        }
        catch (BadHttpRequestException e)
        {
            await FailAsync(context, e.StatusCode, e.Message).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // nobody is there to hear the answer
        }
        catch (StoreException e)
        {
            Log.StoreFailed(logger, context.Request.Method, context.Request.Path, e);
            await FailAsync(context, 503, "The change could not be stored; nothing was changed.").ConfigureAwait(false);
        }
#pragma warning disable CA1031 // the border of a request: one that fails must not end the others
        catch (Exception e)
#pragma warning restore CA1031
        {
            Log.RequestFailed(logger, context.Request.Method, context.Request.Path, e);
            await FailAsync(context, 500, "An unexpected error prevented the server from fulfilling your request.").ConfigureAwait(false);
        }
    }

    private static Task FailAsync(HttpContext context, int status, string message)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return Task.CompletedTask;
        }

        context.Response.Headers.Clear();
        return ErrorOf(context, status, message).WriteAsync(context);
    }

    /// <summary>As each API words its errors: Neutron's clients look for their own shape.</summary>
    private static Answer ErrorOf(HttpContext context, int status, string message) =>
        context.Request.Path.StartsWithSegments("/v2.0")
            ? new Answer(status, writer =>
            {
                writer.WriteStartObject();
                writer.WriteStartObject("NeutronError");
                writer.WriteString("type", status == 500 ? "HTTPInternalServerError" : "HTTPClientError");
                writer.WriteString("message", message);
                writer.WriteString("detail", "");
                writer.WriteEndObject();
                writer.WriteEndObject();
            })
            : Answer.Error(status, message);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "{Method} {Path} failed")]
        public static partial void RequestFailed(ILogger logger, string method, string path, Exception exception);

        [LoggerMessage(2, LogLevel.Error, "{Method} {Path} could not be stored")]
        public static partial void StoreFailed(ILogger logger, string method, string path, Exception exception);
    }
}

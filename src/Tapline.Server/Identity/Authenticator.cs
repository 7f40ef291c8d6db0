using Microsoft.AspNetCore.Http;

namespace Tapline.Server.Identity;

/// <summary>Says who asks, by the request's token.</summary>
public sealed class Authenticator(Func<HttpContext, Caller?> authenticate)
{
    public Caller? Authenticate(HttpContext context) => authenticate(context);

    /// <summary>The 401 that tells a client where to get a token; the body is the API's own.</summary>
    public static void Challenge(HttpContext context) => context.Response.StatusCode = StatusCodes.Status401Unauthorized;
}

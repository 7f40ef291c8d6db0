using Microsoft.AspNetCore.Http;
using Tapline.Server.Clouds;
using Tapline.Server.Http;
using Tapline.Server.Identity;

namespace Tapline.Server.Networking;

/// <summary>The Networking API: a stand-in until it is merged.</summary>
internal static class NetworkingApi
{
    internal static Task HandleAsync(HttpContext context, Cloud cloud, Authenticator authenticator)
    {
        _ = cloud;
        _ = authenticator;
        return Answer.Error(404, "The resource could not be found.").WriteAsync(context);
    }
}

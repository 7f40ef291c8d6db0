using Microsoft.AspNetCore.Http;

namespace Tapline.Server.Identity;

/// <summary>The server's own address as the client knows it: so the catalog is right behind any name, forwarding or NAT.</summary>
internal static class BaseUrl
{
    public static string Of(HttpContext context)
    {
        var request = context.Request;
        var host = request.Host.HasValue
            ? request.Host.Value
            : new System.Net.IPEndPoint(
                context.Connection.LocalIpAddress ?? System.Net.IPAddress.Loopback, context.Connection.LocalPort).ToString();
        return $"{request.Scheme}://{host}";
    }
}

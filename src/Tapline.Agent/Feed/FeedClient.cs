using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Agent.Feed;

/// <summary>The agent's end of the feed: HTTP over the server's Unix socket.</summary>
public sealed class FeedClient : IDisposable
{
    private const int WaitSeconds = 5;
    private readonly HttpClient _http;
    private readonly string _host;

    public FeedClient(string socketPath, string host)
    {
        _host = Uri.EscapeDataString(host);
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancellationToken).ConfigureAwait(false);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        };
        _http = new HttpClient(handler) { BaseAddress = new Uri("http://feed"), Timeout = TimeSpan.FromSeconds(WaitSeconds + 10) };
    }

    /// <summary>Tells the server of this host; without it the server has no slice for it.</summary>
    public async Task RegisterAsync(Host host, CancellationToken cancellationToken)
    {
        using var content = Json(ModelJson.Write(host));
        using var response = await _http.PutAsync(Path(""), content, cancellationToken).ConfigureAwait(false);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>The slice once it is another than that of the revision; null if nothing changed for some seconds.</summary>
    public async Task<Slice?> NextSliceAsync(string? storeId, Revision known, CancellationToken cancellationToken)
    {
        var query = $"/slice?store={Uri.EscapeDataString(storeId ?? "")}&after={known}&wait={WaitSeconds}";
        using var response = await _http.GetAsync(Path(query), cancellationToken).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.NoContent)
        {
            return null;
        }

        response.EnsureSuccessStatusCode();
        var json = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        return JsonSerializer.Deserialize(json, ModelJson.Default.Slice);
    }

    public async Task ReportAsync(HostReport report, CancellationToken cancellationToken)
    {
        using var content = Json(ModelJson.Write(report));
        using var response = await _http.PostAsync(Path("/report"), content, cancellationToken).ConfigureAwait(false);
        response.EnsureSuccessStatusCode();
    }

    public void Dispose() => _http.Dispose();

    private Uri Path(string rest) => new($"/feed/v1/hosts/{_host}{rest}", UriKind.Relative);

    private static ByteArrayContent Json(byte[] body)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new("application/json");
        return content;
    }
}

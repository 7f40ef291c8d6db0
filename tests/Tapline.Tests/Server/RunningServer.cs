using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Tapline.Server;

namespace Tapline.Tests.Server;

/// <summary>A server over a directory of its own on a free port of loopback, and clients for it. Its clock can be moved.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("tapline-server-");
    private ServerHost? _host;

    public ManualTime Time { get; } = new();

    public RecordedLog Log { get; } = new();

    public ServerHost Host => _host ?? throw new InvalidOperationException("not started");

    public string DataDirectory => Path.Combine(_directory.FullName, "data");

    public HttpClient Api { get; private set; } = new();

    /// <summary>As agents connect: the host in the address is not looked at.</summary>
    public HttpClient Feed { get; private set; } = new();

    /// <summary>From clouds.yaml.</summary>
    public string AdminPassword => File.ReadLines(Host.CloudsFile).Single(line => line.Contains("password:", StringComparison.Ordinal)).Split(": ")[1];

    public static async Task<RunningServer> StartAsync()
    {
        var server = new RunningServer();
        await server.StartHostAsync();
        return server;
    }

    public async Task RestartAsync()
    {
        await StopAsync();
        await StartHostAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _directory.Delete(recursive: true);
    }

    /// <summary>A token for the user, for that project or unscoped.</summary>
    public async Task<(HttpStatusCode Status, string? Token, JsonNode Body)> LogInAsync(string user, string password, string? project)
    {
        var scope = project is null ? "\"unscoped\"" : $$$$"""{"project":{"name":"{{{{project}}}}","domain":{"id":"default"}}}""";
        return await AuthenticateAsync(
            $$$$"""
            {"auth":{"identity":{"methods":["password"],"password":{"user":{
                "name":"{{{{user}}}}","domain":{"name":"Default"},"password":"{{{{password}}}}"}}},"scope":{{{{scope}}}} }}
            """);
    }

    public async Task<(HttpStatusCode Status, string? Token, JsonNode Body)> AuthenticateAsync(string body)
    {
        var answer = await Api.PostAsync("identity/v3/auth/tokens", Json(body));
        var token = answer.Headers.TryGetValues("X-Subject-Token", out var values) ? values.Single() : null;
        return (answer.StatusCode, token, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!);
    }

    public async Task<string> AdminTokenAsync() => (await LogInAsync("admin", AdminPassword, "admin")).Token!;

    public async Task<(HttpStatusCode Status, JsonNode? Body)> SendAsync(
        HttpMethod method, string path, string? token, string? body = null, string? subject = null)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Content = body is null ? null : Json(body);
        request.Headers.TryAddWithoutValidation("X-Auth-Token", token);
        if (subject is not null)
        {
            request.Headers.Add("X-Subject-Token", subject);
        }

        using var answer = await Api.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return (answer.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text));
    }

    public static StringContent Json(string text) => new(text, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));

    private async Task StartHostAsync()
    {
        _host = await ServerHost.StartAsync(
            new ServerOptions { DataDirectory = DataDirectory, Listen = new IPEndPoint(IPAddress.Loopback, 0), Time = Time, Logs = Log },
            TestContext.Current.CancellationToken);
        Api = new HttpClient { BaseAddress = new Uri($"http://{_host.Listening}/") };
        Feed = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancel) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(_host.FeedSocket), cancel);
                return new NetworkStream(socket, ownsSocket: true);
            },
        })
        {
            BaseAddress = new Uri("http://feed/feed/v1/"),
        };
    }

    private async Task StopAsync()
    {
        Api.Dispose();
        Feed.Dispose();
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }
    }

    /// <summary>Keeps what was logged, so that a test can ask for failures.</summary>
    internal sealed class RecordedLog : ILoggerProvider, ILogger
    {
        private readonly List<(LogLevel Level, string Text)> _entries = [];

        public IReadOnlyList<string> Errors
        {
            get
            {
                lock (_entries)
                {
                    return [.. _entries.Where(entry => entry.Level >= LogLevel.Error).Select(entry => entry.Text)];
                }
            }
        }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_entries)
            {
                _entries.Add((logLevel, $"{formatter(state, exception)} {exception}"));
            }
        }

        public void Dispose()
        {
        }
    }
}

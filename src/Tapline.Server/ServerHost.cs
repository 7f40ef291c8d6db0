using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Tapline.Core.Primitives;
using Tapline.Server.Clouds;
using Tapline.Server.Feed;
using Tapline.Server.Http;
using Tapline.Server.Identity;
using Tapline.Server.Networking;
using Tapline.Store;
using Endpoint = Tapline.Server.Http.Endpoint;

namespace Tapline.Server;

/// <summary>
/// A running server: the store, the cloud and the directory over it, and two Kestrels: one for the APIs, one for the agents'
/// socket. Two, so that no path of the feed can ever be reached through the API's port.
/// </summary>
public sealed partial class ServerHost : IAsyncDisposable
{
    private const long LargestBody = 1024 * 1024;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private static readonly TimeSpan HistoryKept = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ShutdownLimit = TimeSpan.FromSeconds(2);

    private readonly Stack<IAsyncDisposable> _parts = new();
    private readonly CancellationTokenSource _stopping = new();

    private ServerHost()
    {
    }

    /// <summary>Where the APIs are served, with the port that was taken.</summary>
    public IPEndPoint Listening { get; private set; } = new(IPAddress.None, 0);

    /// <summary>The agents' socket.</summary>
    public string FeedSocket { get; private set; } = "";

    /// <summary>The file with which OpenStack's clients enter this cloud.</summary>
    public string CloudsFile { get; private set; } = "";

    /// <summary>Faults where a part of the server can not go on; the process should then end and be started anew.</summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    /// <summary>Answers when the server is ready for requests. Throws <see cref="StoreException"/> where another one has the data directory.</summary>
    public static async Task<ServerHost> StartAsync(ServerOptions options, CancellationToken cancellationToken)
    {
        var host = new ServerHost();
        try
        {
            await host.StartPartsAsync(options, cancellationToken).ConfigureAwait(false);
            return host;
        }
        catch
        {
            await host.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Lets running requests end, then closes all.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        while (_parts.TryPop(out var part))
        {
            await part.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task StartPartsAsync(ServerOptions options, CancellationToken cancellationToken)
    {
        MakePrivateDirectory(options.DataDirectory);
        FeedSocket = options.FeedSocket ?? Path.Combine(options.DataDirectory, "feed", "feed.sock");
        CloudsFile = Path.Combine(options.DataDirectory, "clouds.yaml");
        MakePrivateDirectory(Path.GetDirectoryName(Path.GetFullPath(FeedSocket)) ?? "/");

        var store = Own(SqliteStore.Open(Path.Combine(options.DataDirectory, "tapline.db")));
        var cloud = Own(await Cloud.OpenAsync(store, options.Time, cancellationToken).ConfigureAwait(false));
        var directory = Own(await UserDirectory.OpenAsync(store, cancellationToken).ConfigureAwait(false));
        await Bootstrap.RunAsync(directory, CloudsFile, AuthUrlOf(options.Listen), options.Time, cancellationToken).ConfigureAwait(false);

        var logs = new LoggerFactory([options.Logs ?? new ConsoleLog()], new LoggerFilterOptions { MinLevel = LogLevel.Information }
            .AddFilter("Microsoft", LogLevel.Warning));
        var logger = logs.CreateLogger("Tapline.Server");
        var authenticator = new Authenticator(directory, options.Time);
        _parts.Push(new Disposing(() =>
        {
            authenticator.Dispose();
            logs.Dispose();
        }));

        // After a crash the socket's file is still there; nobody else listens on it, as the store is ours alone.
        var feed = new HostFeed(cloud, options.Time, _stopping.Token);
        File.Delete(FeedSocket);
        var forFeed = NewKestrelOptions();
        forFeed.ListenUnixSocket(FeedSocket, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            ((IConnectionBuilder)listen).Use(next => PeerCredentials.Check(next, logger));
        });
        await ListenAsync(forFeed, feed.HandleAsync, logs, cancellationToken).ConfigureAwait(false);

        ListenOptions? listening = null;
        var forApi = NewKestrelOptions();
        forApi.Listen(options.Listen, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            listening = listen;
        });
        var route = Route(cloud, directory, authenticator, feed, options.Time);
        await ListenAsync(forApi, route, logs, cancellationToken).ConfigureAwait(false);

        Listening = listening?.IPEndPoint ?? options.Listen; // Kestrel has put the port there that it was given
        Identity.CloudsFile.Readdress(CloudsFile, AuthUrlOf(Listening));
        Completion = FirstEndAsync(cloud.Completion, directory.Completion, CompactAsync(store, options.Time, _stopping.Token));
        Log.Started(logger, Listening, FeedSocket, cloud.Current.Revision.Value);
    }

    private static RequestDelegate Route(
        Cloud cloud, UserDirectory directory, Authenticator authenticator, HostFeed feed, TimeProvider time)
    {
        var identity = new IdentityApi(directory, authenticator, time);
        var tapline = new TaplineApi(cloud, feed, authenticator);
        return context =>
        {
            var path = context.Request.Path;
            return path.StartsWithSegments("/identity", StringComparison.Ordinal) ? identity.HandleAsync(context)
                : path.StartsWithSegments("/tapline/v1/status", StringComparison.Ordinal) ? tapline.HandleAsync(context)
                : path == "/healthz" ? HealthAsync(context)
                : NetworkingApi.HandleAsync(context, cloud, authenticator);
        };
    }

    private static Task HealthAsync(HttpContext context)
    {
        context.Response.ContentType = "text/plain";
        return context.Response.WriteAsync("ok\n", context.RequestAborted);
    }

    private static KestrelServerOptions NewKestrelOptions()
    {
        var options = new KestrelServerOptions { AddServerHeader = false };
        options.Limits.MaxRequestBodySize = LargestBody;
        return options;
    }

    private async Task ListenAsync(
        KestrelServerOptions options, RequestDelegate handle, LoggerFactory logs, CancellationToken cancellationToken)
    {
        var transport = new SocketTransportFactory(Options.Create(new SocketTransportOptions()), logs);
        var kestrel = new KestrelServer(Options.Create(options), transport, logs);
        _parts.Push(new Disposing(kestrel.Dispose));
        await kestrel.StartAsync(new Endpoint(handle, logs.CreateLogger("Tapline.Server")), cancellationToken).ConfigureAwait(false);
        _parts.Push(new Stopping(kestrel));
    }

    /// <summary>Forgets history that is older than anybody needs, so that the file does not grow with every change.</summary>
    private static async Task CompactAsync(SqliteStore store, TimeProvider time, CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(HistoryKept, time);
        var before = Revision.None;
        try
        {
            while (await timer.WaitForNextTickAsync(stopping).ConfigureAwait(false))
            {
                if (before > Revision.None)
                {
                    await store.CompactAsync(before, stopping).ConfigureAwait(false);
                }

                before = store.Current;
            }
        }
        catch (OperationCanceledException)
        {
            // the server stops
        }
    }

    private static async Task FirstEndAsync(params Task[] tasks) => await (await Task.WhenAny(tasks).ConfigureAwait(false)).ConfigureAwait(false);

    /// <summary>What is in it is secret: one that others may enter is not used.</summary>
    private static void MakePrivateDirectory(string path)
    {
        if (!Directory.Exists(path))
        {
            Directory.CreateDirectory(path, OwnerOnly);
        }

        var mode = File.GetUnixFileMode(path);
        if ((mode & ~OwnerOnly) != 0)
        {
            throw new StoreException($"Others may enter {path}, where passwords and keys are kept. Close it first: chmod 700 {path}");
        }
    }

    private static string AuthUrlOf(IPEndPoint listening)
    {
        var address = listening.Address;
        var reachable = address.Equals(IPAddress.Any) ? IPAddress.Loopback : address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : address;
        return $"http://{new IPEndPoint(reachable, listening.Port)}/identity/v3";
    }

    private T Own<T>(T part)
        where T : IAsyncDisposable
    {
        _parts.Push(part);
        return part;
    }

    private sealed class Disposing(Action dispose) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            dispose();
            return ValueTask.CompletedTask;
        }
    }

    private sealed class Stopping(KestrelServer kestrel) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            using var limit = new CancellationTokenSource(ShutdownLimit);
            await kestrel.StopAsync(limit.Token).ConfigureAwait(false);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Listening on {Address}, the feed on {FeedSocket}, at revision {Revision}")]
        public static partial void Started(ILogger logger, IPEndPoint address, string feedSocket, long revision);
    }
}

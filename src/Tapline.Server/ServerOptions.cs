using System.Net;
using Microsoft.Extensions.Logging;

namespace Tapline.Server;

/// <summary>What a server is told at its start.</summary>
public sealed record ServerOptions
{
    /// <summary>Where the store, <c>clouds.yaml</c> and the feed's socket are; made where it is missing, for the user alone.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Where the APIs are served. Port 0 takes a free one.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, 9696);

    /// <summary>The agents' socket; null for <c>feed/feed.sock</c> below the data directory.</summary>
    public string? FeedSocket { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Null logs to standard error.</summary>
    public ILoggerProvider? Logs { get; init; }
}

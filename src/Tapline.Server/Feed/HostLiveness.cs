using System.Collections.Concurrent;

namespace Tapline.Server.Feed;

/// <summary>When each host was last heard of. In memory alone: after a restart the next poll tells.</summary>
public sealed class HostLiveness(TimeProvider time)
{
    /// <summary>A host that has been silent for longer is taken for dead.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<string, DateTimeOffset> _lastSeen = new();

    /// <summary>The host polled, is waiting for its poll's answer, or reported.</summary>
    public void Saw(string host) => _lastSeen[host] = time.GetUtcNow();

    public DateTimeOffset? LastSeen(string host) => _lastSeen.TryGetValue(host, out var seen) ? seen : null;

    public bool IsAlive(string host) => LastSeen(host) is { } seen && time.GetUtcNow() - seen <= Limit;
}

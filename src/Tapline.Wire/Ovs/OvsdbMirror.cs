using System.Text.Json.Nodes;

namespace Tapline.Wire.Ovs;

/// <summary>
/// Keeps a copy of Bridge, Port, Interface and Open_vSwitch true by monitoring them. Lives as long as its client's connection.
/// </summary>
public sealed class OvsdbMirror
{
    // Interface.statistics is left out: it changes every five seconds on every interface.
    private static readonly Dictionary<string, string[]> Columns = new(StringComparer.Ordinal)
    {
        ["Open_vSwitch"] =
        [
            "bridges", "next_cfg", "cur_cfg", "external_ids", "other_config", "ovs_version", "datapath_types", "iface_types",
        ],
        ["Bridge"] = ["name", "ports", "datapath_type", "datapath_id", "fail_mode", "external_ids", "other_config", "protocols"],
        ["Port"] = ["name", "interfaces", "tag", "trunks", "vlan_mode", "external_ids", "other_config"],
        ["Interface"] =
        [
            "name", "type", "options", "ofport", "error", "mac", "mac_in_use", "mtu", "mtu_request", "external_ids",
            "admin_state", "link_state", "ifindex",
        ],
    };

    private readonly Lock _lock = new(); // guards _waiters
    private readonly List<Waiter> _waiters = [];
    private volatile OvsdbSnapshot _current;
    private volatile bool _hasEnded;

    private OvsdbMirror(OvsdbClient client, OvsdbMonitor monitor)
    {
        Client = client;
        _current = OvsdbSnapshot.Empty.With(monitor.Initial);
        Closed = FollowAsync(monitor);
    }

    /// <summary>Raised after <see cref="Current"/> changed, on the mirror's own task: handlers must return soon and not throw.</summary>
    public event Action<OvsdbSnapshot>? Changed;

    public OvsdbClient Client { get; }

    public OvsdbSnapshot Current => _current;

    /// <summary>Completes when the mirror has stopped following, which is when the connection ended.</summary>
    public Task Closed { get; }

    /// <summary>Begins to follow; the first state is there on return.</summary>
    public static async Task<OvsdbMirror> StartAsync(OvsdbClient client, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(client);
        var requests = new JsonObject();
        foreach (var (table, columns) in Columns)
        {
            requests[table] = new JsonObject { ["columns"] = new JsonArray([.. columns.Select(column => (JsonNode)column)]) };
        }

        return new OvsdbMirror(client, await client.MonitorAsync(OvsdbClient.Database, requests, cancellationToken));
    }

    /// <summary>
    /// The first state, from now on, for which the condition holds; throws <see cref="OvsdbException"/> if the connection ends
    /// before. The condition runs on the mirror's own task as well: it must return soon and not throw.
    /// </summary>
    public Task<OvsdbSnapshot> WaitForAsync(Func<OvsdbSnapshot, bool> condition, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(condition);
        var waiter = new Waiter(condition);
        lock (_lock)
        {
            _waiters.Add(waiter);
        }

        Tell(waiter, null); // it may hold already
        if (_hasEnded)
        {
            Tell(waiter, Ended);
        }

        return WaitAsync(waiter, cancellationToken);
    }

    private static OvsdbException Ended => new("wait for a state of the database", "the connection has ended", null);

    private async Task<OvsdbSnapshot> WaitAsync(Waiter waiter, CancellationToken cancellationToken)
    {
        try
        {
            return await waiter.Found.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            lock (_lock)
            {
                _waiters.Remove(waiter);
            }
        }
    }

    private async Task FollowAsync(OvsdbMonitor monitor)
    {
        await Task.Yield(); // the constructor goes on
        await foreach (var update in monitor.Updates.ReadAllAsync(CancellationToken.None))
        {
            _current = _current.With(update.Tables);
            TellAll(null);
            Changed?.Invoke(_current);
        }

        _hasEnded = true; // before the list is read: a waiter added later sees the flag
        TellAll(Ended);
    }

    private void TellAll(OvsdbException? end)
    {
        Waiter[] waiters;
        lock (_lock)
        {
            waiters = [.. _waiters];
        }

        foreach (var waiter in waiters)
        {
            Tell(waiter, end);
        }
    }

    private void Tell(Waiter waiter, OvsdbException? end)
    {
        var current = _current;
        if (end is not null)
        {
            waiter.Found.TrySetException(end);
        }
        else if (!waiter.Found.Task.IsCompleted && waiter.Condition(current))
        {
            waiter.Found.TrySetResult(current);
        }
    }

    private sealed record Waiter(Func<OvsdbSnapshot, bool> Condition)
    {
        public TaskCompletionSource<OvsdbSnapshot> Found { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

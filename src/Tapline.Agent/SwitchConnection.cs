using Tapline.Agent.Observe;
using Tapline.Core.Host;
using Tapline.Wire.Ovs;

namespace Tapline.Agent;

/// <summary>The host's Open vSwitch: its database mirrored, and an OpenFlow connection to each bridge whose end tells that ovs-vswitchd died.</summary>
public sealed class SwitchConnection(HostPaths paths) : IAsyncDisposable
{
    private static readonly string[] Configured = ["Bridge", "Port", "Interface"];
    private const Aspects WithFlows = Aspects.Switch | Aspects.Flows;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(2);
    private readonly Dictionary<string, OpenFlowConnection> _bridges = [];
    private OvsdbMirror? _mirror;

    /// <summary>Told when the database changes or a connection ends, with what may be another than before.</summary>
    public event Action<Aspects>? Changed;

    /// <summary>The mirror, connected anew if the database server went away; throws an <see cref="OvsdbException"/> while it is down.</summary>
    public async Task<OvsdbMirror> MirrorAsync(CancellationToken cancellationToken)
    {
        if (_mirror is { Closed.IsCompleted: false })
        {
            return _mirror;
        }

        if (_mirror is not null)
        {
            await _mirror.Client.DisposeAsync().ConfigureAwait(false);
            _mirror = null;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Deadline);
        var client = await OvsdbClient.ConnectAsync(paths.OvsDatabase, limit.Token).ConfigureAwait(false);
        _mirror = await OvsdbMirror.StartAsync(client, limit.Token).ConfigureAwait(false);
        var last = _mirror.Current;
        _mirror.Changed += now =>
        {
            // Waiting for ovs-vswitchd changes the database's root row each time: that says nothing of bridges and ports.
            if (Configured.Any(table => !ReferenceEquals(last.Rows(table), now.Rows(table))))
            {
                Changed?.Invoke(PatchNumbers(last) == PatchNumbers(now) ? Aspects.Switch : WithFlows);
            }

            last = now;
        };
        _ = _mirror.Closed.ContinueWith(_ => Changed?.Invoke(WithFlows), TaskScheduler.Default);
        return _mirror;
    }

    /// <summary>Our flows on each bridge of ours that answers; a bridge that does not has none.</summary>
    public async Task<IReadOnlyList<HostItem>> FlowsAsync(IEnumerable<string> bridges, CancellationToken cancellationToken)
    {
        var result = new List<HostItem>();
        foreach (var bridge in bridges)
        {
            try
            {
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                limit.CancelAfter(Deadline);
                var connection = await OpenFlowAsync(bridge, limit.Token).ConfigureAwait(false);
                result.Add(await FlowObserver.ObserveAsync(bridge, connection, limit.Token).ConfigureAwait(false));
            }
            catch (Exception error) when (error is OpenFlowException or IOException or System.Net.Sockets.SocketException
                || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                await ForgetAsync(bridge).ConfigureAwait(false);
            }
        }

        return result;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var bridge in _bridges.Keys.ToList())
        {
            await ForgetAsync(bridge).ConfigureAwait(false);
        }

        if (_mirror is not null)
        {
            await _mirror.Client.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>
    /// What our flows are tied to: they name patch ports and hold their numbers. Of any other port they need not be read again, which
    /// would wait until ovs-vswitchd has made that port.
    /// </summary>
    private static string PatchNumbers(OvsdbSnapshot database) =>
        string.Join(' ', database.Interfaces.Where(device => device.GetString("type") == "patch")
            .Select(device => $"{device.Name}={device.GetLong("ofport")}").Order(StringComparer.Ordinal));

    private async Task<OpenFlowConnection> OpenFlowAsync(string bridge, CancellationToken cancellationToken)
    {
        if (_bridges.TryGetValue(bridge, out var known) && !known.Closed.IsCompleted)
        {
            return known;
        }

        await ForgetAsync(bridge).ConfigureAwait(false);
        var connection = await OpenFlowConnection.ConnectAsync(Path.Combine(paths.OvsRunDirectory, $"{bridge}.mgmt"), cancellationToken)
            .ConfigureAwait(false);
        _ = connection.Closed.ContinueWith(_ => Changed?.Invoke(WithFlows), TaskScheduler.Default);
        return _bridges[bridge] = connection;
    }

    private async Task ForgetAsync(string bridge)
    {
        if (_bridges.Remove(bridge, out var connection))
        {
            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }
}

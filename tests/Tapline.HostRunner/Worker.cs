using Tapline.Agent;
using Tapline.Core.Diff;
using Tapline.Core.Host;
using Tapline.Core.Model;
using Tapline.Core.Planning;

namespace Tapline.HostRunner;

/// <summary>The real reconciler on the real host. It remembers from order to order, as an agent does, until it is told to stop.</summary>
internal sealed class Worker(string hostName, string datapathType) : IAsyncDisposable
{
    private static readonly HostPaths Paths = new("/run/tapline", "/run/openvswitch");
    private Mind? _mind;

    public async Task<Answer> CarryOutAsync(Order order, CancellationToken cancellationToken)
    {
        var mind = _mind ??= new Mind(hostName, datapathType);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        mind.Host.Forget();
        mind.Host.Changed = count =>
        {
            if (count >= order.StopAfter)
            {
                stop.Cancel();
            }
        };
        var topology = order.Slice.ToTopology();
        try
        {
            var result = await mind.Reconciler.ReconcileAsync(topology, Aspects.All, stop.Token).ConfigureAwait(false);
            return new Answer
            {
                Changes = mind.Host.Changes,
                Failures = [.. result.Failures.Select(failure => failure.Error)],
                Stopped = false,
                Left = await LeftAsync(topology, cancellationToken).ConfigureAwait(false),
                LeftAsRemembered = Lines(mind.Reconciler.Seen, mind.Reconciler.Wanted),
            };
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await DisposeAsync().ConfigureAwait(false);
            return new Answer { Changes = mind.Host.Changes, Failures = [], Stopped = true, Left = [], LeftAsRemembered = [] };
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_mind is { } mind)
        {
            _mind = null;
            await mind.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>What another agent that has just been started would find to do.</summary>
    private async Task<IReadOnlyList<string>> LeftAsync(Topology topology, CancellationToken cancellationToken)
    {
        await using var host = new LinuxHost(Paths);
        var seen = await host.ObserveAsync(HostState.Empty, HostState.Empty, Aspects.All & ~Aspects.Sysctls, cancellationToken)
            .ConfigureAwait(false);
        var wanted = HostPlanner.Plan(topology, hostName, Sticky.From(seen, datapathType));
        return Lines(await host.ObserveAsync(seen, wanted, Aspects.Sysctls, cancellationToken).ConfigureAwait(false), wanted);
    }

    private static IReadOnlyList<string> Lines(HostState seen, HostState wanted) =>
        [.. from change in HostDiff.Between(seen, wanted)
            let before = change.Before is { } item ? HostText.Line(item) : "nothing"
            select $"{change} (seen: {before})"];

    /// <summary>All that an agent holds in memory.</summary>
    private sealed class Mind : IAsyncDisposable
    {
        private readonly LinuxHost _kernel = new(Paths);

        public Mind(string hostName, string datapathType)
        {
            Host = new StoppingHost(_kernel);
            Reconciler = new Reconciler(Host, hostName, datapathType);
        }

        public StoppingHost Host { get; }

        public Reconciler Reconciler { get; }

        public ValueTask DisposeAsync() => _kernel.DisposeAsync();
    }
}

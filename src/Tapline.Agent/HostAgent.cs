using System.Diagnostics;
using System.Threading.Channels;
using Tapline.Agent.Feed;
using Tapline.Core.Model;
using Tapline.Core.Primitives;
using Tapline.Wire.Ovs;

namespace Tapline.Agent;

/// <summary>The agent's loop: one task owns the host; slices, events and the clock only wake it.</summary>
public sealed class HostAgent(AgentOptions options, TextWriter log) : IAsyncDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(250); // or the traces of failed tries would wake the next one at once
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(10); // a plugged port is four devices and a row: several events
    private static readonly TimeSpan Echo = TimeSpan.FromMilliseconds(50); // what a reconcile did comes back as events, while Open vSwitch gets on with it
    private const int FullReadEvery = 60;

    private readonly LinuxHost _host = new(options.Paths);
    private readonly FeedClient _feed = new(options.FeedSocket, options.HostName);
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private int _stale = (int)Aspects.All; // changed by Interlocked: any task may add, the loop takes
    private volatile Slice? _slice = SliceFile.Read(options.Paths.Slice);
    private TaskCompletionSource _arrival = new(TaskCreationOptions.RunContinuationsAsynchronously); // completed when a slice comes; another is there before
    private HostReport? _reported;

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        _host.Switch.Changed += Wake;
        Wake(Aspects.All); // with the slice on disk; a server that has nothing newer would let the first look wait for the clock
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] tasks = [FollowFeedAsync(stop.Token), TickAsync(stop.Token), .. HostEvents.Follow(_host, Wake, stop.Token), ReconcileLoopAsync(stop.Token)];
        var first = await Task.WhenAny(tasks).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
        await first.ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync().ConfigureAwait(false);
        _feed.Dispose();
    }

    private void Wake(Aspects stale)
    {
        Interlocked.Or(ref _stale, (int)stale);
        _wake.Writer.TryWrite(true);
    }

    private async Task TickAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Tick);
        for (var count = 1; await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false); count++)
        {
            Wake(count % FullReadEvery == 0 ? Aspects.All : Aspects.All & ~Aspects.Firewall);
        }
    }

    private async Task FollowFeedAsync(CancellationToken cancellationToken)
    {
        var host = new Host { Name = options.HostName, ProjectId = "", BridgeMappings = options.BridgeMappings.ToValueList() };
        var registered = false;
        while (true)
        {
            try
            {
                if (!registered)
                {
                    await _feed.RegisterAsync(host, cancellationToken).ConfigureAwait(false);
                    registered = true;
                    _reported = null;
                }

                if (await _feed.NextSliceAsync(_slice?.StoreId, _slice?.Revision ?? Revision.None, cancellationToken).ConfigureAwait(false) is { } slice)
                {
                    await TakeAsync(slice, cancellationToken).ConfigureAwait(false);
                }
            }
            catch (Exception error) when (error is HttpRequestException or IOException or System.Text.Json.JsonException
                || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                registered = false;
                await Task.Delay(Tick / 4, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Never does another store's slice, an older one, or a part of one change this host.</summary>
    private async Task TakeAsync(Slice slice, CancellationToken cancellationToken)
    {
        var refusal = _slice is not { } last || options.Adopt ? null
            : slice.StoreId != last.StoreId ? $"it comes from another store ({slice.StoreId}, not {last.StoreId})"
            : slice.Revision < last.Revision ? $"its revision {slice.Revision} is older than {last.Revision}"
            : null;
        refusal ??= slice.Complete ? null : "it is not complete";
        if (refusal is not null)
        {
            await log.WriteLineAsync($"slice refused: {refusal}; start the agent with --adopt if that is meant").ConfigureAwait(false);
            await Task.Delay(Tick, cancellationToken).ConfigureAwait(false);
            return;
        }

        _slice = slice;
        Wake(Aspects.None);
        Interlocked.Exchange(ref _arrival, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        SliceFile.Write(options.Paths.Slice, slice);
    }

    private async Task ReconcileLoopAsync(CancellationToken cancellationToken)
    {
        var reconciler = new Reconciler(_host, options.HostName, options.DatapathType);
        var lines = new AgentLog();
        var announced = false;
        Slice? known = null;
        var topology = Topology.Empty;
        var looked = Stopwatch.StartNew();
        while (await _wake.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            await GatherAsync(known, looked, cancellationToken).ConfigureAwait(false);
            _wake.Reader.TryRead(out _);
            if (_slice is not { } slice)
            {
                continue;
            }

            var stale = (Aspects)Interlocked.Exchange(ref _stale, 0);
            try
            {
                if (known != (object)slice)
                {
                    (known, topology) = (slice, slice.ToTopology());
                }

                var result = await reconciler.ReconcileAsync(topology, stale, cancellationToken).ConfigureAwait(false);
                if (!announced)
                {
                    _host.PurgeTranslations(reconciler.Wanted);
                    _host.Announce(reconciler.Seen);
                    announced = true;
                    await log.WriteLineAsync($"first reconcile: {(result.Changes.IsEmpty ? "nothing to do" : $"{result.Changes.Length} changes")}").ConfigureAwait(false);
                }

                _host.AnnounceAgain(reconciler.Seen);
                await WriteAsync(lines.Of(result)).ConfigureAwait(false);
                await ReportAsync(Reporting.Of(options.HostName, topology, slice.Revision, reconciler.Seen, reconciler.Wanted, result), cancellationToken)
                    .ConfigureAwait(false);
                looked.Restart();
                if (!result.Failures.IsEmpty)
                {
                    await Task.Delay(RetryPause, cancellationToken).ConfigureAwait(false);
                }
            }
            catch (Exception error) when (error is OvsdbException or IOException or System.Net.Sockets.SocketException
                || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                await WriteAsync(lines.Unreadable(error.Message)).ConfigureAwait(false);
                Interlocked.Or(ref _stale, (int)Aspects.All);
                await Task.Delay(Tick / 5, cancellationToken).ConfigureAwait(false);
                Wake(Aspects.All);
            }
        }
    }

    /// <summary>One look is enough for events that come together, and for the echoes of what was just done; what users want does not wait.</summary>
    private async Task GatherAsync(Slice? known, Stopwatch looked, CancellationToken cancellationToken)
    {
        var arrival = Volatile.Read(ref _arrival).Task;
        if (known is not null && _slice == (object)known)
        {
            var pause = Echo - looked.Elapsed;
            await Task.WhenAny(arrival, Task.Delay(pause > Gather ? pause : Gather, cancellationToken)).ConfigureAwait(false);
        }
    }

    private async Task WriteAsync(IReadOnlyList<string> lines)
    {
        foreach (var line in lines)
        {
            await log.WriteLineAsync(line).ConfigureAwait(false);
        }

        await log.FlushAsync().ConfigureAwait(false);
    }

    private async Task ReportAsync(HostReport report, CancellationToken cancellationToken)
    {
        var comparable = report with { Changes = 0 };
        if (_reported == comparable)
        {
            return;
        }

        try
        {
            await _feed.ReportAsync(report, cancellationToken).ConfigureAwait(false);
            _reported = comparable;
        }
        catch (Exception error) when (error is HttpRequestException or IOException
            || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            _reported = null; // The server is away; the next round tells it.
        }
    }
}

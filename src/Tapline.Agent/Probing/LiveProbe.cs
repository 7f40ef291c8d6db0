using System.ComponentModel;
using System.Diagnostics;
using Tapline.Core.Doctor.Living;
using Tapline.Wire.Namespaces;
using Tapline.Wire.Netlink;
using Tapline.Wire.Nftables;
using Tapline.Wire.Tracing;

namespace Tapline.Agent.Probing;

/// <summary>
/// Sends a probe as its sender would, and looks at it everywhere at once. Nothing stays: what this opens and makes is gone when the call
/// ends, and when the process is killed; of what the kernel keeps beyond (a tracing instance) the next call rids it.
/// </summary>
public static class LiveProbe
{
    private const string Instances = "tapline-doctor-";

    public static async Task<Recording> RunAsync(ProbePlan plan, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var packets = new ProbePackets(plan);
        var notes = new List<string>(plan.Notes);
        var tracing = Task.Run(() => Try<DropTrace?>(notes, "the kernel's reasons for drops (skb:kfree_skb)", () => DropTrace.Open(Instances)), cancellationToken);
        var handles = Open(plan, notes);
        await using var watch = new PacketWatch(packets);
        var rules = new List<RuleWatch>();
        try
        {
            foreach (var (name, handle) in handles)
            {
                watch.Add(name, handle, plan.Promiscuous.Where(item => item.Namespace == name).Select(item => item.Device));
            }

            foreach (var (name, hasBridgeRules) in plan.Ruled.Where(item => handles.ContainsKey(item.Namespace)))
            {
                if (Try<RuleWatch?>(notes, $"verdicts of nftables' rules{(name.Length > 0 ? $" in {name}" : "")}", () => new RuleWatch(name, handles[name], hasBridgeRules, packets)) is { } rule)
                {
                    rules.Add(rule);
                }
            }

            var drops = await tracing.ConfigureAwait(false);
            var clock = Offset();
            var answered = await ProbeSending.SendAsync(plan, handles[plan.Departure.Namespace], packets, watch, notes, cancellationToken).ConfigureAwait(false);
            return new Recording
            {
                Sent = ProbePackets.Count,
                Answered = answered,
                Sightings = [.. watch.Sightings],
                Drops = [.. (drops?.Stop() ?? []).Select(drop => new KernelDrop(drop.Nanoseconds + clock, drop.Location, drop.Reason))],
                Rules = [.. rules.SelectMany(rule => rule.Drops())],
                Notes = [.. notes],
            };
        }
        finally
        {
            foreach (var rule in rules)
            {
                await rule.DisposeAsync().ConfigureAwait(false);
            }

            (await tracing.ConfigureAwait(false))?.Dispose();
            foreach (var handle in handles.Values)
            {
                handle.Dispose();
            }
        }
    }

    private static Dictionary<string, NetNamespace> Open(ProbePlan plan, List<string> notes)
    {
        var handles = new Dictionary<string, NetNamespace>(StringComparer.Ordinal);
        foreach (var name in plan.Namespaces)
        {
            if (Try<NetNamespace?>(notes, $"devices in {name}", () => NetNamespace.Open(NamespacePaths.Of(name))) is { } handle)
            {
                handles[name] = handle;
            }
        }

        return handles;
    }

    /// <summary>From the monotonic clock to the system's, in nanoseconds.</summary>
    private static long Offset() => ((DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100) - (Stopwatch.GetTimestamp() * (1_000_000_000 / Stopwatch.Frequency));

    private static T? Try<T>(List<string> notes, string what, Func<T> open)
    {
        try
        {
            return open();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NetlinkException or NftablesException or Win32Exception or DllNotFoundException)
        {
            lock (notes)
            {
                notes.Add($"not looked at: {what}: {error.Message}");
            }

            return default;
        }
    }
}

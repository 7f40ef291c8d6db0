using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Tapline.Core.Doctor.Living;
using Tapline.Core.Primitives;
using Tapline.Wire.Namespaces;
using Tapline.Wire.Netlink;
using Tapline.Wire.Nftables;
using Tapline.Wire.Packets;
using Tapline.Wire.Tracing;

namespace Tapline.Agent.Probing;

/// <summary>
/// Sends a probe as its sender would, and looks at it everywhere at once. Nothing stays: what this opens and makes is gone when the call
/// ends, and when the process is killed; of what the kernel keeps beyond (a tracing instance) the next call rids it.
/// </summary>
public static class LiveProbe
{
    private const string Instances = "tapline-doctor-";
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(60);
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(700);
    private static readonly TimeSpan ArpPatience = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(5);

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

            using var drops = await tracing.ConfigureAwait(false);
            var clock = Offset();
            var (sent, answered) = await SendAsync(plan, handles[plan.Departure.Namespace], packets, watch, notes, cancellationToken).ConfigureAwait(false);
            return new Recording
            {
                Sent = sent,
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

    private static Task<(int Sent, int Answered)> SendAsync(
        ProbePlan plan, NetNamespace ns, ProbePackets packets, PacketWatch watch, List<string> notes, CancellationToken cancellationToken) => plan.Departure switch
    {
        Departure.FromStack => BySenderAsync(ns, plan, packets, notes, cancellationToken),
        Departure.Behind behind => ByInjectionAsync(ns, behind, packets, watch, cancellationToken),
        _ => throw new UnreachableException(),
    };

    private static async Task<(int Sent, int Answered)> BySenderAsync(NetNamespace ns, ProbePlan plan, ProbePackets packets, List<string> notes, CancellationToken cancellationToken)
    {
        using var sender = new StackSender(ns, plan, packets);
        var answered = new HashSet<int>();
        await SendAllAsync(sequence =>
        {
            if (sender.Send(sequence) is { } refusal)
            {
                notes.Add(string.Create(CultureInfo.InvariantCulture, $"the sender's own stack refused packet {sequence}: {refusal}"));
            }
        }, Hear, cancellationToken).ConfigureAwait(false);
        return (ProbePackets.Count, answered.Count);

        bool Hear()
        {
            answered.UnionWith(sender.Heard());
            return answered.Count == ProbePackets.Count;
        }
    }

    private static async Task<(int Sent, int Answered)> ByInjectionAsync(
        NetNamespace ns, Departure.Behind behind, ProbePackets packets, PacketWatch watch, CancellationToken cancellationToken)
    {
        using var injector = new Injector(ns, behind.Device);
        if (await AskAsync(injector, behind, watch, cancellationToken).ConfigureAwait(false) is not { } neighbour)
        {
            return (ProbePackets.Count, 0);
        }

        int Answered() => watch.Sightings.Where(sighting => sighting is { IsOutgoing: true, Leg: Leg.Reply or Leg.Refusal } && sighting.IsAt("", behind.Device))
            .Select(sighting => sighting.Sequence).Distinct().Count();
        await SendAllAsync(sequence => injector.Send(packets.Frame(sequence, behind.Mac.ToBytes(), neighbour.ToBytes())), () => Answered() == ProbePackets.Count, cancellationToken)
            .ConfigureAwait(false);
        return (ProbePackets.Count, Answered());
    }

    /// <summary>Who has the neighbour, as what is behind the device would ask; null where nobody answers.</summary>
    private static async Task<MacAddress?> AskAsync(Injector injector, Departure.Behind behind, PacketWatch watch, CancellationToken cancellationToken)
    {
        var question = Frames.ArpRequest(behind.Mac.ToBytes(), behind.Asker.ToIPAddress(), behind.Neighbour.ToIPAddress());
        for (var tries = 0; tries < ProbePackets.Count; tries++)
        {
            injector.Send(question);
            Sighting? answer = null;
            await UntilAsync(ArpPatience, () => (answer = watch.Sightings.FirstOrDefault(sighting =>
                sighting is { Leg: Leg.ArpReply, IsOutgoing: true } && sighting.Source == behind.Neighbour && sighting.IsAt("", behind.Device))) is not null, cancellationToken).ConfigureAwait(false);
            if (answer is not null)
            {
                return answer.Mac;
            }
        }

        return null;
    }

    private static async Task SendAllAsync(Action<int> send, Func<bool> isDone, CancellationToken cancellationToken)
    {
        for (var sequence = 1; sequence <= ProbePackets.Count; sequence++)
        {
            send(sequence);
            await UntilAsync(sequence < ProbePackets.Count ? Between : Patience, isDone, cancellationToken).ConfigureAwait(false);
        }

        await Task.Delay(Tick, cancellationToken).ConfigureAwait(false); // what the last device saw is still on its way to us
    }

    private static async Task UntilAsync(TimeSpan limit, Func<bool> isDone, CancellationToken cancellationToken)
    {
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < limit && !isDone();)
        {
            await Task.Delay(Tick, cancellationToken).ConfigureAwait(false);
        }
    }

    private static Dictionary<string, NetNamespace> Open(ProbePlan plan, List<string> notes)
    {
        var handles = new Dictionary<string, NetNamespace>(StringComparer.Ordinal);
        foreach (var name in plan.Namespaces)
        {
            if (Try<NetNamespace?>(notes, $"devices in {name}", () => name.Length == 0 ? NetNamespace.Current() : NetNamespace.Open(PathOf(name))) is { } handle)
            {
                handles[name] = handle;
            }
        }

        return handles;
    }

    private static string PathOf(string name) => name.StartsWith("pid:", StringComparison.Ordinal) ? $"/proc/{name[4..]}/ns/net" : Path.Combine(HostPaths.NetworkNamespaces, name);

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

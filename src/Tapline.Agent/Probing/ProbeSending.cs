using System.Diagnostics;
using Tapline.Core.Doctor.Living;
using Tapline.Core.Primitives;
using Tapline.Wire.Namespaces;
using Tapline.Wire.Packets;

namespace Tapline.Agent.Probing;

/// <summary>Sends all of a probe's packets and waits for their answers, not longer than answers take.</summary>
internal static class ProbeSending
{
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(60);
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(700);
    private static readonly TimeSpan ArpPatience = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestSilencing = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(5);

    /// <summary>How many were answered to the sender itself; what the sender's stack says about it is noted.</summary>
    public static Task<int> SendAsync(ProbePlan plan, NetNamespace ns, ProbePackets packets, PacketWatch watch, List<string> notes, CancellationToken cancellationToken) =>
        plan.Departure is Departure.Behind behind
            ? ByInjectionAsync(ns, behind, packets, watch, cancellationToken)
            : BySenderAsync(ns, plan, packets, watch, notes, cancellationToken);

    private static async Task<int> BySenderAsync(NetNamespace ns, ProbePlan plan, ProbePackets packets, PacketWatch watch, List<string> notes, CancellationToken cancellationToken)
    {
        using var sender = new StackSender(ns, plan, packets);
        var answered = new HashSet<int>();
        await SendAllAsync(sequence =>
        {
            if (sender.Send(sequence) is { } refusal && !notes.Contains(refusal))
            {
                notes.Add(refusal);
            }
        }, Hear, watch, cancellationToken).ConfigureAwait(false);
        return answered.Count;

        bool Hear()
        {
            answered.UnionWith(sender.Heard());
            return answered.Count == ProbePackets.Count;
        }
    }

    private static async Task<int> ByInjectionAsync(
        NetNamespace ns, Departure.Behind behind, ProbePackets packets, PacketWatch watch, CancellationToken cancellationToken)
    {
        using var injector = new Injector(ns, behind.Device);
        if (await AskAsync(injector, behind, watch, cancellationToken).ConfigureAwait(false) is not { } neighbour)
        {
            return 0;
        }

        int Answered() => watch.Sightings.Where(sighting => sighting is { IsOutgoing: true, Leg: Leg.Reply or Leg.Refusal } && sighting.IsAt("", behind.Device))
            .Select(sighting => sighting.Sequence).Distinct().Count();
        await SendAllAsync(sequence => injector.Send(packets.Frame(sequence, behind.Mac.ToBytes(), neighbour.ToBytes())), () => Answered() == ProbePackets.Count, watch, cancellationToken)
            .ConfigureAwait(false);
        return Answered();
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

    private static async Task SendAllAsync(Action<int> send, Func<bool> isDone, PacketWatch watch, CancellationToken cancellationToken)
    {
        for (var sequence = 1; sequence <= ProbePackets.Count; sequence++)
        {
            send(sequence);
            await UntilAsync(sequence < ProbePackets.Count ? Between : Patience, isDone, cancellationToken).ConfigureAwait(false);
        }

        await Task.Delay(Tick, cancellationToken).ConfigureAwait(false); // what the last device saw is still on its way to us
        if (!isDone())
        {
            await UntilSilentAsync(watch, isDone, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The sender's stack asks for a neighbour by a clock of its own, each second: what it asked at the very end has yet to come as far as it goes.</summary>
    private static async Task UntilSilentAsync(PacketWatch watch, Func<bool> isDone, CancellationToken cancellationToken)
    {
        var (seen, silent) = (watch.Sightings.Count, Stopwatch.StartNew());
        await UntilAsync(LongestSilencing, () =>
        {
            if (watch.Sightings.Count is var now && now != seen)
            {
                seen = now;
                silent.Restart();
            }

            return silent.Elapsed >= Silence || isDone();
        }, cancellationToken).ConfigureAwait(false);
    }

    private static async Task UntilAsync(TimeSpan limit, Func<bool> isDone, CancellationToken cancellationToken)
    {
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < limit && !isDone();)
        {
            await Task.Delay(Tick, cancellationToken).ConfigureAwait(false);
        }
    }
}

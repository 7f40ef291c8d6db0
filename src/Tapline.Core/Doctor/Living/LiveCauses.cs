using System.Globalization;
using Tapline.Core.Doctor.Examining;
using Tapline.Core.Doctor.Tracing;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Living;

/// <summary>Causes that a probe itself tells, where what was read of the host told none, or another.</summary>
internal static class LiveCauses
{
    /// <summary>Lost behind the device that saw it last, by a rule, for a reason of the kernel's, or for none that is told.</summary>
    public static Fault Lost(Recording live, Death death, ValueList<Hop> way, string probe)
    {
        var last = death.Last;
        if (last is null)
        {
            return new Fault { Code = "live.not-sent", Summary = $"{probe} was not seen anywhere, not even where it was sent", Evidence = Evidence(live, death) };
        }

        var next = Next(way, last, death.IsArp);
        var place = $"{last.Device}{LinkFaults.In(last.Namespace)}";
        var what = death.IsArp ? $"the ARP request for {last.Destination}, without whose answer {probe} can not be sent," : $"{(death.Direction == "reply" ? "the answer to " : "")}{probe}";
        var found = new Fault
        {
            Code = death.IsArp ? "arp.unanswered" : "live.lost-after",
            Namespace = last.Namespace,
            Device = last.Device,
            Summary = $"{what} was last seen at {place}{(next is null ? "" : $" and not at {next.Device}{LinkFaults.In(next.Namespace)}, where it should be next")}",
            Evidence = Evidence(live, death),
        };
        return Rules(live, death).FirstOrDefault() is { } rule ? ByRule(found, rule)
            : DropReasons.Of(death.Ends, live.Drops) is { } drop && DropReasons.CodeOf(drop.Reason) is { } code ? found with { Code = code }
            : found;
    }

    /// <summary>It came to whom it was for, who did not answer.</summary>
    public static Fault Unanswered(World world, Recording live, Death death, string probe)
    {
        var last = death.Last!;
        var place = Places.Of(world, last.Namespace);
        var isGuest = place == Place.Guest || (last.Namespace.Length == 0 && GuestFacts.Of(world, last.Device) is not null);
        var isOutside = place == Place.Outside || (last.Namespace.Length == 0 && !isGuest);
        return new Fault
        {
            Code = isGuest ? "guest.no-answer" : isOutside ? "outside.no-answer" : "live.no-answer",
            Namespace = last.Namespace,
            Device = last.Device,
            Summary = isGuest ? $"{probe} comes to the instance, which does not answer: a firewall inside, or its network is not up"
                : isOutside ? $"{probe} leaves the host by {last.Device}, and no answer ever comes back: it is lost outside, or there is nobody"
                : $"{probe} arrives at {last.Device}{LinkFaults.In(last.Namespace)} and is not answered",
            Evidence = Evidence(live, death),
        };
    }

    /// <summary>The answer is at the instance's own device, and does not come to who asked.</summary>
    public static Fault NotReceived(Recording live, Death death, string probe) => new()
    {
        Code = "guest.not-received",
        Namespace = death.Last!.Namespace,
        Device = death.Last.Device,
        Summary = $"the answer to {probe} comes to the instance's {death.Last.Device}, and is thrown away inside: a firewall there, or a source check",
        Evidence = Evidence(live, death),
    };

    public static ValueList<string> Evidence(Recording live, Death death)
    {
        var lines = new List<string>();
        if (death.Last is { } last)
        {
            var what = last.Leg switch { Leg.ArpRequest => "ARP request", Leg.ArpReply => "ARP reply", Leg.Request => "request", _ => "reply" };
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"live: {live.Sent} sent, {live.Answered} answered; the {what} {last.Source} → {last.Destination} was last seen at {last.Device}{LinkFaults.In(last.Namespace)}"));
        }

        lines.AddRange(Rules(live, death).Select(rule => $"nftrace: dropped by {Words(rule)}").Distinct());
        if (DropReasons.Of(death.Ends, live.Drops) is { } drop)
        {
            lines.Add(DropReasons.Words(drop));
        }

        lines.AddRange(live.Of(Leg.Error).Select(error => $"{error.Source} said: {error.Says}").Distinct());
        return [.. lines];
    }

    /// <summary>Copies that a switch floods may meet rules elsewhere.</summary>
    private static IEnumerable<RuleDrop> Rules(Recording live, Death death) => live.Rules.Where(rule => rule.Namespace == death.Last?.Namespace);

    /// <summary>The next device of the way on which it would have been seen.</summary>
    private static Hop? Next(IEnumerable<Hop> way, Sighting last, bool isArp)
    {
        var hops = Death.Way(way, isArp);
        var at = hops.FindLastIndex(hop => last.IsAt(hop.Namespace, hop.Device));
        return at < 0 ? null : hops.Skip(at + 1).FirstOrDefault(hop => Seen.IsVisible(hop) && !last.IsAt(hop.Namespace, hop.Device));
    }

    private static Fault ByRule(Fault found, RuleDrop rule) => found with
    {
        Code = rule.Handle == 0 ? "firewall.policy" : "firewall.rule",
        Namespace = rule.Namespace,
        Summary = $"{found.Summary}: {Words(rule)} drops it",
        Fix = rule.Handle == 0 ? null : LinkFaults.Host(rule.Namespace,
            string.Create(CultureInfo.InvariantCulture, $"nft delete rule {rule.Family} {Commands.Quoted(rule.Table)} {Commands.Quoted(rule.Chain)} handle {rule.Handle}"),
            "takes the rule away; whoever made it may make it anew"),
    };

    private static string Words(RuleDrop rule) => rule.Handle == 0
        ? $"the policy of chain {rule.Family} {rule.Table} {rule.Chain}{LinkFaults.In(rule.Namespace)}"
        : $"the rule '{rule.Text}' in chain {rule.Family} {rule.Table} {rule.Chain}{LinkFaults.In(rule.Namespace)}";
}

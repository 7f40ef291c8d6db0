namespace Tapline.Core.Doctor.Living;

/// <summary>Which of the machine's drops are the probe's: the kernel tells no packet, but the probe's end at the same place, soon after they were last seen.</summary>
internal static class DropReasons
{
    private const long Before = 100_000; // nanoseconds: two clocks, and tracefs tells microseconds
    private const long After = 3_000_000;

    /// <summary>What copies for others and for a closed socket end with, on a healthy machine too.</summary>
    private static bool IsUsual(KernelDrop drop) =>
        drop.Reason == "OTHERHOST" || (drop.Reason is "NO_SOCKET" or "SOCKET_CLOSE" && drop.Location is "ping_rcv" or "raw_local_deliver" or "raw_rcv");

    /// <summary>Where and why the packets ended that were last seen then; null where no place explains nearly all of them.</summary>
    public static KernelDrop? Of(IReadOnlyList<Sighting> ends, IEnumerable<KernelDrop> drops)
    {
        var all = drops.Where(drop => !IsUsual(drop)).ToList();
        return (from end in ends
                from drop in all
                where drop.At > end.At - Before && drop.At < end.At + After
                group (end.Sequence, Late: drop.At - end.At, drop) by (drop.Location, drop.Reason) into place
                let explained = place.Select(item => item.Sequence).Distinct().Count()
                where explained >= Math.Max(1, ends.Count - 1)
                orderby explained descending, place.Key.Reason == "NOT_SPECIFIED", place.Average(item => item.Late)
                select place.First().drop).FirstOrDefault();
    }

    /// <summary>The doctor's code for the kernel's reason; null where the reason alone tells nothing that has one.</summary>
    public static string? CodeOf(string reason) => reason switch
    {
        "NETFILTER_DROP" => "firewall.drop",
        "IP_RPFILTER" => "router.rp-filter",
        "IP_INNOROUTES" or "IP_OUTNOROUTES" => "route.missing",
        "NEIGH_FAILED" or "NEIGH_CREATEFAIL" or "NEIGH_QUEUEFULL" or "NEIGH_DEAD" => "arp.unanswered",
        "PKT_TOO_BIG" => "router.mtu",
        "TC_INGRESS" or "TC_EGRESS" or "QDISC_DROP" or "TC_CHAIN_NOTFOUND" => "tc.drop",
        "IP_LOCAL_SOURCE" => "stack.own-source",
        "IP_INVALID_SOURCE" or "IP_LOCALNET" => "stack.martian-source",
        "BRIDGE_INGRESS_STP_STATE" => "bridge.port-blocked",
        "DEV_READY" => "link.down",
        _ => null,
    };

    public static string Words(KernelDrop drop) => $"the kernel dropped them in {drop.Location}: {drop.Reason} (skb:kfree_skb)";
}

using System.Globalization;
using Tapline.Core.Host.Observed;

namespace Tapline.Core.Doctor.Fitness;

/// <summary>Tables and numbers that run full.</summary>
internal static class LimitChecks
{
    private const string Persist = "write the same line to /etc/sysctl.d/60-cloud.conf for the next start";
    private const int Worrying = 70; // per cent
    private const int Full = 95;

    public static IEnumerable<HostFinding> Of(Observation seen) => [Connections(seen), Neighbours(seen), Watchers(seen)];

    /// <summary>The limit is one number of the machine, and each namespace is held to it by itself.</summary>
    private static HostFinding Connections(Observation seen)
    {
        var most = seen.Namespaces.Select(ns => (Where: ns.Name, Count: Number(ns.Sysctl("net/netfilter/nf_conntrack_count")))).MaxBy(item => item.Count ?? -1);
        return Finding("host.conntrack", "conntrack", $"connections tracked{(most.Where is { Length: > 0 } name ? $" in {name}" : "")}",
            most.Count, HostFitness.Number(seen, "nf_conntrack_max"), "net.netfilter.nf_conntrack_max",
            "once it is full, new connections are dropped while old ones go on");
    }

    private static HostFinding Neighbours(Observation seen) =>
        Finding("host.neighbours", "neighbours", "neighbours of all namespaces", HostFitness.Number(seen, "neigh_entries") ?? seen.Namespaces.Sum(ns => ns.Neighbours.Count(item => !item.Address.IsV6)),
            HostFitness.Number(seen, "neigh_limit") ?? HostFitness.Number(seen, "neigh_gc_thresh3"), "net.ipv4.neigh.default.gc_thresh3",
            "routers and instances share one table of the machine; once it is full, hardware addresses are not learned any more");

    private static HostFinding Watchers(Observation seen) =>
        Finding("host.inotify", "inotify", "dnsmasq processes, each of which watches its files", seen.Processes.Count(process => process.Name == "dnsmasq"),
            HostFitness.Number(seen, "inotify_max_user_instances"), "fs.inotify.max_user_instances",
            "beyond it a network's DHCP server does not start, or does not notice new instances; other programs of the same user count as well");

    private static HostFinding Finding(string code, string subject, string what, long? used, long? most, string sysctl, string why)
    {
        var share = used is { } some && most is > 0 and { } limit ? some * 100 / limit : (long?)null;
        return new HostFinding
        {
            Code = code,
            Level = share switch { null => FindingLevel.Unknown, >= Full => FindingLevel.Bad, >= Worrying => FindingLevel.Warning, _ => FindingLevel.Ok },
            Subject = subject,
            Read = share is null ? $"{sysctl} is not told here" : $"{what}: {Text(used)}; {sysctl} = {Text(most)}",
            Why = why,
            Fix = share >= Worrying ? HostFitness.OnHost($"makes room for twice as many; {Persist}", $"sysctl -w {sysctl}={Text(most * 2)}") : null,
        };
    }

    private static long? Number(string? text) => long.TryParse(text, out var number) ? number : null;

    private static string Text(long? number) => (number ?? 0).ToString(CultureInfo.InvariantCulture);
}

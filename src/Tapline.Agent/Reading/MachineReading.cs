using System.Globalization;
using Tapline.Core.Host;
using Tapline.Wire.Namespaces;
using Tapline.Wire.Netlink;

namespace Tapline.Agent.Reading;

/// <summary>What a machine has and how much of it, beyond what any packet meets: parts of its kernel, limits, what confines programs.</summary>
internal static class MachineReading
{
    private static readonly string[] Confined = ["dnsmasq", "openvswitch", "ovs", "haproxy", "keepalived"];

    public static IEnumerable<Setting> Read(Unread unread) =>
    [
        .. KernelParts.Read().Select(part => new Setting($"kernel {part.Key}", part.Value)),
        new Setting("kernel modules", File.Exists("/proc/modules") ? "loaded on demand" : "none"),
        .. Neighbours(unread),
        .. Limit("/proc/sys/fs/inotify/max_user_instances", "inotify_max_user_instances"),
        .. Limit("/proc/sys/fs/inotify/max_user_watches", "inotify_max_user_watches"),
        .. Profiles(),
    ];

    /// <summary>Of the machine, though asked in this namespace, where /proc may not show it.</summary>
    private static IEnumerable<Setting> Neighbours(Unread unread)
    {
        var tables = unread.Try<IReadOnlyList<NeighbourTableInfo>>("the size of the neighbour table", [], () =>
        {
            using var route = RouteSocket.Open();
            return route.NeighbourTables();
        });
        return tables.Where(table => table.Name == "arp_cache").Take(1).SelectMany(table => (Setting[])
        [
            new("neigh_limit", table.Limit.ToString(CultureInfo.InvariantCulture)), new("neigh_entries", table.Entries.ToString(CultureInfo.InvariantCulture)),
        ]);
    }

    private static IEnumerable<Setting> Limit(string file, string fact) =>
        KernelFile.Read(file) is { } value ? [new Setting(fact, value.Trim())] : [];

    /// <summary>Lines are <c>PROFILE (enforce)</c>; the file is root's.</summary>
    private static IEnumerable<Setting> Profiles()
    {
        var enforced = (KernelFile.Read("/sys/kernel/security/apparmor/profiles") ?? "").Split('\n')
            .Where(line => line.EndsWith(" (enforce)", StringComparison.Ordinal) && Confined.Any(name => line.Contains(name, StringComparison.Ordinal)))
            .Select(line => line[..^" (enforce)".Length]).ToList();
        return enforced.Count == 0 ? [] : [new Setting("apparmor_enforced", string.Join(", ", enforced))];
    }
}

using Tapline.Core.Host;
using Tapline.Core.Primitives;
using Tapline.Wire.Namespaces;

namespace Tapline.Agent.Reading;

/// <summary>What else has a say on this machine.</summary>
internal static class FactReading
{
    private static readonly (string Program, string Fact)[] Managers =
    [
        ("firewalld", "firewalld"), ("dockerd", "docker"), ("libvirtd", "libvirt"), ("virtqemud", "libvirt"), ("NetworkManager", "NetworkManager"),
        ("systemd-network", "systemd-networkd"),
    ];

    private static readonly (string File, string Fact)[] Numbers =
    [
        ("/proc/sys/net/netfilter/nf_conntrack_max", "nf_conntrack_max"), ("/proc/sys/net/netfilter/nf_conntrack_count", "nf_conntrack_count"),
        ("/proc/sys/net/ipv4/neigh/default/gc_thresh1", "neigh_gc_thresh1"), ("/proc/sys/net/ipv4/neigh/default/gc_thresh2", "neigh_gc_thresh2"),
        ("/proc/sys/net/ipv4/neigh/default/gc_thresh3", "neigh_gc_thresh3"),
    ];

    public static ValueList<Setting> Read(IReadOnlyList<RunningProcess> processes)
    {
        var facts = new List<Setting>
        {
            new("selinux", KernelFile.Read("/sys/fs/selinux/enforce")?.Trim() switch { "1" => "enforcing", "0" => "permissive", _ => "absent" }),
            new("apparmor", KernelFile.Read("/sys/module/apparmor/parameters/enabled")?.Trim() == "Y" ? "enabled" : "absent"),
            new("br_netfilter", Directory.Exists("/proc/sys/net/bridge") ? "present" : "absent"),
            new("clock", SystemClock.IsSynchronised() ? "synchronised" : "not synchronised"),
            new("uid", Environment.IsPrivilegedProcess ? "root" : "other"),
        };
        facts.AddRange(
            from manager in Managers
            where processes.Any(process => process.Name == manager.Program)
            select new Setting(manager.Fact, "running"));
        if (KernelFile.Read("/etc/ufw/ufw.conf") is { } ufw)
        {
            var isOn = ufw.Split('\n').Any(line => line.Trim().Equals("ENABLED=yes", StringComparison.OrdinalIgnoreCase));
            facts.Add(new Setting("ufw", isOn ? "enabled" : "present"));
        }

        facts.AddRange(
            from number in Numbers
            let value = KernelFile.Read(number.File)
            where value is not null
            select new Setting(number.Fact, value.Trim()));
        return facts.DistinctBy(fact => fact.Name).ToValueList();
    }
}

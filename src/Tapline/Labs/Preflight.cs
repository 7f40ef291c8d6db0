namespace Tapline.Labs;

/// <summary>What a machine must have for a lab, told before anything is begun.</summary>
internal static class Preflight
{
    private static readonly (string Program, string Package)[] Programs =
    [
        ("unshare", "util-linux"), ("nsenter", "util-linux"), ("mount", "mount"), ("ip", "iproute2"), ("ovsdb-server", "openvswitch-switch"),
        ("ovs-vswitchd", "openvswitch-switch"), ("ovs-ofctl", "openvswitch-common"), ("nft", "nftables"), ("dnsmasq", "dnsmasq-base"), ("busybox", "busybox"),
        ("ping", "iputils-ping"),
    ];

    private static readonly string[] Path = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

    public static void Check()
    {
        var missing = Programs.Where(entry => !Exists(entry.Program)).Select(entry => entry.Package).Distinct().ToList();
        if (missing.Count > 0)
        {
            throw new CommandException($"missing on this machine: as root, 'apt-get install {string.Join(' ', missing)}'");
        }

        if (!Directory.Exists("/proc/sys/net/bridge"))
        {
            throw new CommandException(
                "the kernel module br_netfilter is not loaded, without it security groups would silently be off: as root, 'modprobe br_netfilter' "
                + "(it makes netfilter see the frames of every bridge of this machine)");
        }

        if (!Identity.IsRoot && Forbidden("/proc/sys/kernel/unprivileged_userns_clone", "0"))
        {
            throw new CommandException(
                "this machine forbids user namespaces to ordinary users: run as root, or as root 'sysctl -w kernel.unprivileged_userns_clone=1'");
        }

        if (!Identity.IsRoot && Forbidden("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1"))
        {
            throw new CommandException(
                "AppArmor forbids user namespaces to ordinary users here: run as root, or as root 'sysctl -w kernel.apparmor_restrict_unprivileged_userns=0'");
        }
    }

    private static bool Exists(string program) => Path.Any(directory => File.Exists($"{directory}/{program}"));

    private static bool Forbidden(string path, string value) => File.Exists(path) && File.ReadAllText(path).Trim() == value;
}

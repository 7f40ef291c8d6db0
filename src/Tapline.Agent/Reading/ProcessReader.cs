using System.Globalization;
using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;
using Tapline.Wire.Namespaces;

namespace Tapline.Agent.Reading;

/// <summary>The programs that networks depend on, without what is private of them: no environment, no secrets of command lines.</summary>
internal sealed class ProcessReader(IReadOnlyList<FoundNamespace> namespaces, Unread unread)
{
    private const int MostArguments = 256;
    private static readonly string[] Names =
    [
        "dnsmasq", "haproxy", "ovs-vswitchd", "ovsdb-server", "keepalived", "conntrackd", "radvd", "dhcpd", "dhclient", "dhcpcd", "udhcpc", "tapline",
        "firewalld", "dockerd", "libvirtd", "virtqemud", "virtnetworkd", "nova-compute", "ovn-controller", "systemd-network", "NetworkManager",
        "squid", "strongswan", "charon",
    ];

    private static readonly string[] Prefixes = ["qemu", "neutron", "ovn-", "nova-"];

    private readonly Dictionary<long, string> _names = namespaces.ToDictionary(ns => ns.Handle.Inode, ns => ns.Name);

    public ValueList<ObservedProcess> Read(IReadOnlyList<RunningProcess> running) =>
        [.. running.Select(Read).OfType<ObservedProcess>()];

    private ObservedProcess? Read(RunningProcess process)
    {
        var isKnown = IsWanted(process.Name);
        if (!isKnown && !IsInterpreter(process.Name))
        {
            return null;
        }

        var directory = $"/proc/{process.Pid.ToString(CultureInfo.InvariantCulture)}";
        var arguments = (KernelFile.Read($"{directory}/cmdline") ?? "").Split('\0', StringSplitOptions.RemoveEmptyEntries);
        if (!isKnown && !arguments.Take(3).Any(argument => IsWanted(Path.GetFileName(argument))))
        {
            return null;
        }

        return new ObservedProcess
        {
            Pid = process.Pid,
            Name = process.Name,
            Namespace = process.NetworkNamespace is { } inode ? _names.GetValueOrDefault(inode, $"net:[{inode}]") : "?",
            State = StateOf(directory),
            Arguments = CommandLines.WithoutSecrets(arguments.Take(MostArguments)).ToValueList(),
            Files = process.Name == "dnsmasq" ? DnsmasqFiles.Read(process.Pid, arguments, unread) : [],
        };
    }

    private static bool IsWanted(string name) =>
        Names.Contains(name) || Prefixes.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal));

    private static bool IsInterpreter(string name) => name.StartsWith("python", StringComparison.Ordinal) || name is "busybox" or "ruby";

    /// <summary>The letter behind the name, which may hold anything.</summary>
    private static string StateOf(string directory) =>
        KernelFile.Read($"{directory}/stat") is { } stat && stat.LastIndexOf(')') is var end and >= 0 && end + 2 < stat.Length ? stat[(end + 2)..(end + 3)] : "?";
}

using Tapline.Core.Host.Observed;

namespace Tapline.Core.Doctor.Fitness;

/// <summary>Parts of the kernel that carry instances.</summary>
internal static class KernelChecks
{
    private static readonly (string Part, FindingLevel Without, string Why)[] Parts =
    [
        ("tun", FindingLevel.Bad, "a virtual machine is plugged by a TAP device"),
        ("veth", FindingLevel.Bad, "a port's bridge is joined to the switch by a veth pair"),
        ("bridge", FindingLevel.Bad, "each port has a Linux bridge, where its security groups are judged"),
        ("br_netfilter", FindingLevel.Bad, "it shows bridged packets to the firewall; without it security groups are silently off"),
        ("nf_tables", FindingLevel.Bad, "security groups, NAT and anti-spoofing are rules of nftables"),
        ("nf_conntrack", FindingLevel.Bad, "security groups and NAT follow connections"),
        ("nft_ct", FindingLevel.Bad, "rules of security groups ask for the state of a connection"),
        ("nft_nat", FindingLevel.Bad, "floating IPs are NAT rules"),
        ("openvswitch", FindingLevel.Warning, "without it Open vSwitch forwards in user space, which takes more processor time"),
        ("vxlan", FindingLevel.Warning, "tunnels between hosts, where the kernel forwards; Open vSwitch in user space needs none"),
    ];

    public static IEnumerable<HostFinding> Of(Observation seen) => Parts.Select(part => Of(seen, part.Part, part.Without, part.Why));

    private static HostFinding Of(Observation seen, string part, FindingLevel without, string why)
    {
        var told = HostFitness.Fact(seen, $"kernel {part}") ?? (IsAtWork(seen, part) ? "at work" : null);
        return new HostFinding
        {
            Code = "host.kernel",
            Level = told switch { null => FindingLevel.Unknown, "absent" => without, _ => FindingLevel.Ok },
            Subject = part,
            Read = told switch
            {
                null => $"neither the kernel's configuration nor its modules tell of {part}",
                "absent" => $"Linux {seen.Kernel} has no {part}",
                _ => $"{told}, Linux {seen.Kernel}",
            },
            Why = why,
            Fix = told == "absent" ? Mend(seen, part) : null,
        };
    }

    private static Fix Mend(Observation seen, string part) => HostFitness.Fact(seen, "kernel modules") == "none"
        ? HostFitness.OnHost($"this kernel loads no modules: {part} needs another kernel")
        : HostFitness.OnHost("brings the kernel's further modules on Debian and Ubuntu (elsewhere: kernel-modules-extra), and loads it",
            "apt-get install linux-modules-extra-$(uname -r)", $"modprobe {part}");

    /// <summary>Something of it is there, so the kernel has it, whatever else is told.</summary>
    private static bool IsAtWork(Observation seen, string part) => part switch
    {
        "tun" or "veth" or "bridge" or "vxlan" => seen.Namespaces.Any(ns => ns.Links.Any(link => link.Kind == part)),
        "br_netfilter" => HostFitness.Fact(seen, "br_netfilter") == "present",
        "nf_tables" => seen.Namespaces.Any(ns => ns.Nftables is not null),
        "nf_conntrack" => HostFitness.Fact(seen, "nf_conntrack_max") is not null,
        "openvswitch" => seen.Switch is { DaemonAnswers: true } found && found.Bridges.Any(bridge => bridge.DatapathType == "system"),
        _ => false,
    };
}

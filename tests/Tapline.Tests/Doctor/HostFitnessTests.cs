using Tapline.Core.Doctor.Fitness;
using Tapline.Core.Host;
using Tapline.Core.Host.Observed;
using static Tapline.Tests.Doctor.PathBed;

namespace Tapline.Tests.Doctor;

/// <summary>Whether a host is fit to carry instances: one thing changed, one finding that is not well, with what mends it.</summary>
public sealed class HostFitnessTests
{
    private static readonly string[] KernelParts = ["tun", "veth", "bridge", "br_netfilter", "nf_tables", "nf_conntrack", "nft_ct", "nft_nat", "openvswitch", "vxlan"];

    private static readonly Observation Fit = (Healthy with
    {
        Facts =
        [
            .. KernelParts.Select(part => new Setting($"kernel {part}", "loaded")),
            new("uid", "root"), new("br_netfilter", "present"), new("selinux", "absent"), new("apparmor", "enabled"), new("clock", "synchronised"),
            new("nf_conntrack_max", "1000"), new("neigh_limit", "1024"), new("neigh_entries", "12"), new("inotify_max_user_instances", "128"),
        ],
        Switch = Healthy.Switch! with { Bridges = [.. Healthy.Switch!.Bridges.Select(bridge => bridge with { DatapathType = "system" })] },
    }).WithLink("", "eth1", link => link with { Promiscuous = true, LargeReceiveOffload = false }).WithSysctl("", "net/netfilter/nf_conntrack_count", "10");

    [Fact]
    public void Of_a_fit_host_all_is_well()
    {
        Assert.Empty(NotWell(Fit));
        Assert.Equal(FindingLevel.Ok, HostFitness.Worst(HostFitness.Of(Fit)));
    }

    public static TheoryData<string, string, FindingLevel, string> Changes => new()
    {
        { "not root", "host.rights", FindingLevel.Unknown, "sudo tapline doctor host" },
        { "no tun", "host.kernel", FindingLevel.Bad, "apt-get install linux-modules-extra-$(uname -r)" },
        { "no openvswitch", "host.kernel", FindingLevel.Warning, "apt-get install linux-modules-extra-$(uname -r)" },
        { "kernel tells nothing of nft_nat", "host.kernel", FindingLevel.Unknown, "" },
        { "bridges not filtered", "host.bridge-filter", FindingLevel.Bad, "sysctl -w net.bridge.bridge-nf-call-iptables=1" },
        { "br_netfilter not loaded", "host.bridge-filter", FindingLevel.Bad, "modprobe br_netfilter" },
        { "host NAT without forwarding", "host.forwarding", FindingLevel.Bad, "sysctl -w net.ipv4.ip_forward=1" },
        { "Docker's policy", "host.forward-drop", FindingLevel.Bad, "iptables-nft -I DOCKER-USER -m physdev --physdev-is-bridged -j ACCEPT" },
        { "ufw's policy", "host.forward-drop", FindingLevel.Bad, "ufw default allow routed" },
        { "somebody's policy", "host.forward-drop", FindingLevel.Bad, "iptables-legacy -I FORWARD -m physdev --physdev-is-bridged -j ACCEPT" },
        { "Neutron's chains with a policy", "", FindingLevel.Ok, "" },
        { "rules not read", "host.forward-drop", FindingLevel.Unknown, "" },
        { "docker runs", "host.firewall-manager", FindingLevel.Warning, "" },
        { "no switch", "host.ovs-database", FindingLevel.Bad, "systemctl start openvswitch-switch" },
        { "vswitchd silent", "host.ovs-daemon", FindingLevel.Bad, "systemctl restart openvswitch-switch" },
        { "user space", "host.ovs-datapath", FindingLevel.Warning, "ovs-vsctl set Bridge br-eth1 datapath_type=system" },
        { "port refused", "host.ovs-port", FindingLevel.Warning, $"ovs-vsctl --if-exists del-port br-int {Qvo}" },
        { "NIC down", "host.nic", FindingLevel.Bad, "ip link set eth1 up" },
        { "NIC not promiscuous", "host.promiscuous", FindingLevel.Warning, "ip link set eth1 promisc on" },
        { "NIC joins packets", "host.large-receive", FindingLevel.Bad, "ethtool -K eth1 lro off" },
        { "small NIC", "host.mtu", FindingLevel.Warning, "ip link set eth1 mtu 1500" },
        { "conntrack nearly full", "host.conntrack", FindingLevel.Warning, "sysctl -w net.netfilter.nf_conntrack_max=2000" },
        { "conntrack full", "host.conntrack", FindingLevel.Bad, "sysctl -w net.netfilter.nf_conntrack_max=2000" },
        { "neighbours full", "host.neighbours", FindingLevel.Bad, "sysctl -w net.ipv4.neigh.default.gc_thresh3=2048" },
        { "many DHCP servers", "host.inotify", FindingLevel.Warning, "sysctl -w fs.inotify.max_user_instances=256" },
        { "SELinux", "host.selinux", FindingLevel.Warning, "ausearch -m avc -ts recent" },
        { "AppArmor confines dnsmasq", "host.apparmor", FindingLevel.Warning, "journalctl -k --grep 'apparmor=.DENIED'" },
        { "clock", "host.clock", FindingLevel.Warning, "timedatectl set-ntp true" },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void What_is_not_well_is_found_with_what_mends_it(string change, string code, FindingLevel level, string mend)
    {
        var found = NotWell(Changed(change));

        Assert.Equal(code.Length == 0 ? [] : [(code, level, mend)],
            found.Select(finding => (finding.Code, finding.Level, finding.Fix?.Commands[0] ?? "")).Distinct());
        Assert.All(found, finding => Assert.True(finding.Read.Length > 0 && finding.Why.Length > 0, finding.Code));
    }

    [Fact]
    public void Open_vSwitch_in_user_space_needs_checksums_reckoned_before()
    {
        var seen = WithDatapath(WithFact(Fit, "kernel openvswitch", "absent"), "netdev").WithLink("", Qvb, link => link with { TransmitChecksum = true });

        var finding = Assert.Single(NotWell(seen), finding => finding.Code == "host.checksum-offload");
        Assert.Equal((FindingLevel.Bad, $"ethtool -K {Qvb} tx off"), (finding.Level, finding.Fix!.Commands[0]));
    }

    [Fact]
    public void Who_may_not_ask_the_switch_does_not_know_whether_it_is_there()
    {
        var seen = WithFact(Fit, "uid", "other") with { Switch = null, Unread = ["Open vSwitch's database: Permission denied"] };

        Assert.All(NotWell(seen), finding => Assert.Equal(FindingLevel.Unknown, finding.Level));
    }

    [Fact]
    public void What_is_bad_counts_more_than_what_is_not_known_and_that_more_than_a_warning()
    {
        var warned = WithFact(Fit, "clock", "not synchronised");
        var unknown = Without(warned, "neigh_limit");

        Assert.Equal([FindingLevel.Warning, FindingLevel.Unknown, FindingLevel.Bad],
            ((Observation[])[warned, unknown, WithFact(unknown, "kernel tun", "absent")]).Select(seen => HostFitness.Worst(HostFitness.Of(seen))));
    }

    private static List<HostFinding> NotWell(Observation seen) => [.. HostFitness.Of(seen).Where(finding => finding.Level != FindingLevel.Ok)];

    private static Observation Changed(string change) => change switch
    {
        "not root" => WithFact(Fit, "uid", "other"),
        "no tun" => WithFact(Fit, "kernel tun", "absent"),
        "no openvswitch" => WithDatapath(WithFact(Fit, "kernel openvswitch", "absent"), "netdev"),
        "kernel tells nothing of nft_nat" => Without(Fit, "kernel nft_nat"),
        "bridges not filtered" => Fit.WithSysctl("", "net/bridge/bridge-nf-call-iptables", "0"),
        "br_netfilter not loaded" => Fit.With("", ns => ns with { Sysctls = [.. ns.Sysctls.Where(setting => !setting.Name.StartsWith("net/bridge/", StringComparison.Ordinal))] }),
        "host NAT without forwarding" => Fit.WithPort("eth1", port => port with { Interfaces = [port.Interfaces[0] with { Type = "internal" }] })
            .With("", ns => ns with { Addresses = [new("br-eth1", Core.Primitives.IpPrefix.Parse("203.0.113.1/24"), "global", true)] }),
        "Docker's policy" => WithRules("iptables-nft", "*filter\n:FORWARD DROP [0:0]\n:DOCKER-USER - [0:0]\n-A FORWARD -j DOCKER-USER\n-A FORWARD -o docker0 -j ACCEPT\nCOMMIT\n"),
        "ufw's policy" => WithRules("iptables-nft", "*filter\n:FORWARD DROP [0:0]\n:ufw-before-forward - [0:0]\n-A FORWARD -j ufw-before-forward\nCOMMIT\n"),
        "somebody's policy" => WithRules("iptables-legacy", "*filter\n:FORWARD DROP [0:0]\nCOMMIT\n"),
        "Neutron's chains with a policy" => WithRules("iptables-nft", HostRules.Replace(":FORWARD ACCEPT", ":FORWARD DROP", StringComparison.Ordinal)),
        "rules not read" => Fit with { Unread = ["nftables: Operation not permitted"] },
        "docker runs" => WithFact(Fit, "docker", "running"),
        "no switch" => Fit with { Switch = null },
        "vswitchd silent" => Fit with { Switch = Fit.Switch! with { DaemonAnswers = false } },
        "user space" => Fit.WithBridge("br-eth1", bridge => bridge with { DatapathType = "netdev" }),
        "port refused" => Fit.WithPort(Qvo, port => port with { Interfaces = [port.Interfaces[0] with { Ofport = -1, Error = "could not open network device" }] }),
        "NIC down" => Fit.WithLink("", "eth1", link => link with { Up = false }),
        "NIC not promiscuous" => Fit.WithLink("", "eth1", link => link with { Promiscuous = false }),
        "NIC joins packets" => Fit.WithLink("", "eth1", link => link with { LargeReceiveOffload = true }),
        "small NIC" => Fit.WithLink("", "eth1", link => link with { Mtu = 1400 }),
        "conntrack nearly full" => Fit.WithSysctl("", "net/netfilter/nf_conntrack_count", "800"),
        "conntrack full" => Fit.WithSysctl(Router, "net/netfilter/nf_conntrack_count", "1000"),
        "neighbours full" => WithFact(Fit, "neigh_entries", "1024"),
        "many DHCP servers" => Fit with { Processes = [.. Enumerable.Range(1, 100).Select(pid => new ObservedProcess { Pid = pid, Name = "dnsmasq", Namespace = "qdhcp", State = "S" })] },
        "SELinux" => WithFact(Fit, "selinux", "enforcing"),
        "AppArmor confines dnsmasq" => WithFact(Fit, "apparmor_enforced", "/usr/sbin/dnsmasq"),
        "clock" => WithFact(Fit, "clock", "not synchronised"),
        _ => throw new ArgumentOutOfRangeException(nameof(change)),
    };

    private static Observation Without(Observation seen, string fact) => seen with { Facts = [.. seen.Facts.Where(item => item.Name != fact)] };

    private static Observation WithFact(Observation seen, string fact, string value) =>
        seen with { Facts = [.. seen.Facts.Where(item => item.Name != fact), new Setting(fact, value)] };

    private static Observation WithRules(string program, string text) => Fit.With("", ns => ns with { Iptables = [new RuleDump(program, text)] });

    private static Observation WithDatapath(Observation seen, string type) =>
        seen with { Switch = seen.Switch! with { Bridges = [.. seen.Switch.Bridges.Select(bridge => bridge with { DatapathType = type })] } };
}

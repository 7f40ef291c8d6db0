using Tapline.Core.Doctor.Examining;
using Tapline.Core.Host;
using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;
using static Tapline.Tests.Doctor.PathBed;

namespace Tapline.Tests.Doctor;

/// <summary>Where the packet ends nothing is wrong; what is wrong is named all the same, with what mends it.</summary>
public sealed class RootCauseTests
{
    private static readonly MacAddress QrMac = Healthy.Namespaces.First(ns => ns.Name == Router).Link(Qr)!.Mac;

    public static TheoryData<string, string, string, string, string> Faults => new()
    {
        { "a flow sends ARP's answers to a table without flows", "out", "ovs.flow-wrong", "br-int", "ovs-ofctl --strict del-flows br-int table=0,priority=200,arp,arp_op=2" },
        { "a flow sends what is answered to somebody else", "out", "ovs.flow-wrong", "br-int", "ovs-ofctl --strict del-flows br-int table=0,priority=200,icmp,icmp_type=0" },
        { "a flow passes the translation by", "in", "ovs.flow-wrong", "br-int", "ovs-ofctl --strict del-flows br-int table=0,priority=200,icmp,icmp_type=8" },
        { "a flow from the wire was changed", "in", "ovs.translation-missing", "br-int", "ovs-ofctl add-flow br-int priority=3,in_port=int-br-eth1,vlan_tci=0x0000/0x1fff,actions=mod_vlan_vid:2,NORMAL" },
        { "the flow from the wire drops", "in", "ovs.translation-missing", "br-int", "ovs-ofctl add-flow br-int priority=3,in_port=int-br-eth1,vlan_tci=0x0000/0x1fff,actions=mod_vlan_vid:2,NORMAL" },
        { "the instance's port sends with a tag", "out", "ovs.port-vlan", Qvo, $"ovs-vsctl clear Port {Qvo} vlan_mode" },
        { "the bridge takes the router's frames for its own", "out", "bridge.fdb-wrong", Qbr, $"bridge fdb del {QrMac} dev {Qvb} master" },
        { "the bridge's ports do not speak to each other", "out", "bridge.port-blocked", Tap, $"bridge link set dev {Tap} isolated off" },
        { "the router's leg has no ARP", "out", "arp.off", Qr, $"ip netns exec {Router} ip link set {Qr} arp on" },
        { "the router answers nobody's ARP", "out", "arp.ignored", "all", $"ip netns exec {Router} sysctl -w net.ipv4.conf.all.arp_ignore=0" },
        { "the router believes the instance at itself", "in", "neighbour.wrong", Qr, $"ip netns exec {Router} ip neigh del 10.0.0.5 dev {Qr}" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void What_is_behind_it_is_named(string fault, string way, string code, string device, string command)
    {
        var report = way == "out" ? PingOut(Broken(fault)) : PingIn(Broken(fault));

        Assert.Equal(Verdict.Broken, report.Verdict);
        var first = report.Causes[0].Fault;
        Assert.Equal((code, device, command), (first.Code, first.Device, string.Join("; ", first.Fix?.Commands ?? [])));
    }

    [Fact]
    public void What_is_wrong_inside_the_instance_is_named_there()
    {
        var report = PingOut(Light.With("vm", ns => ns with
        {
            Addresses = [.. ns.Addresses, new ObservedAddress("eth0", IpPrefix.Parse("8.8.0.9/16"), "global", Usable: true)],
            Routes =
            [
                .. ns.Routes,
                new ObservedRoute { Table = 254, Type = "unicast", Destination = IpPrefix.Parse("8.8.0.0/16"), NextHops = [new NextHop(null, "eth0", Usable: true, OnLink: false)], Protocol = "kernel", PreferredSource = IpAddress.Parse("8.8.0.9") },
            ],
        }));

        Assert.Equal((Verdict.BrokenInGuest, "guest.address.taken"), (report.Verdict, report.Causes[0].Fault.Code));
        Assert.Equal(["ip addr del 8.8.0.9/16 dev eth0"], report.Causes[0].Fault.Fix!.Commands);
    }

    /// <summary>What a hundred bridges without an address are told of ARP is beside the point, and keeps nothing else from being thought of.</summary>
    [Fact]
    public void On_a_host_of_many_instances_an_instance_that_answers_no_ARP_is_named()
    {
        var report = PingIn(Light.WithSysctl("vm", "net/ipv4/conf/all/arp_ignore", "8").With(Router, ns => ns with { Neighbours = [] }).With("", ns => ns with
        {
            Sysctls = [.. ns.Sysctls, .. Enumerable.Range(0, 100).Select(number => new Setting($"net/ipv4/conf/qbr{number:x8}-00/arp_ignore", "1"))],
        }));

        Assert.Equal((Verdict.BrokenInGuest, "guest.arp.ignored"), (report.Verdict, report.Causes[0].Fault.Code));
        Assert.Equal(["sysctl -w net.ipv4.conf.all.arp_ignore=0"], report.Causes[0].Fault.Fix!.Commands);
    }

    private static Observation Broken(string fault) => fault switch
    {
        "a flow sends ARP's answers to a table without flows" => WithFlow("priority=200,arp,arp_op=2 actions=resubmit(,77)"),
        "a flow sends what is answered to somebody else" => WithFlow("priority=200,icmp,icmp_type=0 actions=mod_nw_dst:192.0.2.7,NORMAL"),
        "a flow passes the translation by" => WithFlow("priority=200,icmp,icmp_type=8 actions=resubmit(,60)"),
        "a flow from the wire was changed" => Healthy.WithBridge("br-int", bridge => bridge with
        {
            Flows = [.. bridge.Flows.Select(flow => flow.Contains("mod_vlan_vid", StringComparison.Ordinal) ? flow.Replace("priority", "reset_counts priority", StringComparison.Ordinal).Replace("mod_vlan_vid:2,", "", StringComparison.Ordinal) : flow)],
        }),
        "the flow from the wire drops" => Healthy.WithBridge("br-int", bridge => bridge with
        {
            Flows = [.. bridge.Flows.Select(flow => flow.Contains("mod_vlan_vid", StringComparison.Ordinal) ? flow[..flow.IndexOf("actions=", StringComparison.Ordinal)] + "actions=drop" : flow)],
        }),
        "the instance's port sends with a tag" => Healthy.WithPort(Qvo, port => port with { VlanMode = "native-tagged" }),
        "the bridge takes the router's frames for its own" => Healthy.With("", ns => ns with { Fdb = [.. ns.Fdb, new ObservedFdbEntry(Qbr, Qvb, QrMac, null, Local: true, Static: true)] }),
        "the bridge's ports do not speak to each other" => Isolated(Isolated(Healthy, Tap), Qvb),
        "the router's leg has no ARP" => Healthy.WithLink(Router, Qr, link => link with { NoArp = true }),
        "the router answers nobody's ARP" => Healthy.WithSysctl(Router, "net/ipv4/conf/all/arp_ignore", "8"),
        "the router believes the instance at itself" => Healthy.With(Router, ns => ns with { Neighbours = [.. ns.Neighbours, new ObservedNeighbour(Qr, IpAddress.Parse("10.0.0.5"), QrMac, "permanent", Proxy: false)] }),
        _ => throw new ArgumentOutOfRangeException(nameof(fault)),
    };

    private static Observation WithFlow(string flow) => Healthy.WithBridge("br-int", bridge => bridge with { Flows = [.. bridge.Flows, $"cookie=0x0, table=0, n_packets=0, n_bytes=0, {flow}"] });

    private static Observation Isolated(Observation seen, string port) => seen.WithLink("", port, link => link with { BridgePort = link.BridgePort! with { Isolated = true } });
}

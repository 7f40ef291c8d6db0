using Tapline.Core.Doctor.Examining;
using Tapline.Core.Doctor.Switching;
using Tapline.Core.Doctor.Tracing;
using Tapline.Core.Host;
using Tapline.Core.Host.Observed;
using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Tests.Doctor;

/// <summary>
/// What a healthy host looks like that no Tapline built: one VM on the hybrid path, a router with a floating IP, a NIC. Laid out as Neutron's
/// agent does it. Tests take it and break one thing.
/// </summary>
internal static class PathBed
{
    public const string Router = "qrouter-7d1e5a3c-0000-4000-8000-000000000001";
    public const string Tap = "tap11111111-11";
    public const string Qbr = "qbr11111111-11";
    public const string Qvb = "qvb11111111-11";
    public const string Qvo = "qvo11111111-11";
    public const string Qr = "qr-22222222-22";
    public const string Qg = "qg-33333333-33";
    public const string Outside = "8.8.8.8";
    public const string FloatingIp = "203.0.113.20";

    private static readonly MacAddress VmMac = MacAddress.Parse("fa:16:3e:00:00:05");

    public static Observation Healthy { get; } = new()
    {
        Host = "compute1",
        Kernel = "6.1.0",
        At = DateTimeOffset.UnixEpoch,
        Namespaces = [HostNamespace(), RouterNamespace()],
        Switch = new ObservedSwitch { DaemonAnswers = true, Version = "3.1.0", Bridges = [Integration(), Provider()] },
    };

    /// <summary>From the VM to an address outside.</summary>
    public static Report PingOut(Observation seen, string target = Outside, Topology? intent = null) => Ask(seen, new Inquiry(Tap, target, "icmp", null), intent ?? Topology.Empty);

    /// <summary>From outside to the floating IP.</summary>
    public static Report PingIn(Observation seen, Topology? intent = null) => Ask(seen, new Inquiry(Outside, FloatingIp, "icmp", null), intent ?? Topology.Empty);

    public static Observation With(this Observation seen, string ns, Func<ObservedNamespace, ObservedNamespace> change) =>
        seen with { Namespaces = [.. seen.Namespaces.Select(item => item.Name == ns ? change(item) : item)] };

    public static Observation WithLink(this Observation seen, string ns, string name, Func<ObservedLink, ObservedLink> change) =>
        seen.With(ns, item => item with { Links = [.. item.Links.Select(link => link.Name == name ? change(link) : link)] });

    public static Observation WithBridge(this Observation seen, string name, Func<ObservedBridgeOfSwitch, ObservedBridgeOfSwitch> change) =>
        seen with { Switch = seen.Switch! with { Bridges = [.. seen.Switch.Bridges.Select(bridge => bridge.Name == name ? change(bridge) : bridge)] } };

    public static Observation WithPort(this Observation seen, string name, Func<ObservedPort, ObservedPort> change) =>
        seen with
        {
            Switch = seen.Switch! with
            {
                Bridges = [.. seen.Switch.Bridges.Select(bridge => bridge with { Ports = [.. bridge.Ports.Select(port => port.Name == name ? change(port) : port)] })],
            },
        };

    public static Observation WithSysctl(this Observation seen, string ns, string path, string value) =>
        seen.With(ns, item => item with { Sysctls = [.. item.Sysctls.Where(setting => setting.Name != path), new Setting(path, value)] });

    /// <summary>With the instance as a namespace that one can look into, and known to its router.</summary>
    public static Observation Light { get; } = (Healthy with { Namespaces = [.. Healthy.Namespaces, GuestNamespace()] })
        .WithLink("", Tap, link => link with { Kind = "veth", Peer = new LinkEnd("vm", "eth0") })
        .With(Router, ns => ns with { Neighbours = [new ObservedNeighbour(Qr, IpAddress.Parse("10.0.0.5"), VmMac, "reachable", Proxy: false)] });

    private static Report Ask(Observation seen, Inquiry inquiry, Topology intent)
    {
        var world = new World(seen);
        var (from, to) = (EndpointFinder.Find(world, intent, inquiry.From, IpAddress.Parse("10.0.0.5")).Value, EndpointFinder.Find(world, intent, inquiry.To, null).Value);
        var examination = new Examination(world, intent, inquiry, from, to);
        foreach (var question in examination.Run())
        {
            question.Answer = SwitchRun.Forward(seen.Switch!, question.Bridge, question.Port, question.Packet);
        }

        return examination.Report;
    }

    private static ObservedNamespace HostNamespace() => new()
    {
        Name = "",
        Links =
        [
            Link(2, "eth1", "", "52:54:00:00:00:01"),
            Link(10, Qbr, "bridge", "0a:00:00:00:00:01") with { Bridge = new ObservedBridge { AgeingSeconds = 0 } },
            Link(11, Tap, "tun", "fe:16:3e:00:00:05") with { Master = Qbr, BridgePort = new ObservedBridgePort { State = "forwarding" } },
            Link(12, Qvb, "veth", "0a:00:00:00:00:02") with { Master = Qbr, BridgePort = new ObservedBridgePort { State = "forwarding" }, Peer = new LinkEnd("", Qvo) },
            Link(13, Qvo, "veth", "0a:00:00:00:00:03") with { Peer = new LinkEnd("", Qvb) },
        ],
        Sysctls = [new("net/bridge/bridge-nf-call-iptables", "1"), new("net/bridge/bridge-nf-call-ip6tables", "1"), new("net/ipv4/ip_forward", "0")],
        Iptables = [new RuleDump("iptables-nft", HostRules)],
    };

    private static ObservedNamespace RouterNamespace() => new()
    {
        Name = Router,
        Links =
        [
            Link(20, Qr, "tun", "fa:16:3e:00:00:01"),
            Link(21, Qg, "tun", "fa:16:3e:00:00:0a"),
        ],
        Addresses =
        [
            new(Qr, IpPrefix.Parse("10.0.0.1/24"), "global", true),
            new(Qg, IpPrefix.Parse("203.0.113.10/24"), "global", true),
            new(Qg, IpPrefix.Parse("203.0.113.20/32"), "global", true),
        ],
        Routes =
        [
            Route(254, "unicast", "0.0.0.0/0", new NextHop(IpAddress.Parse("203.0.113.1"), Qg, true, false)),
            Route(254, "unicast", "10.0.0.0/24", new NextHop(null, Qr, true, false)),
            Route(254, "unicast", "203.0.113.0/24", new NextHop(null, Qg, true, false)),
            Route(255, "local", "10.0.0.1/32", new NextHop(null, Qr, true, false)),
            Route(255, "local", "203.0.113.10/32", new NextHop(null, Qg, true, false)),
            Route(255, "local", "203.0.113.20/32", new NextHop(null, Qg, true, false)),
        ],
        Sysctls =
        [
            new("net/ipv4/ip_forward", "1"), new($"net/ipv4/conf/{Qr}/forwarding", "1"), new($"net/ipv4/conf/{Qg}/forwarding", "1"),
            new("net/ipv4/conf/all/rp_filter", "0"), new($"net/ipv4/conf/{Qr}/rp_filter", "0"), new($"net/ipv4/conf/{Qg}/rp_filter", "0"),
        ],
        Iptables = [new RuleDump("iptables-nft", RouterRules)],
    };

    private static ObservedNamespace GuestNamespace() => new()
    {
        Name = "vm",
        Links = [Link(30, "eth0", "veth", VmMac.ToString()) with { Peer = new LinkEnd("", Tap) }],
        Addresses = [new("eth0", IpPrefix.Parse("10.0.0.5/24"), "global", true)],
        Routes =
        [
            Route(254, "unicast", "0.0.0.0/0", new NextHop(IpAddress.Parse("10.0.0.1"), "eth0", true, false)),
            Route(254, "unicast", "10.0.0.0/24", new NextHop(null, "eth0", true, false)),
            Route(255, "local", "10.0.0.5/32", new NextHop(null, "eth0", true, false)),
        ],
        Sysctls = [new("net/ipv4/ip_forward", "0"), new("net/ipv4/conf/eth0/forwarding", "0")],
    };

    private static ObservedBridgeOfSwitch Integration() => new()
    {
        Name = "br-int",
        DatapathType = "netdev",
        FailMode = "secure",
        Ports =
        [
            Port(Qvo, 1, "", 1) with
            {
                Interfaces = [Interface(Qvo, "", 1) with { ExternalIds = [new("attached-mac", VmMac.ToString()), new("iface-id", "11111111-1111-4111-8111-111111111111")] }],
            },
            Port(Qr, 1, "internal", 2),
            Port(Qg, 2, "internal", 3),
            Port("int-br-eth1", null, "patch", 4) with { Interfaces = [Interface("int-br-eth1", "patch", 4) with { Options = [new("peer", "phy-br-eth1")] }] },
        ],
        Flows =
        [
            "cookie=0x1, table=0, n_packets=0, n_bytes=0, priority=65535,dl_vlan=4095 actions=drop",
            "cookie=0x1, table=0, n_packets=0, n_bytes=0, priority=10,arp,in_port=\"qvo11111111-11\" actions=resubmit(,24)",
            "cookie=0x1, table=0, n_packets=0, n_bytes=0, priority=9,in_port=\"qvo11111111-11\" actions=resubmit(,25)",
            "cookie=0x1, table=0, n_packets=0, n_bytes=0, priority=3,in_port=\"int-br-eth1\",vlan_tci=0x0000/0x1fff actions=mod_vlan_vid:2,resubmit(,60)",
            "cookie=0x1, table=0, n_packets=0, n_bytes=0, priority=2,in_port=\"int-br-eth1\" actions=drop",
            "cookie=0x1, table=0, n_packets=0, n_bytes=0, priority=0 actions=resubmit(,60)",
            "cookie=0x1, table=23, n_packets=0, n_bytes=0, priority=0 actions=drop",
            "cookie=0x1, table=24, n_packets=0, n_bytes=0, priority=2,arp,in_port=\"qvo11111111-11\",arp_spa=10.0.0.5 actions=resubmit(,25)",
            "cookie=0x1, table=24, n_packets=0, n_bytes=0, priority=0 actions=drop",
            "cookie=0x1, table=25, n_packets=0, n_bytes=0, priority=2,in_port=\"qvo11111111-11\",dl_src=fa:16:3e:00:00:05 actions=resubmit(,60)",
            "cookie=0x1, table=60, n_packets=0, n_bytes=0, priority=3 actions=NORMAL",
        ],
    };

    private static ObservedBridgeOfSwitch Provider() => new()
    {
        Name = "br-eth1",
        DatapathType = "netdev",
        FailMode = "secure",
        Ports =
        [
            Port("eth1", null, "", 1),
            Port("phy-br-eth1", null, "patch", 2) with { Interfaces = [Interface("phy-br-eth1", "patch", 2) with { Options = [new("peer", "int-br-eth1")] }] },
        ],
        Flows =
        [
            "cookie=0x2, table=0, n_packets=0, n_bytes=0, priority=4,in_port=\"phy-br-eth1\",dl_vlan=2 actions=strip_vlan,NORMAL",
            "cookie=0x2, table=0, n_packets=0, n_bytes=0, priority=2,in_port=\"phy-br-eth1\" actions=drop",
            "cookie=0x2, table=0, n_packets=0, n_bytes=0, priority=0 actions=NORMAL",
        ],
    };

    private static ObservedLink Link(int index, string name, string kind, string mac) =>
        new() { Index = index, Name = name, Kind = kind, Mac = MacAddress.Parse(mac), Mtu = 1500, Up = true, Carrier = true };

    private static ObservedRoute Route(int table, string type, string destination, NextHop hop) =>
        new() { Table = table, Type = type, Destination = IpPrefix.Parse(destination), NextHops = [hop] };

    private static ObservedPort Port(string name, int? tag, string type, int number) =>
        new() { Name = name, Tag = tag, Interfaces = [Interface(name, type, number)] };

    private static ObservedInterface Interface(string name, string type, int number) => new() { Name = name, Type = type, Ofport = number };

    public const string RouterRules = """
        *nat
        :PREROUTING ACCEPT [0:0]
        :INPUT ACCEPT [0:0]
        :OUTPUT ACCEPT [0:0]
        :POSTROUTING ACCEPT [0:0]
        [0:0] -A PREROUTING -d 203.0.113.20/32 -j DNAT --to-destination 10.0.0.5
        [0:0] -A POSTROUTING -s 10.0.0.5/32 -o qg-33333333-33 -j SNAT --to-source 203.0.113.20
        [0:0] -A POSTROUTING -o qg-33333333-33 -j SNAT --to-source 203.0.113.10
        COMMIT

        """;

    public const string HostRules = """
        *filter
        :INPUT ACCEPT [0:0]
        :FORWARD ACCEPT [0:0]
        :OUTPUT ACCEPT [0:0]
        :neutron-openvswi-FORWARD - [0:0]
        :neutron-openvswi-i11111111-1 - [0:0]
        :neutron-openvswi-o11111111-1 - [0:0]
        :neutron-openvswi-s11111111-1 - [0:0]
        :neutron-openvswi-sg-chain - [0:0]
        :neutron-openvswi-sg-fallback - [0:0]
        [0:0] -A FORWARD -j neutron-openvswi-FORWARD
        [0:0] -A neutron-openvswi-FORWARD -m physdev --physdev-out tap11111111-11 --physdev-is-bridged -j neutron-openvswi-sg-chain
        [0:0] -A neutron-openvswi-FORWARD -m physdev --physdev-in tap11111111-11 --physdev-is-bridged -j neutron-openvswi-sg-chain
        [0:0] -A neutron-openvswi-i11111111-1 -m state --state RELATED,ESTABLISHED -j RETURN
        [0:0] -A neutron-openvswi-i11111111-1 -p icmp -j RETURN
        [0:0] -A neutron-openvswi-i11111111-1 -m state --state INVALID -j DROP
        [0:0] -A neutron-openvswi-i11111111-1 -j neutron-openvswi-sg-fallback
        [0:0] -A neutron-openvswi-o11111111-1 -p udp -m udp --sport 68 --dport 67 -j RETURN
        [0:0] -A neutron-openvswi-o11111111-1 -j neutron-openvswi-s11111111-1
        [0:0] -A neutron-openvswi-o11111111-1 -m state --state RELATED,ESTABLISHED -j RETURN
        [0:0] -A neutron-openvswi-o11111111-1 -j RETURN
        [0:0] -A neutron-openvswi-o11111111-1 -j neutron-openvswi-sg-fallback
        [0:0] -A neutron-openvswi-s11111111-1 -s 10.0.0.5/32 -m mac --mac-source FA:16:3E:00:00:05 -j RETURN
        [0:0] -A neutron-openvswi-s11111111-1 -j DROP
        [0:0] -A neutron-openvswi-sg-chain -m physdev --physdev-out tap11111111-11 --physdev-is-bridged -j neutron-openvswi-i11111111-1
        [0:0] -A neutron-openvswi-sg-chain -m physdev --physdev-in tap11111111-11 --physdev-is-bridged -j neutron-openvswi-o11111111-1
        [0:0] -A neutron-openvswi-sg-chain -j ACCEPT
        [0:0] -A neutron-openvswi-sg-fallback -j DROP
        COMMIT

        """;
}

using Tapline.Core.Model;
using Tapline.Core.Planning;
using Tapline.Core.Primitives;

namespace Tapline.Tests.Golden;

/// <summary>Whole plans, as <c>tapline plan</c> prints them.</summary>
public sealed class PlanTests
{
    private const string Project = "5e1f0000000000000000000000000001";

    private static readonly Host H1 = new()
    {
        Name = "h1",
        ProjectId = "",
        BridgeMappings = [new BridgeMapping("physnet1", "br-eth1", "eth1")],
    };

    private static readonly Network External = NetworkOf("ee000000", "public", NetworkType.Flat) with { External = true, PhysicalNetwork = "physnet1" };
    private static readonly Subnet ExternalSubnet = SubnetOf("ee000001", External, "172.24.4.0/24") with { EnableDhcp = false };

    private static readonly SecurityGroup Default = new() { Id = IdOf<SecurityGroup>("5e000000"), ProjectId = Project, Name = "default" };

    [Fact]
    public void The_demo_one_network_one_router_one_floating_ip_one_instance()
    {
        var (network, subnet) = Tenant("a1", "192.168.1.0/24");
        var router = RouterOf("40000000");
        var vm = Vif("10000000", subnet, "192.168.1.5");
        var cloud = Topology.Of(
        [
            H1, External, ExternalSubnet, network, subnet, vm, Dhcp("d0000000", subnet, "192.168.1.2"), .. WithRouter(router, subnet, "40"),
            .. FloatingIpOf("f0000000", "172.24.4.20", vm, router), .. DefaultRules(),
            new Instance { Id = IdOf<Instance>("c0000000"), ProjectId = Project, HostId = "h1", PortIds = [vm.Id] },
        ]);

        Require("demo", cloud, "netdev");
    }

    [Fact]
    public void A_vlan_provider_network()
    {
        var network = NetworkOf("b1000000", "wire-205", NetworkType.Vlan) with { PhysicalNetwork = "physnet1", SegmentationId = 205, Mtu = 1450 };
        var subnet = SubnetOf("b1000001", network, "10.20.0.0/24") with
        {
            EnableDhcp = false,
            GatewayIp = IpAddress.Parse("10.20.0.254"),
        };

        Require("vlan-provider", Topology.Of([H1, network, subnet, Vif("10000000", subnet, "10.20.0.5"), .. DefaultRules()]), "system");
    }

    [Fact]
    public void Two_tenants_with_overlapping_addresses()
    {
        var (red, redSubnet) = Tenant("a1", "192.168.1.0/24");
        var (blue, blueSubnet) = Tenant("b1", "192.168.1.0/24");

        Require("two-tenants", Topology.Of(
        [
            H1, External, ExternalSubnet, red, redSubnet, blue, blueSubnet, .. DefaultRules(),
            Vif("10000000", redSubnet, "192.168.1.5"), Vif("20000000", blueSubnet, "192.168.1.5"),
            .. WithRouter(RouterOf("40000000"), redSubnet, "40"), .. WithRouter(RouterOf("50000000"), blueSubnet, "50"),
        ]), "netdev");
    }

    [Fact]
    public void Every_kind_of_security_group_rule()
    {
        var (network, subnet) = Tenant("a1", "192.168.1.0/24");
        var v6 = SubnetOf("a1000006", network, "fd00:1::/64");
        var clients = Default with { Id = IdOf<SecurityGroup>("5e000001"), Name = "clients" };
        var server = Vif("10000000", subnet, "192.168.1.5");
        server = server with { FixedIps = [.. server.FixedIps, new FixedIp(v6.Id, IpAddress.Parse("fd00:1::5"))] };
        var client = Vif("20000000", subnet, "192.168.1.9") with
        {
            HostId = "h2",
            SecurityGroups = [clients.Id],
            AllowedAddressPairs = [new AddressPair(IpPrefix.Parse("10.9.0.0/16"), null), new AddressPair(IpPrefix.Parse("fd00:9::7/64"), null)],
        };
        var number = 0;
        SecurityGroupRule Rule(RuleDirection direction, bool isV6, string? protocol, int? min = null, int? max = null, string? prefix = null, bool remote = false) => new()
        {
            Id = IdOf<SecurityGroupRule>($"{0x30000000 + number++:x}"),
            ProjectId = Project,
            SecurityGroupId = Default.Id,
            Direction = direction,
            IsV6 = isV6,
            Protocol = protocol,
            PortRangeMin = min,
            PortRangeMax = max,
            RemoteIpPrefix = prefix is null ? null : IpPrefix.Parse(prefix),
            RemoteGroupId = remote ? clients.Id : null,
        };

        List<SecurityGroupRule> rules = [];
        foreach (var isV6 in (bool[])[false, true])
        {
            rules.AddRange(
            [
                Rule(RuleDirection.Ingress, isV6, null, remote: true),
                Rule(RuleDirection.Ingress, isV6, "tcp", 22, 22, isV6 ? "2001:db8::1/32" : "198.51.100.9/24"),
                Rule(RuleDirection.Ingress, isV6, "tcp", 8000, 8080, isV6 ? "::/0" : "0.0.0.0/0"),
                Rule(RuleDirection.Ingress, isV6, "udp", 53, 53, remote: true),
                Rule(RuleDirection.Ingress, isV6, "udp"),
                Rule(RuleDirection.Ingress, isV6, "icmp"),
                Rule(RuleDirection.Ingress, isV6, isV6 ? "ipv6-icmp" : "icmp", isV6 ? 128 : 8, 0),
                Rule(RuleDirection.Ingress, isV6, "sctp", 36412, 36412),
                Rule(RuleDirection.Ingress, isV6, "vrrp"),
                Rule(RuleDirection.Ingress, isV6, "47"),
                Rule(RuleDirection.Egress, isV6, null),
                Rule(RuleDirection.Egress, isV6, "tcp", 443, 443, isV6 ? "2001:db8::/32" : "198.51.100.0/24"),
                Rule(RuleDirection.Egress, isV6, null, remote: true),
            ]);
        }

        Require("security-groups", Topology.Of([H1, network, subnet, v6, server, client, Default, clients, .. rules]), "system");
    }

    [Fact]
    public void Port_security_off_and_allowed_address_pairs()
    {
        var (network, subnet) = Tenant("a1", "192.168.1.0/24");
        var open = Vif("10000000", subnet, "192.168.1.5") with { PortSecurityEnabled = false, SecurityGroups = [] };
        var pairs = Vif("20000000", subnet, "192.168.1.6") with
        {
            AllowedAddressPairs =
            [
                new AddressPair(IpPrefix.Parse("192.168.1.100/32"), null),
                new AddressPair(IpPrefix.Parse("192.168.1.100/32"), MacAddress.Parse("00:00:5e:00:01:07")),
                new AddressPair(IpPrefix.Parse("10.50.0.1/16"), null),
                new AddressPair(IpPrefix.Parse("fd00:1::/64"), null),
            ],
        };
        var closed = Vif("30000000", subnet, "192.168.1.7") with { SecurityGroups = [] };
        var down = Vif("40000000", subnet, "192.168.1.8") with { AdminStateUp = false };

        Require("port-security", Topology.Of([H1, network, subnet, open, pairs, closed, down, .. DefaultRules()]), "system");
    }

    private static void Require(string name, Topology cloud, string datapath) =>
        GoldenFile.Require(name, HostPlanner.Plan(cloud, "h1", new Sticky { DatapathType = datapath }).ToString());

    private static Id<T> IdOf<T>(string first) => Id<T>.Parse($"{first}-0000-4000-8000-000000000000");

    private static Network NetworkOf(string id, string name, NetworkType type) => new() { Id = IdOf<Network>(id), ProjectId = Project, Name = name, Type = type };

    private static Subnet SubnetOf(string id, Network network, string cidr) => new()
    {
        Id = IdOf<Subnet>(id),
        ProjectId = Project,
        NetworkId = network.Id,
        Cidr = IpPrefix.Parse(cidr),
        GatewayIp = IpPrefix.Parse(cidr).First.Plus(1),
    };

    private static (Network, Subnet) Tenant(string prefix, string cidr)
    {
        var network = NetworkOf(prefix + "000000", "net-" + prefix, NetworkType.Local);
        return (network, SubnetOf(prefix + "000001", network, cidr) with { DnsNameservers = [IpAddress.Parse("192.0.2.53")] });
    }

    private static Port Vif(string id, Subnet subnet, string address) => PortOf(id, subnet, address, DeviceOwner.Instance, "") with { SecurityGroups = [Default.Id] };

    private static Port Dhcp(string id, Subnet subnet, string address) => PortOf(id, subnet, address, DeviceOwner.Dhcp, "dhcp");

    private static Port PortOf(string id, Subnet subnet, string address, string owner, string device) => new()
    {
        Id = IdOf<Port>(id),
        ProjectId = Project,
        NetworkId = subnet.NetworkId,
        Mac = MacAddress.Parse($"fa:16:3e:{id[..2]}:{id[4..6]}:{id[6..]}"),
        FixedIps = [new FixedIp(subnet.Id, IpAddress.Parse(address))],
        DeviceOwner = owner,
        DeviceId = device,
        HostId = "h1",
    };

    private static Router RouterOf(string id) => new() { Id = IdOf<Router>(id), ProjectId = Project, GatewayPortId = IdOf<Port>(id[..2] + "0000ee") };

    private static IEnumerable<Resource> WithRouter(Router router, Subnet subnet, string prefix) =>
    [
        router,
        PortOf(prefix + "0000ee", ExternalSubnet, $"172.24.4.{prefix}", DeviceOwner.RouterGateway, router.Id.ToString()),
        PortOf(prefix + "0000a1", subnet, subnet.GatewayIp.ToString()!, DeviceOwner.RouterInterface, router.Id.ToString()),
    ];

    private static IEnumerable<Resource> FloatingIpOf(string id, string address, Port target, Router router)
    {
        var helper = PortOf(id, ExternalSubnet, address, DeviceOwner.FloatingIp, "") with { HostId = null };
        return
        [
            helper,
            new FloatingIp
            {
                Id = IdOf<FloatingIp>(id),
                ProjectId = Project,
                FloatingNetworkId = External.Id,
                FloatingAddress = IpAddress.Parse(address),
                FloatingPortId = helper.Id,
                PortId = target.Id,
                FixedAddress = target.FixedIps[0].Address,
                RouterId = router.Id,
            },
        ];
    }

    /// <summary>As a new project's default group: everything out, everything in from its own members.</summary>
    private static IEnumerable<Resource> DefaultRules()
    {
        yield return Default;
        foreach (var isV6 in (bool[])[false, true])
        {
            foreach (var direction in (RuleDirection[])[RuleDirection.Egress, RuleDirection.Ingress])
            {
                yield return new SecurityGroupRule
                {
                    Id = IdOf<SecurityGroupRule>($"5e{(isV6 ? "06" : "04")}000{(int)direction}"),
                    ProjectId = Project,
                    SecurityGroupId = Default.Id,
                    Direction = direction,
                    IsV6 = isV6,
                    RemoteGroupId = direction == RuleDirection.Ingress ? Default.Id : null,
                };
            }
        }
    }
}

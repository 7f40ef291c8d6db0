using CsCheck;
using Tapline.Core.Model;
using Tapline.Core.Primitives;
using Tapline.Tests.Clouds;

namespace Tapline.Tests.Hosts;

/// <summary>
/// Random clouds as the rules would admit them. The resources are always the same few, by the same ids, so that one cloud after
/// another asks a host for every kind of change; which of them exist and how they are set is drawn.
/// </summary>
internal static class Topologies
{
    public static readonly string[] HostNames = ["h1", "h2", "h3"];

    private const int Choices = 160;
    private const int PortCount = 8;

    /// <summary>Small numbers, each one decision.</summary>
    public static readonly Gen<Topology> Any = Gen.Int[0, 59].Array[Choices].Select(choices => new Draw(choices).Cloud());

    public static readonly Gen<Topology[]> Sequence = Any.Array[1, 4];

    public static string Print(Topology topology) =>
        string.Join("\n", topology.All.Select(resource => resource.ToString()!).Order(StringComparer.Ordinal));

    public static string Print(IEnumerable<Topology> topologies) => string.Join("\n\n", topologies.Select(Print));

    private sealed class Draw(int[] choices)
    {
        private static readonly string[] Protocols = ["tcp", "udp", "icmp", "58", "sctp", "112"];
        private readonly List<Resource> _resources = [];
        private readonly List<Port> _ports = [];
        private int _next;

        public Topology Cloud()
        {
            var networks = Networks();
            var groups = Groups();
            foreach (var name in HostNames)
            {
                _resources.Add(HostOf(name));
            }

            Ports(networks, groups);
            Instances();
            Dhcp(networks);
            var router = Router(1, networks, [1, 3]);
            Router(2, networks, [2]);
            FloatingIps(networks[0], router);
            return Topology.Of([.. _resources, .. _ports]);
        }

        private int Choose(int count) => choices[_next++ % choices.Length] % count;

        private bool Rarely() => Choose(5) == 4;

        private string? SomeHost() => Choose(6) switch { 0 => null, 1 => "h2", 2 => "h3", _ => "h1" };

        private Host HostOf(string name)
        {
            var external = new BridgeMapping("public", "br-ex", Choose(2) == 0 ? "eth2" : null);
            ValueList<BridgeMapping> mappings = (name, Choose(5)) switch
            {
                ("h3", _) => [],
                (_, 4) => [external],
                _ => [new BridgeMapping("physnet1", "br-provider1", "eth1"), external with { Bridge = "br-provider2" }],
            };
            return new Host { Name = name, ProjectId = "", BridgeMappings = mappings };
        }

        private sealed record Segment(Network Network, Subnet V4, Subnet? V6);

        private List<Segment> Networks()
        {
            List<Segment> segments = [];
            for (var number = 0; number <= 4; number++)
            {
                var network = Sample.Network(100 + number) with
                {
                    External = number == 0,
                    AdminStateUp = !Rarely(),
                    Mtu = Rarely() ? 1450 : 1500,
                    Type = number switch { 0 or 4 => NetworkType.Flat, 3 => NetworkType.Local, _ => NetworkType.Vlan },
                    PhysicalNetwork = number switch { 0 => "public", 3 => null, _ => "physnet1" },
                    SegmentationId = number is 1 or 2 ? 100 + number : null,
                };

                // Networks 1 and 2 are two tenants' with one and the same range.
                var cidr = IpPrefix.Parse(number switch { 0 => "172.24.4.0/24", 1 or 2 => "10.0.0.0/24", _ => $"10.0.{number}.0/24" });
                var v4 = Sample.Subnet(200 + number, network) with
                {
                    Cidr = cidr,
                    GatewayIp = Rarely() && number > 0 ? null : cidr.First.Plus(1),
                    EnableDhcp = !Rarely() && number > 0,
                    DnsNameservers = Rarely() ? [IpAddress.Parse("192.0.2.53")] : [],
                    HostRoutes = Rarely() ? [new HostRoute(IpPrefix.Parse("10.88.0.0/16"), cidr.First.Plus(40))] : [],
                };
                var v6 = Choose(3) != 0 ? null : Sample.Subnet(210 + number, network) with
                {
                    Cidr = IpPrefix.Parse($"fd00:{number}::/64"),
                    GatewayIp = IpAddress.Parse($"fd00:{number}::1"),
                };
                _resources.AddRange(v6 is null ? [network, v4] : [network, v4, v6]);
                segments.Add(new Segment(network, v4, v6));
            }

            return segments;
        }

        private List<SecurityGroup> Groups()
        {
            List<SecurityGroup> groups = [Sample.Group(1), Sample.Group(2), Sample.Group(3)];
            foreach (var (index, group) in groups.Index())
            {
                _resources.Add(group);
                for (var count = Choose(4); count > 0; count--)
                {
                    _resources.Add(RuleOf((10 * index) + count, group, groups));
                }
            }

            return groups;
        }

        private SecurityGroupRule RuleOf(int number, SecurityGroup group, List<SecurityGroup> groups)
        {
            var (isV6, kind, first) = (Choose(3) == 0, Choose(8), Choose(50));
            var protocol = kind < Protocols.Length ? Protocols[kind] : null;
            var hasPorts = protocol is "tcp" or "udp" or "sctp";
            return Sample.Rule(number, group) with
            {
                IsV6 = isV6 || protocol == "58",
                Direction = Choose(2) == 0 ? RuleDirection.Ingress : RuleDirection.Egress,
                Protocol = protocol,
                PortRangeMin = hasPorts ? 1000 + first : protocol == "icmp" && first > 25 ? 8 : null,
                PortRangeMax = hasPorts ? 1000 + first + Choose(2) : null,
                RemoteGroupId = kind == 7 || first > 35 ? groups[Choose(3)].Id : null,
                RemoteIpPrefix = kind == 6 ? IpPrefix.Parse(isV6 ? "fd00:1::5/64" : "10.0.0.7/28") : null,
            };
        }

        private void Ports(List<Segment> segments, List<SecurityGroup> groups)
        {
            for (var number = 1; number <= PortCount; number++)
            {
                var segment = segments[1 + (number % 4)];
                var (exists, host, dual) = (Choose(4) != 0, SomeHost(), Choose(2) == 0);
                var secured = !Rarely();
                var port = Sample.Port(number, segment.V4, host) with
                {
                    Mac = new MacAddress(0xfa163e000000 + (ulong)number + (Rarely() ? 0x100UL : 0)),
                    FixedIps = dual && segment.V6 is { } v6 ? [FixedIp(segment.V4, number), FixedIp(v6, number)]
                        : Rarely() ? [] : [FixedIp(segment.V4, number)],
                    AdminStateUp = !Rarely(),
                    PortSecurityEnabled = secured,
                    SecurityGroups = secured ? [.. groups.Where(_ => Choose(3) == 0).Select(group => group.Id)] : [],
                    AllowedAddressPairs = secured && Rarely() ? Pairs() : [],
                };
                if (exists)
                {
                    _ports.Add(port);
                }
            }
        }

        private ValueList<AddressPair> Pairs() => Choose(4) switch
        {
            0 => [new AddressPair(IpPrefix.Parse("10.0.0.200/32"), null)],
            1 => [new AddressPair(IpPrefix.Parse("10.0.0.0/24"), null), new AddressPair(IpPrefix.Parse("10.0.0.128/25"), MacAddress.Parse("fa:16:3e:aa:bb:cc"))],
            2 => [new AddressPair(IpPrefix.Parse("0.0.0.0/0"), null), new AddressPair(IpPrefix.Parse("fd00:1::/64"), null)],
            _ => [new AddressPair(IpPrefix.Parse("10.0.0.200/30"), null), new AddressPair(IpPrefix.Parse("10.0.0.0/8"), null)],
        };

        private static FixedIp FixedIp(Subnet subnet, int number) => new(subnet.Id, subnet.Cidr.First.Plus((UInt128)(10 + number)));

        /// <summary>An instance takes ports, in any order, to its own host.</summary>
        private void Instances()
        {
            for (var number = 1; number <= 2; number++)
            {
                var (exists, host) = (Choose(2) == 0, SomeHost() ?? "h1");
                var free = _ports.Where(port => port.DeviceId.Length == 0).ToList();
                if (!exists || free.Count == 0)
                {
                    continue;
                }

                var skip = Choose(free.Count);
                var taken = free.Skip(skip).Take(1 + Choose(3)).ToList();
                if (Rarely())
                {
                    taken.Reverse();
                }

                var id = Sample.Id<Instance>(number);
                foreach (var port in taken)
                {
                    _ports[_ports.IndexOf(port)] = port with { DeviceId = id.ToString(), DeviceOwner = DeviceOwner.Instance, HostId = host };
                }

                _resources.Add(new Instance { Id = id, ProjectId = Sample.Project, HostId = host, PortIds = taken.Select(port => port.Id).ToValueList() });
            }
        }

        private void Dhcp(List<Segment> segments)
        {
            foreach (var (index, segment) in segments.Index().Skip(1))
            {
                if (SomeHost() is { } host)
                {
                    _ports.Add(Sample.Port(500 + index, segment.V4, host, DeviceOwner.Dhcp, "dhcp") with { FixedIps = [FixedIp(segment.V4, -8)] });
                }
            }
        }

        private Router? Router(int number, List<Segment> segments, int[] subnets)
        {
            if (SomeHost() is not { } host)
            {
                return null;
            }

            var id = Sample.Id<Router>(number);
            Port? gateway = null;
            if (Choose(4) != 0)
            {
                // Now and then the gateway is set anew: another port.
                gateway = Leg(600 + number + (10 * Choose(2)), segments[0], host, id, DeviceOwner.RouterGateway, 90 + number);
            }

            var legs = subnets.Where(_ => Choose(4) != 0).ToList();
            foreach (var index in legs)
            {
                Leg(700 + index, segments[index], host, id, DeviceOwner.RouterInterface, -9);
            }

            var router = Sample.Router(number, gateway) with
            {
                AdminStateUp = !Rarely(),
                EnableSnat = !Rarely(),
                Routes = legs.Contains(subnets[0]) && Rarely()
                    ? [new HostRoute(IpPrefix.Parse("10.77.0.0/16"), segments[subnets[0]].V4.Cidr.First.Plus((UInt128)(50 + Choose(2))))]
                    : [],
            };
            _resources.Add(router);
            return router;
        }

        private Port Leg(int number, Segment segment, string host, Id<Router> router, string owner, int address)
        {
            var port = Sample.Port(number, segment.V4, host, owner, router.ToString()) with
            {
                FixedIps = segment.V6 is { } v6 ? [FixedIp(segment.V4, address), FixedIp(v6, address)] : [FixedIp(segment.V4, address)],
                AdminStateUp = !Rarely(),
            };
            _ports.Add(port);
            return port;
        }

        private void FloatingIps(Segment external, Router? router)
        {
            var targets = _ports.Where(port => port.Id.Value.CompareTo(Sample.Id<Port>(PortCount).Value) <= 0
                && port.FixedIps.Any(fixedIp => !fixedIp.Address.IsV6)
                && _ports.Exists(leg => leg.DeviceId == router?.Id.ToString() && leg.DeviceOwner == DeviceOwner.RouterInterface && leg.NetworkId == port.NetworkId)).ToList();
            for (var number = 1; number <= 2; number++)
            {
                if (Choose(3) == 0)
                {
                    continue;
                }

                var helper = Sample.Port(800 + number, external.V4, null, DeviceOwner.FloatingIp, "fip") with { FixedIps = [FixedIp(external.V4, 100 + number)] };
                _ports.Add(helper);
                var target = router?.GatewayPortId is not null && targets.Count > 0 && Choose(3) != 0 ? targets[Choose(targets.Count)] : null;
                targets.Remove(target!);
                _resources.Add(new FloatingIp
                {
                    Id = Sample.Id<FloatingIp>(number),
                    ProjectId = Sample.Project,
                    FloatingNetworkId = external.Network.Id,
                    FloatingAddress = helper.FixedIps[0].Address,
                    FloatingPortId = helper.Id,
                    PortId = target?.Id,
                    FixedAddress = target?.FixedIps.First(fixedIp => !fixedIp.Address.IsV6).Address,
                    RouterId = target is null ? null : router!.Id,
                });
            }
        }
    }
}

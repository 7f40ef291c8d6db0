using CsCheck;
using Tapline.Core.Model;
using Tapline.Core.Primitives;
using Tapline.Core.Rules;

namespace Tapline.Tests.Rules;

/// <summary>Whatever is asked for in whatever order, what holds of every Topology holds.</summary>
public sealed class RandomRequestTests
{
    private static readonly string[] Cidrs =
        ["10.0.0.0/29", "10.0.0.8/29", "10.0.1.0/28", "10.0.0.0/16", "172.24.4.0/24", "2001:db8::/64", "2001:db8:1::/64"];

    [Fact]
    public void No_address_is_given_twice_and_the_indexes_tell_the_truth() =>
        Gen.Select(Gen.Int[0, 13], Gen.Int[0, 1000], Gen.Int[0, 1000]).Array[1, 60].Sample(steps =>
        {
            var bench = new RuleBench();
            bench.Register("h1");
            foreach (var (kind, first, second) in steps)
            {
                Step(bench, kind, first, second);
                RequireSound(bench.Topology);
            }
        }, iter: 300);

    private static void Step(RuleBench bench, int kind, int first, int second)
    {
        var topology = bench.Topology;
        var network = Pick(topology.Networks.Values, network => network.Id, first);
        var subnet = Pick(topology.Subnets.Values, subnet => subnet.Id, second);
        var port = Pick(topology.Ports.Values, port => port.Id, first);
        var router = Pick(topology.Routers.Values, router => router.Id, first);
        var floatingIp = Pick(topology.FloatingIps.Values, floatingIp => floatingIp.Id, second);
        var group = Pick(topology.SecurityGroups.Values, group => group.Id, first);
        var instance = Pick(topology.Instances.Values, instance => instance.Id, first);
        _ = kind switch
        {
            0 => Refused(bench, draft => NetworkRules.Create(draft, new NetworkRequest { External = first % 3 == 0 })),
            1 when network is not null => Refused(bench, draft => SubnetRules.Create(draft,
                RuleBench.Request(network, Cidrs[second % Cidrs.Length]) with
                {
                    EnableDhcp = first % 2 == 0,
                    Ipv6AddressMode = second % Cidrs.Length > 4 && first % 2 == 0 ? first % 4 == 0 ? "slaac" : "dhcpv6-stateful" : null,
                })),
            2 or 3 when network is not null => Refused(bench, draft => PortRules.Create(draft, new PortRequest { NetworkId = network.Id })),
            4 when port is not null && subnet is not null => Refused(bench, draft => PortRules.Update(draft, port.Id, new PortRequest
            {
                FixedIps = new ValueList<FixedIpRequest>([new FixedIpRequest(subnet.Id, null), new FixedIpRequest(subnet.Id, null)]),
            })),
            5 when port is not null => Refused(bench, draft => PortRules.Delete(draft, port.Id)),
            6 when subnet is not null => Refused(bench, draft => first % 2 == 0
                ? SubnetRules.Delete(draft, subnet.Id)
                : SubnetRules.Update(draft, subnet.Id, new SubnetRequest { EnableDhcp = first % 4 == 1 })),
            7 when network is not null && first % 5 == 0 => Refused(bench, draft => NetworkRules.Delete(draft, network.Id)),
            8 => Refused(bench, draft => RouterRules.Create(draft, Gateway(network))),
            9 when router is not null => Refused(bench, draft => second % 4 == 0
                ? RouterRules.Delete(draft, router.Id)
                : RouterRules.Update(draft, router.Id, Gateway(network))),
            10 when router is not null && subnet is not null => Refused(bench, draft => first % 4 == 0
                ? RouterInterfaces.Remove(draft, router.Id, new InterfaceRequest { SubnetId = subnet.Id })
                : RouterInterfaces.Add(draft, router.Id, new InterfaceRequest { SubnetId = subnet.Id })),
            11 when network is not null => Refused(bench, draft => FloatingIpRules.Create(draft,
                new FloatingIpRequest { FloatingNetworkId = network.Id, PortId = second % 2 == 0 ? port?.Id : null })),
            12 when floatingIp is not null => Refused(bench, draft => second % 3 == 0
                ? FloatingIpRules.Delete(draft, floatingIp.Id)
                : FloatingIpRules.Update(draft, floatingIp.Id, new FloatingIpRequest { PortId = port?.Id })),
            13 => Refused(bench, draft => instance is not null && first % 2 == 0
                ? InstanceRules.Delete(draft, instance.Id)
                : InstanceRules.Create(draft, new InstanceRequest
                {
                    NetworkIds = network is null ? [] : [network.Id],
                    PortIds = port is null || second % 2 == 0 ? [] : [port.Id],
                })),
            _ => group is not null,
        };
    }

    private static bool Refused<T>(RuleBench bench, Func<Draft, T?> rule)
        where T : class => !bench.Try(RuleBench.Admin, rule).IsOk;

    private static RouterRequest Gateway(Network? network) =>
        new() { Gateway = network is { External: true } ? new GatewayRequest { NetworkId = network.Id } : null };

    private static T? Pick<T, TKey>(IEnumerable<T> items, Func<T, TKey> key, int which)
        where T : class
    {
        var all = items.OrderBy(key).ToList();
        return all.Count == 0 ? null : all[which % all.Count];
    }

    private static void RequireSound(Topology topology)
    {
        var addresses = topology.Ports.Values.SelectMany(port => port.FixedIps, (port, fixedIp) => (port.NetworkId, fixedIp.Address)).ToList();
        Assert.Equal(addresses.Count, addresses.Distinct().Count());
        Assert.Equal(addresses.Count, topology.Indexes.PortByAddress.Count);
        Assert.Equal(addresses.Count, topology.Indexes.AddressesBySubnet.Sum(pair => pair.Value.Count));
        foreach (var port in topology.Ports.Values)
        {
            Assert.All(port.FixedIps, fixedIp => Assert.True(topology.Subnets[fixedIp.SubnetId].Cidr.Contains(fixedIp.Address)
                && topology.Subnets[fixedIp.SubnetId].NetworkId == port.NetworkId
                && topology.Indexes.PortByAddress[(port.NetworkId, fixedIp.Address)] == port.Id));
            Assert.Equal(port.Id, topology.Indexes.PortByMac[(port.NetworkId, port.Mac)]);
            Assert.All(port.SecurityGroups, group => Assert.True(topology.SecurityGroups.ContainsKey(group)));
        }

        foreach (var subnet in topology.Subnets.Values)
        {
            Assert.True(topology.Networks.ContainsKey(subnet.NetworkId));
            Assert.DoesNotContain(topology.SubnetsOf(subnet.NetworkId), other => other.Id != subnet.Id && other.Cidr.Overlaps(subnet.Cidr));
        }

        foreach (var floatingIp in topology.FloatingIps.Values)
        {
            Assert.Equal(floatingIp.FloatingAddress, topology.Ports[floatingIp.FloatingPortId].FixedIps.Single().Address);
            Assert.Equal(floatingIp.PortId is null, floatingIp.RouterId is null);
            Assert.True(floatingIp.PortId is not { } port || topology.Ports[port].FixedIps.Any(x => x.Address == floatingIp.FixedAddress));
        }

        foreach (var router in topology.Routers.Values)
        {
            var legs = RouterLegs.All(topology, router).Select(leg => leg.Subnet).Distinct().ToList();
            Assert.All(legs, leg => Assert.DoesNotContain(legs, other => other != leg && other.Cidr.Overlaps(leg.Cidr)));
        }

        Assert.All(topology.Instances.Values, instance => Assert.All(instance.PortIds, port => Assert.True(topology.Ports.ContainsKey(port))));
        Assert.All(topology.Networks.Values, network => Assert.True(
            topology.PortsOf(network.Id).Count(port => port.DeviceOwner == DeviceOwner.Dhcp) <= 1));
    }
}

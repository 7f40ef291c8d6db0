using CsCheck;
using Tapline.Core.Model;
using Tapline.Core.Primitives;
using Tapline.Core.Rules;

namespace Tapline.Tests.Rules;

/// <summary>Which addresses subnets hold and ports get.</summary>
public sealed class AllocationTests
{
    [Theory]
    [InlineData("10.0.0.0/24", "10.0.0.1", "10.0.0.2-10.0.0.254")]
    [InlineData("10.0.0.0/30", "10.0.0.1", "10.0.0.2-10.0.0.2")]
    [InlineData("10.0.0.0/31", "10.0.0.0", "10.0.0.1-10.0.0.1")]
    [InlineData("10.0.0.7/32", "", "10.0.0.7-10.0.0.7")]
    [InlineData("2001:db8::/64", "2001:db8::1", "2001:db8::2-2001:db8::ffff:ffff:ffff:ffff")]
    [InlineData("2001:db8::/127", "2001:db8::", "2001:db8::1-2001:db8::1")]
    [InlineData("2001:db8::5/128", "", "2001:db8::5-2001:db8::5")]
    public void A_subnet_has_a_gateway_and_pools_by_default(string cidr, string gateway, string pools)
    {
        var bench = new RuleBench();
        var network = bench.Network();

        var subnet = bench.Do(draft => SubnetRules.Create(draft, RuleBench.Request(network, cidr) with { EnableDhcp = false }));

        Assert.Equal(gateway, subnet.GatewayIp?.ToString() ?? "");
        Assert.Equal(pools, string.Join(' ', subnet.AllocationPools));
    }

    [Fact]
    public void A_gateway_in_the_middle_splits_the_pool()
    {
        var bench = new RuleBench();
        var network = bench.Network();

        var subnet = bench.Do(draft => SubnetRules.Create(draft,
            RuleBench.Request(network, "10.0.0.0/24") with { GatewayIp = IpAddress.Parse("10.0.0.100") }));

        Assert.Equal("10.0.0.1-10.0.0.99 10.0.0.101-10.0.0.254", string.Join(' ', subnet.AllocationPools));
    }

    [Fact]
    public void The_first_free_address_is_the_one_that_counting_finds()
    {
        var used = Gen.Byte.HashSet[0, 256];
        Gen.Select(used, Gen.Int[0, 255], Gen.Int[0, 255]).Sample((addresses, one, other) =>
        {
            var (first, last) = (Math.Min(one, other), Math.Max(one, other));
            var network = Id<Network>.Parse("00000000-0000-0000-0000-000000000001");
            var subnet = new Subnet
            {
                Id = Id<Subnet>.Parse("00000000-0000-0000-0000-000000000002"),
                NetworkId = network,
                ProjectId = "",
                Cidr = IpPrefix.Parse("10.0.0.0/24"),
                AllocationPools = [new IpRange(Address(first), Address(last))],
            };
            var topology = Topology.Empty.Put(new Port
            {
                Id = Id<Port>.Parse("00000000-0000-0000-0000-000000000003"),
                NetworkId = network,
                ProjectId = "",
                Mac = default,
                FixedIps = addresses.Select(address => new FixedIp(subnet.Id, Address(address))).ToValueList(),
            });

            var counted = Enumerable.Range(first, last - first + 1).Where(address => !addresses.Contains((byte)address)).ToList();
            Assert.Equal(counted.Count > 0 ? Address(counted[0]) : null, AddressAllocation.FirstFree(topology, subnet));
        });

        static IpAddress Address(int last) => IpAddress.Parse("10.0.0.0").Plus((UInt128)last);
    }

    [Fact]
    public void A_subnet_gives_each_of_its_addresses_once_and_then_no_more()
    {
        var bench = new RuleBench();
        var network = bench.Network();
        bench.Subnet(network, "10.0.0.0/28");

        var addresses = Enumerable.Range(0, 12).Select(_ => bench.Port(network).FixedIps[0].Address).ToList();
        var refused = bench.Try(RuleBench.Red, draft => PortRules.Create(draft, new PortRequest { NetworkId = network.Id }));

        Assert.Equal(12, addresses.Distinct().Count());
        Assert.Equal("IpAddressGenerationFailure", refused.Rejections[0].Type);
    }

    [Fact]
    public void A_port_gets_one_address_of_each_family()
    {
        var bench = new RuleBench();
        var network = bench.Network();
        bench.Subnet(network, "10.0.0.0/24");
        bench.Subnet(network, "10.0.1.0/24");
        bench.Do(draft => SubnetRules.Create(draft, RuleBench.Request(network, "2001:db8::/64") with { Ipv6AddressMode = "slaac" }));

        var port = bench.Port(network);

        Assert.Equal(2, port.FixedIps.Count);
        Assert.Equal("10.0.0.3", port.FixedIps[0].Address.ToString());
        Assert.Equal(AddressAllocation.Eui64(IpPrefix.Parse("2001:db8::/64"), port.Mac), port.FixedIps[1].Address);
    }

    [Fact]
    public void The_dhcp_port_follows_the_subnets()
    {
        var bench = new RuleBench();
        var network = bench.Network();
        var first = bench.Subnet(network, "10.0.0.0/24");
        var second = bench.Subnet(network, "10.0.1.0/24");
        Assert.Equal(["10.0.0.2", "10.0.1.2"], Dhcp().FixedIps.Select(fixedIp => fixedIp.Address.ToString()));

        bench.Do(draft => SubnetRules.Update(draft, first.Id, new SubnetRequest { EnableDhcp = false }));
        Assert.Equal(["10.0.1.2"], Dhcp().FixedIps.Select(fixedIp => fixedIp.Address.ToString()));

        bench.Do(draft => SubnetRules.Delete(draft, second.Id));
        Assert.Empty(bench.Topology.Ports);

        Port Dhcp() => Assert.Single(bench.Topology.Ports.Values);
    }

    [Fact]
    public void Helper_ports_wait_for_the_first_host()
    {
        var bench = new RuleBench();
        bench.Subnet(bench.Network(), "10.0.0.0/24");
        Assert.Null(bench.Topology.Ports.Values.Single().HostId);

        bench.Register("h1");

        Assert.Equal("h1", bench.Topology.Ports.Values.Single().HostId);
    }
}

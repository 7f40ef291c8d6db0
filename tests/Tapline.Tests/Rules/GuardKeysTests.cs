using Tapline.Core.Model;
using Tapline.Core.Primitives;
using Tapline.Core.Rules;
using Tapline.Tests.Clouds;

namespace Tapline.Tests.Rules;

public sealed class GuardKeysTests
{
    private static readonly Network Net = Sample.Network(1);
    private static readonly Subnet Subnet = Sample.Subnet(1, Net);
    private static readonly SecurityGroup Group = Sample.Group(1);
    private static readonly Topology Before = Topology.Of([Net, Subnet, Group]);

    [Fact]
    public void A_new_port_claims_its_addresses_and_relies_on_what_it_refers_to()
    {
        var port = Sample.Port(7, Subnet) with { SecurityGroups = [Group.Id] };

        var guards = GuardKeys.Of(Before, TopologyChange.None.Put(port));

        Assert.Equal([port.Key, Net.Key, Subnet.Key, Group.Key], guards.Seen);
        Assert.Equal([$"address/{Net.Id}/10.1.0.7", $"mac/{Net.Id}/fa:16:3e:00:00:07"], guards.Taken.Select(claim => claim.Name));
        Assert.Empty(guards.Released);
    }

    [Fact]
    public void A_removed_port_releases_its_claims()
    {
        var port = Sample.Port(7, Subnet);

        var guards = GuardKeys.Of(Before.Put(port), TopologyChange.None.Remove(port.Key));

        Assert.Equal([port.Key], guards.Seen);
        Assert.Empty(guards.Taken);
        Assert.Equal([$"address/{Net.Id}/10.1.0.7", $"mac/{Net.Id}/fa:16:3e:00:00:07"], guards.Released.Select(claim => claim.Name));
    }

    [Fact]
    public void A_changed_port_claims_only_what_is_new_to_it()
    {
        var port = Sample.Port(7, Subnet);
        var moved = port with { Name = "new", FixedIps = [new FixedIp(Subnet.Id, IpAddress.Parse("10.1.0.9"))] };

        var guards = GuardKeys.Of(Before.Put(port), TopologyChange.None.Put(moved));

        Assert.Equal([port.Key], guards.Seen);
        Assert.Equal([$"address/{Net.Id}/10.1.0.9"], guards.Taken.Select(claim => claim.Name));
        Assert.Equal([$"address/{Net.Id}/10.1.0.7"], guards.Released.Select(claim => claim.Name));
    }

    [Fact]
    public void An_address_that_passes_from_port_to_port_in_one_change_stays_claimed()
    {
        var old = Sample.Port(7, Subnet);
        var heir = Sample.Port(8, Subnet) with { FixedIps = old.FixedIps };

        var guards = GuardKeys.Of(Before.Put(old), TopologyChange.None.Remove(old.Key).Put(heir));

        Assert.Equal([$"mac/{Net.Id}/fa:16:3e:00:00:08"], guards.Taken.Select(claim => claim.Name));
        Assert.Equal([$"mac/{Net.Id}/fa:16:3e:00:00:07"], guards.Released.Select(claim => claim.Name));
    }

    [Fact]
    public void What_is_made_in_the_same_change_is_no_parent_that_must_exist()
    {
        var network = Sample.Network(2);
        var subnet = Sample.Subnet(2, network);

        var guards = GuardKeys.Of(Before, TopologyChange.None.Put(network, subnet));

        Assert.Equal([network.Key, subnet.Key], guards.Seen);
    }

    [Fact]
    public void A_rule_relies_on_both_its_groups()
    {
        var remote = Sample.Group(2);
        var rule = Sample.Rule(1, Group, remote);

        var guards = GuardKeys.Of(Before.Put(remote), TopologyChange.None.Put(rule));

        Assert.Equal([rule.Key, Group.Key, remote.Key], guards.Seen);
    }

    [Fact]
    public void A_router_interface_relies_on_its_router()
    {
        var router = Sample.Router(1);
        var port = Sample.Port(7, Subnet, owner: DeviceOwner.RouterInterface, device: router.Id.ToString());

        var guards = GuardKeys.Of(Before.Put(router), TopologyChange.None.Put(port));

        Assert.Contains(router.Key, guards.Seen);
    }
}

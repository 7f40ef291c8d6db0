using Tapline.Agent;
using Tapline.Core.Host;
using Tapline.Core.Model;
using Tapline.Core.Planning;
using Tapline.Core.Primitives;
using Tapline.Tests.Clouds;

namespace Tapline.Tests.Hosts;

/// <summary>What the properties, or a reader, found once.</summary>
public sealed class FoundCases
{
    private static readonly Network Red = Sample.Network(1);
    private static readonly Network Blue = Sample.Network(2);
    private static readonly Subnet RedSubnet = Sample.Subnet(1, Red);
    private static readonly Subnet BlueSubnet = Sample.Subnet(2, Blue);
    private static readonly Port First = Sample.Port(1, RedSubnet, "h1");
    private static readonly Port Second = Sample.Port(2, BlueSubnet, "h1");
    private static readonly Topology Cloud = Topology.Of(
    [
        Red, Blue, RedSubnet, BlueSubnet,
        new Core.Model.Host { Name = "h1", ProjectId = "", BridgeMappings = [new BridgeMapping("physnet1", "br-eth1", "eth1")] },
    ]);

    private readonly Bench _bench = new();

    [Fact]
    public void A_port_may_move_from_one_instance_to_another()
    {
        var one = new Instance { Id = Sample.Id<Instance>(1), ProjectId = Sample.Project, HostId = "h1", PortIds = [First.Id] };
        Converge(Cloud.Put(First).Put(one));

        Converge(Cloud.Put(First).Put(one with { Id = Sample.Id<Instance>(2) }));
    }

    [Fact]
    public void An_instance_may_lose_its_first_port()
    {
        var instance = new Instance { Id = Sample.Id<Instance>(1), ProjectId = Sample.Project, HostId = "h1", PortIds = [First.Id, Second.Id] };
        Converge(Cloud.Put(First).Put(Second).Put(instance));

        Converge(Cloud.Put(Second).Put(instance with { PortIds = [Second.Id] }));
    }

    /// <summary>The client of the first port died with its device, or slept on with its lease: the next device of that name had no address.</summary>
    [Fact]
    public void A_dhcp_client_is_started_anew_on_another_device_of_its_name()
    {
        var instance = new Instance { Id = Sample.Id<Instance>(1), ProjectId = Sample.Project, HostId = "h1", PortIds = [First.Id, Second.Id] };
        Converge(Cloud.Put(First).Put(Second).Put(instance));

        var result = _bench.Reconcile(Cloud.Put(Second).Put(instance with { PortIds = [Second.Id] }));

        Assert.Contains(result.Changes, change => change is { Before: HostItem.Process { Running: false }, After: HostItem.Process { Name: "dhcp-eth0" } });
    }

    /// <summary>Its number was planned and could not be read back: with each reconcile the flows changed.</summary>
    [Fact]
    public void A_network_with_nothing_but_dead_ports_needs_no_local_vlan()
    {
        Converge(Cloud.Put(First).Put(Second));

        Converge(Cloud.Put(Second with { AdminStateUp = false }));

        Assert.Empty(_bench.Sticky.Vlans);
    }

    [Fact]
    public void A_router_that_is_down_and_a_dhcp_port_without_a_subnet_need_none_either()
    {
        var router = Sample.Router(1) with { AdminStateUp = false };
        var leg = Sample.Port(3, RedSubnet, "h1", DeviceOwner.RouterInterface, router.Id.ToString());
        var dhcp = Sample.Port(4, BlueSubnet, "h1", DeviceOwner.Dhcp, "dhcp");

        Converge(Cloud.Put(BlueSubnet with { EnableDhcp = false }).Put(router).Put(leg).Put(dhcp));

        Assert.DoesNotContain(_bench.Host.State.OfType<HostItem.OvsPort>(), port => port.Tag is not null && port.Bridge == Names.IntegrationBridge);
    }

    [Fact]
    public void A_vlan_set_by_hand_does_not_join_two_networks()
    {
        var cloud = Cloud.Put(First).Put(Second);
        Converge(cloud);
        _bench.Host.Put(PlugOf(First) with { Tag = PlugOf(Second).Tag });

        Converge(cloud);

        Assert.NotEqual(PlugOf(First).Tag, PlugOf(Second).Tag);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4095)]
    [InlineData(9)]
    public void A_vlan_set_by_hand_on_one_port_of_many_is_set_back(int tag)
    {
        var cloud = Cloud.Put(First).Put(Sample.Port(5, RedSubnet, "h1")).Put(Sample.Port(6, RedSubnet, "h1"));
        Converge(cloud);
        var before = PlugOf(First).Tag;
        _bench.Host.Put(PlugOf(First) with { Tag = tag });

        Converge(cloud);

        Assert.Equal(before, PlugOf(First).Tag);
    }

    [Fact]
    public void A_zone_is_never_two_ports()
    {
        var cloud = Cloud.Put(First).Put(Second);
        Converge(cloud);
        _bench.Host.Put(PlugOf(First) with { ExternalIds = PlugOf(First).ExternalIds.Select(id => id.Name == Sticky.ZoneKey ? id with { Value = "2" } : id).ToValueList() });

        Converge(cloud);

        Assert.NotEqual(PlugOf(First).ExternalId(Sticky.ZoneKey), PlugOf(Second).ExternalId(Sticky.ZoneKey));
    }

    [Fact]
    public void The_vlan_of_a_foreign_port_on_the_integration_bridge_is_not_free()
    {
        Converge(Cloud);
        _bench.PutForeign(new HostItem.OvsPort { Name = "capture0", Bridge = Names.IntegrationBridge, Tag = 1 });

        Converge(Cloud.Put(First));

        Assert.Equal(2, PlugOf(First).Tag);
    }

    [Fact]
    public void Patches_to_bridges_with_long_names_that_begin_alike_are_two()
    {
        Assert.Equal("int-br-eth1", Names.PatchOfIntegration("br-eth1"));
        Assert.Equal("phy-br-physnet1", Names.PatchOfProvider("br-physnet1"));
        Assert.Equal(15, Names.PatchOfIntegration("br-provider1").Length);
        Assert.NotEqual(Names.PatchOfIntegration("br-provider1"), Names.PatchOfIntegration("br-provider2"));
    }

    /// <summary>Its TAP, once set, was taken for ours, and left out of the next plan.</summary>
    [Fact]
    public void A_hypervisors_tap_is_plugged_and_stays_the_hypervisors()
    {
        var tap = new ItemKey(ItemKind.Link, "", Names.Tap(First.Id));
        Converge(Cloud.Put(First));
        _bench.Host.Put(new HostItem.Link { Name = tap.Name, Kind = LinkKind.Foreign, Up = false });

        Converge(Cloud.Put(First));

        var plugged = Assert.IsType<HostItem.Link>(_bench.Host.State.Find(tap));
        Assert.Equal((Names.Qbr(First.Id), "", true), (plugged.Master, plugged.Owner, plugged.Up));
        Converge(Cloud);
        Assert.Equal("", Assert.IsType<HostItem.Link>(_bench.Host.State.Find(tap)).Master);
    }

    [Fact]
    public void A_port_that_goes_down_is_set_dead_though_the_firewall_fails()
    {
        Converge(Cloud.Put(First));
        _bench.Host.FailIn(1);

        var result = _bench.Reconcile(Cloud.Put(First with { AdminStateUp = false }));

        Assert.Equal("nft-set bridge addresses4", Assert.Single(result.Failures, failure => failure.Error.EndsWith("told to fail", StringComparison.Ordinal)).Item);
        Assert.Equal(LocalIds.DeadVlan, PlugOf(First).Tag);
    }

    /// <summary>A veth that was made and not yet marked when the agent died is taken over.</summary>
    [Fact]
    public void An_unmarked_patch_cable_of_the_right_shape_is_adopted()
    {
        _bench.Host.Put(new HostItem.Link { Name = Names.Qvb(First.Id), Kind = LinkKind.Veth, Peer = new LinkEnd("", Names.Qvo(First.Id)) });
        _bench.Host.Put(new HostItem.Link { Name = Names.Qvo(First.Id), Kind = LinkKind.Veth, Peer = new LinkEnd("", Names.Qvb(First.Id)) });

        Converge(Cloud.Put(First));
    }

    private HostItem.OvsPort PlugOf(Port port) =>
        Assert.IsType<HostItem.OvsPort>(_bench.Host.State.Find(new ItemKey(ItemKind.OvsPort, "", Names.Qvo(port.Id))));

    private void Converge(Topology topology)
    {
        Assert.Empty(_bench.Reconcile(topology).Failures);
        _bench.Reconcile(topology, Aspects.None);
        _bench.RequireRight(topology);
        Assert.Empty(_bench.Reconcile(topology).Changes);
    }
}

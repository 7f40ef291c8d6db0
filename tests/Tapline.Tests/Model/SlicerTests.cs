using System.Text;
using System.Text.Json;
using Tapline.Core.Model;
using Tapline.Core.Primitives;
using Tapline.Tests.Clouds;

namespace Tapline.Tests.Model;

public sealed class SlicerTests
{
    // Host h1: a tenant's router, its DHCP and an instance. Host h2: another instance of the same tenant, one of another project.
    private static readonly Network External = Sample.Network(100) with { External = true };
    private static readonly Subnet ExternalSubnet = Sample.Subnet(100, External);
    private static readonly Network Tenant = Sample.Network(1);
    private static readonly Subnet TenantSubnet = Sample.Subnet(1, Tenant);
    private static readonly Subnet SecondSubnet = Sample.Subnet(2, Tenant);
    private static readonly Network Other = Sample.Network(3);
    private static readonly Subnet OtherSubnet = Sample.Subnet(3, Other);

    private static readonly SecurityGroup Web = Sample.Group(1);
    private static readonly SecurityGroup Clients = Sample.Group(2);
    private static readonly SecurityGroup Strangers = Sample.Group(3);
    private static readonly SecurityGroupRule FromClients = Sample.Rule(1, Web, Clients);
    private static readonly SecurityGroupRule OfStrangers = Sample.Rule(2, Strangers);
    private static readonly SecurityGroupRule OfClients = Sample.Rule(3, Clients);

    private static readonly Port Gateway = Sample.Port(10, ExternalSubnet, "h1", DeviceOwner.RouterGateway, Sample.Id<Router>(1).ToString());
    private static readonly Router Router = Sample.Router(1, Gateway);
    private static readonly Port Leg = Sample.Port(1, TenantSubnet, "h1", DeviceOwner.RouterInterface, Router.Id.ToString());
    private static readonly Port Dhcp = Sample.Port(2, TenantSubnet, "h1", DeviceOwner.Dhcp, "dhcp");
    private static readonly Port Here = Sample.Port(5, TenantSubnet, "h1") with { SecurityGroups = [Web.Id] };
    private static readonly Port There = Sample.Port(6, TenantSubnet, "h2");
    private static readonly Port Client = Sample.Port(7, OtherSubnet, "h2") with { SecurityGroups = [Clients.Id] };
    private static readonly Port Stranger = Sample.Port(8, OtherSubnet, "h2") with { SecurityGroups = [Strangers.Id] };
    private static readonly Port Helper = Sample.Port(11, ExternalSubnet, null, DeviceOwner.FloatingIp, "fip");

    private static readonly FloatingIp Floating = new()
    {
        Id = Sample.Id<FloatingIp>(1),
        ProjectId = Sample.Project,
        FloatingNetworkId = External.Id,
        FloatingAddress = Helper.FixedIps[0].Address,
        FloatingPortId = Helper.Id,
        PortId = There.Id,
        FixedAddress = There.FixedIps[0].Address,
        RouterId = Router.Id,
    };

    private static readonly Instance Guest = new() { Id = Sample.Id<Instance>(1), ProjectId = Sample.Project, HostId = "h1", PortIds = [Here.Id] };
    private static readonly Host H1 = new() { Name = "h1", ProjectId = "" };
    private static readonly Host H2 = new() { Name = "h2", ProjectId = "" };

    private static readonly Topology All = Topology.Of(
    [
        External, ExternalSubnet, Tenant, TenantSubnet, SecondSubnet, Other, OtherSubnet, Web, Clients, Strangers, FromClients, OfStrangers,
        OfClients, Gateway, Router, Leg, Dhcp, Here, There, Client, Stranger, Helper, Floating, Guest, H1, H2,
        new HostReport { Name = "h1", ProjectId = "" }, new Quota { ProjectId = Sample.Project },
    ]) with
    { Revision = new Revision(42) };

    [Fact]
    public void The_gateway_host_gets_its_routers_whole_with_floating_ips_and_their_targets()
    {
        var slice = Slicer.Of(All, "h1", "store");

        Assert.True(slice.Complete);
        Assert.Equal(42, slice.Revision.Value);
        Assert.Equal([H1], slice.Hosts);
        Assert.Equal([Tenant, External], slice.Networks);
        Assert.Equal([TenantSubnet, SecondSubnet, ExternalSubnet], slice.Subnets);
        Assert.Equal([Router], slice.Routers);
        Assert.Equal([Floating], slice.FloatingIps);
        Assert.Equal([Guest], slice.Instances);
        Assert.Equal([Leg, Dhcp, Here, There, Client, Gateway, Helper], slice.Ports);
    }

    [Fact]
    public void Security_groups_come_with_their_rules_and_the_members_of_the_groups_they_refer_to()
    {
        var slice = Slicer.Of(All, "h1", "store");

        Assert.Equal([Web, Clients], slice.SecurityGroups);
        Assert.Equal([FromClients], slice.SecurityGroupRules);
        Assert.Contains(Client, slice.Ports);
        Assert.DoesNotContain(Other, slice.Networks);
    }

    [Fact]
    public void A_compute_host_gets_nothing_of_routers_and_ports_elsewhere()
    {
        var slice = Slicer.Of(All, "h2", "store");

        Assert.Equal([There, Client, Stranger], slice.Ports);
        Assert.Equal([Tenant, Other], slice.Networks);
        Assert.Empty(slice.Routers);
        Assert.Empty(slice.FloatingIps);
        Assert.Empty(slice.Instances);
        Assert.Equal([Clients, Strangers], slice.SecurityGroups);
        Assert.Equal([OfStrangers, OfClients], slice.SecurityGroupRules);
    }

    [Fact]
    public void A_host_without_ports_gets_itself_alone()
    {
        var slice = Slicer.Of(All.Put(new Host { Name = "h3", ProjectId = "" }), "h3", "store");

        Assert.Equal("h3", Assert.Single(slice.Hosts).Name);
        Assert.Equal([slice.Hosts[0]], slice.ToTopology().All);
    }

    [Fact]
    public void A_group_may_refer_to_itself()
    {
        var topology = All.Put(Sample.Rule(9, Clients, Clients));

        var slice = Slicer.Of(topology, "h2", "store");

        Assert.Contains(Client, slice.Ports);
        Assert.Equal([Clients, Strangers], slice.SecurityGroups);
    }

    [Fact]
    public void A_slice_is_the_same_after_its_way_over_the_wire()
    {
        var slice = Slicer.Of(All, "h1", "store");

        var json = JsonSerializer.SerializeToUtf8Bytes(slice, ModelJson.Default.Slice);
        var read = JsonSerializer.Deserialize(json, ModelJson.Default.Slice)!;

        Assert.True(Slicer.HaveSameContent(slice, read), Encoding.UTF8.GetString(json));
        Assert.Equal(slice.Revision, read.Revision);
    }

    [Fact]
    public void A_slice_of_a_slice_is_the_slice()
    {
        var slice = Slicer.Of(All, "h1", "store");

        var again = Slicer.Of(slice.ToTopology(), "h1", "store");

        Assert.True(Slicer.HaveSameContent(slice, again));
    }

    [Fact]
    public void Content_is_compared_without_the_revision()
    {
        var slice = Slicer.Of(All, "h1", "store");

        Assert.True(Slicer.HaveSameContent(slice, Slicer.Of(All with { Revision = new Revision(43) }, "h1", "store")));
        Assert.False(Slicer.HaveSameContent(slice, Slicer.Of(All.Put(Here with { Name = "new" }), "h1", "store")));
        Assert.False(Slicer.HaveSameContent(slice, Slicer.Of(All.Remove(Client.Key), "h1", "store")));
        Assert.True(Slicer.HaveSameContent(slice, Slicer.Of(All.Remove(Stranger.Key), "h1", "store")));
    }

    [Fact]
    public void Reports_and_quotas_are_no_inputs()
    {
        Assert.True(Slicer.HaveSameInputs(All, All.Put(new HostReport { Name = "h1", ProjectId = "", Changes = 1 })));
        Assert.True(Slicer.HaveSameInputs(All, All.Put(new Quota { ProjectId = "p" })));
        Assert.False(Slicer.HaveSameInputs(All, All.Put(Here with { Name = "new" })));
        Assert.False(Slicer.HaveSameInputs(All, All.Put(new Host { Name = "h3", ProjectId = "" })));
    }
}

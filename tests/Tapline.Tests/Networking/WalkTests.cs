using System.Text.Json;
using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Tests.Networking;

/// <summary>The ways that users go: a router to the outside, a floating IP, an instance; and what stands in whose way.</summary>
public sealed class WalkTests
{
    private readonly ApiClient _api = new();

    [Fact]
    public async Task A_tenant_reaches_the_outside_and_is_reached()
    {
        await _api.RegisterHostAsync("h1");
        var (external, externalSubnet) = await ExternalAsync();
        var (network, subnet) = await _api.MakeNetworkAsync(ApiClient.Red);
        var router = ApiClient.Id(await _api.MakeAsync(ApiClient.Red, "routers",
            $"{{'router': {{'name': 'r', 'external_gateway_info': {{'network_id': '{external}'}}}}}}"));
        var leg = await _api.PutAsync(ApiClient.Red, $"/v2.0/routers/{router}/add_router_interface", $"{{'subnet_id': '{subnet}'}}");
        var port = ApiClient.Id(await _api.MakeAsync(ApiClient.Red, "ports", $"{{'port': {{'network_id': '{network}'}}}}"));
        var floating = await _api.MakeAsync(ApiClient.Red, "floatingips",
            $"{{'floatingip': {{'floating_network_id': '{external}', 'port_id': '{port}'}}}}");

        Assert.Equal(200, leg.Status);
        Assert.Equal(subnet, leg.Body.GetProperty("subnet_id").GetString());
        Assert.Equal(subnet, leg.Body.GetProperty("subnet_ids")[0].GetString());
        var shown = (await _api.GetAsync(ApiClient.Red, $"/v2.0/routers/{router}")).Value;
        Assert.Equal("ACTIVE", shown.GetProperty("status").GetString());
        var gateway = shown.GetProperty("external_gateway_info");
        Assert.Equal(externalSubnet, gateway.GetProperty("external_fixed_ips")[0].GetProperty("subnet_id").GetString());
        Assert.True(gateway.GetProperty("enable_snat").GetBoolean());
        Assert.Equal("172.24.4.3", floating.GetProperty("floating_ip_address").GetString());
        Assert.Equal("10.0.0.3", floating.GetProperty("fixed_ip_address").GetString());
        Assert.Equal(router, floating.GetProperty("router_id").GetString());
        Assert.Equal("DOWN", floating.GetProperty("status").GetString());

        var floatingPath = $"/v2.0/floatingips/{ApiClient.Id(floating)}";
        await RefusedAsync(_api.PutAsync(ApiClient.Red, $"/v2.0/routers/{router}", "{'router': {'external_gateway_info': null}}"),
            409, "RouterExternalGatewayInUseByFloatingIp");
        await RefusedAsync(_api.PutAsync(ApiClient.Red, $"/v2.0/routers/{router}/remove_router_interface", $"{{'subnet_id': '{subnet}'}}"),
            409, "RouterInterfaceInUseByFloatingIP");
        await RefusedAsync(_api.DeleteAsync(ApiClient.Red, $"/v2.0/routers/{router}"), 409, "RouterInUse");
        await RefusedAsync(_api.DeleteAsync(ApiClient.Red, $"/v2.0/networks/{network}"), 409, "NetworkInUse");
        await RefusedAsync(_api.DeleteAsync(ApiClient.Red, $"/v2.0/subnets/{subnet}"), 409, "SubnetInUse");
        await RefusedAsync(_api.DeleteAsync(ApiClient.Red, $"/v2.0/ports/{leg.Body.GetProperty("port_id").GetString()}"),
            409, "ServicePortInUse");
        await RefusedAsync(_api.PutAsync(ApiClient.Red, $"/v2.0/subnets/{subnet}", "{'subnet': {'gateway_ip': null}}"), 409, "GatewayIpInUse");
        await RefusedAsync(_api.PostAsync(ApiClient.Red, "/v2.0/floatingips",
            $"{{'floatingip': {{'floating_network_id': '{external}', 'port_id': '{port}'}}}}"), 409, "FloatingIPPortAlreadyAssociated");

        var freed = await _api.PutAsync(ApiClient.Red, floatingPath, "{'floatingip': {'port_id': null}}");
        Assert.Equal(JsonValueKind.Null, freed.Value.GetProperty("router_id").ValueKind);
        Assert.Equal(200, (await _api.PutAsync(ApiClient.Red, floatingPath, $"{{'floatingip': {{'port_id': '{port}'}}}}")).Status);
        Assert.Equal(204, (await _api.DeleteAsync(ApiClient.Red, $"/v2.0/ports/{port}")).Status);
        Assert.Equal(JsonValueKind.Null, (await _api.GetAsync(ApiClient.Red, floatingPath)).Value.GetProperty("port_id").ValueKind);
        Assert.Equal(204, (await _api.DeleteAsync(ApiClient.Red, floatingPath)).Status);
        Assert.Equal(200, (await _api.PutAsync(ApiClient.Red, $"/v2.0/routers/{router}/remove_router_interface", $"{{'subnet_id': '{subnet}'}}")).Status);
        Assert.Equal(204, (await _api.DeleteAsync(ApiClient.Red, $"/v2.0/routers/{router}")).Status);
        Assert.Equal(204, (await _api.DeleteAsync(ApiClient.Red, $"/v2.0/networks/{network}")).Status);
        Assert.Equal(204, (await _api.DeleteAsync(ApiClient.Admin, $"/v2.0/networks/{external}")).Status);
        Assert.Empty(_api.Cloud.Current.Ports);
        Assert.Empty(_api.Cloud.Current.Subnets);
        Assert.Empty(_api.Cloud.Current.Indexes.PortByAddress);
        Assert.Empty(_api.Cloud.Current.Indexes.AddressesBySubnet);
    }

    [Fact]
    public async Task A_floating_ip_needs_a_router_between()
    {
        var (external, _) = await ExternalAsync();
        var (network, _) = await _api.MakeNetworkAsync(ApiClient.Red);
        var port = ApiClient.Id(await _api.MakeAsync(ApiClient.Red, "ports", $"{{'port': {{'network_id': '{network}'}}}}"));

        await RefusedAsync(_api.PostAsync(ApiClient.Red, "/v2.0/floatingips",
            $"{{'floatingip': {{'floating_network_id': '{external}', 'port_id': '{port}'}}}}"), 404, "ExternalGatewayForFloatingIPNotFound");
        Assert.Empty(_api.Cloud.Current.FloatingIps);
    }

    [Fact]
    public async Task Routes_lead_to_neighbours_of_the_router_alone()
    {
        var (_, subnet) = await _api.MakeNetworkAsync(ApiClient.Red);
        var router = ApiClient.Id(await _api.MakeAsync(ApiClient.Red, "routers", "{'router': {}}"));
        await _api.PutAsync(ApiClient.Red, $"/v2.0/routers/{router}/add_router_interface", $"{{'subnet_id': '{subnet}'}}");

        await RefusedAsync(RoutesAsync(router, "10.9.0.1"), 400, "InvalidRoutes");
        await RefusedAsync(RoutesAsync(router, "10.0.0.1"), 400, "InvalidRoutes");
        Assert.Equal(200, (await RoutesAsync(router, "10.0.0.7")).Status);
        await RefusedAsync(_api.PutAsync(ApiClient.Red, $"/v2.0/routers/{router}/remove_router_interface", $"{{'subnet_id': '{subnet}'}}"),
            409, "RouterInterfaceInUseByRoute");
    }

    [Fact]
    public async Task A_router_takes_no_two_subnets_that_overlap()
    {
        var (_, first) = await _api.MakeNetworkAsync(ApiClient.Red);
        var (_, second) = await _api.MakeNetworkAsync(ApiClient.Red, cidr: "10.0.0.0/16");
        var router = ApiClient.Id(await _api.MakeAsync(ApiClient.Red, "routers", "{'router': {}}"));
        var add = $"/v2.0/routers/{router}/add_router_interface";

        Assert.Equal(200, (await _api.PutAsync(ApiClient.Red, add, $"{{'subnet_id': '{first}'}}")).Status);
        await RefusedAsync(_api.PutAsync(ApiClient.Red, add, $"{{'subnet_id': '{first}'}}"), 400, "BadRequest");
        await RefusedAsync(_api.PutAsync(ApiClient.Red, add, $"{{'subnet_id': '{second}'}}"), 400, "BadRequest");
        await RefusedAsync(_api.PutAsync(ApiClient.Red, add, "{}"), 400, "BadRequest");
    }

    [Fact]
    public async Task A_port_is_active_when_its_host_says_so()
    {
        await _api.RegisterHostAsync("h1");
        var (network, _) = await _api.MakeNetworkAsync(ApiClient.Red);
        var port = ApiClient.Id(await _api.MakeAsync(ApiClient.Red, "ports", $"{{'port': {{'network_id': '{network}'}}}}"));
        var bound = await _api.PutAsync(ApiClient.Admin, $"/v2.0/ports/{port}", "{'port': {'binding:host_id': 'h1'}}");
        var failed = await _api.PutAsync(ApiClient.Admin, $"/v2.0/ports/{port}", "{'port': {'binding:host_id': 'nowhere'}}");
        await _api.PutAsync(ApiClient.Admin, $"/v2.0/ports/{port}", "{'port': {'binding:host_id': 'h1'}}");
        await ReportAsync(new HostReport { ProjectId = "", Name = "h1", ActivePorts = [Id<Port>.Parse(port)] });

        Assert.Equal("ovs", bound.Value.GetProperty("binding:vif_type").GetString());
        Assert.True(bound.Value.GetProperty("binding:vif_details").GetProperty("ovs_hybrid_plug").GetBoolean());
        Assert.Equal("DOWN", bound.Value.GetProperty("status").GetString());
        Assert.Equal("binding_failed", failed.Value.GetProperty("binding:vif_type").GetString());
        Assert.Equal("ACTIVE", (await _api.GetAsync(ApiClient.Red, $"/v2.0/ports/{port}")).Value.GetProperty("status").GetString());
    }

    [Fact]
    public async Task An_instance_takes_its_own_ports_with_it_and_leaves_the_users()
    {
        await RefusedAsync(_api.PostAsync(ApiClient.Red, "/tapline/v1/instances", "{'instance': {'name': 'i'}}"), 409, "NoHost");
        await _api.RegisterHostAsync("h1");
        var (network, _) = await _api.MakeNetworkAsync(ApiClient.Red);
        var given = ApiClient.Id(await _api.MakeAsync(ApiClient.Red, "ports", $"{{'port': {{'network_id': '{network}'}}}}"));

        var made = await _api.PostAsync(ApiClient.Red, "/tapline/v1/instances", $$"""
            {'instance': {'name': 'i', 'port_ids': ['{{given}}'], 'network_ids': ['{{network}}'],
             'ports': [{'network_id': '{{network}}', 'fixed_ips': [{'ip_address': '10.0.0.50'}] }] } }
            """);

        Assert.True(made.Status == 201, made.ToString());
        Assert.Equal(["10.0.0.3", "10.0.0.50", "10.0.0.4"],
            made.Value.GetProperty("addresses").EnumerateArray().Select(address => address.GetString()));
        Assert.Equal("h1", made.Value.GetProperty("host_id").GetString());
        Assert.Equal(3, _api.Cloud.Current.PortsOfDevice(ApiClient.Id(made.Value)).Count());
        await RefusedAsync(_api.PostAsync(ApiClient.Red, "/tapline/v1/instances", $"{{'instance': {{'port_ids': ['{given}']}}}}"), 409, "PortInUse");
        Assert.Equal(404, (await _api.GetAsync(ApiClient.Blue, $"/tapline/v1/instances/{ApiClient.Id(made.Value)}")).Status);
        Assert.Equal(204, (await _api.DeleteAsync(ApiClient.Red, $"/tapline/v1/instances/{ApiClient.Id(made.Value)}")).Status);
        var left = Assert.Single(_api.Cloud.Current.Ports.Values, port => port.DeviceOwner != DeviceOwner.Dhcp);
        Assert.Equal((given, "", null), (left.Id.ToString(), left.DeviceId, left.HostId));
    }

    [Fact]
    public async Task Quotas_are_kept_and_changed_by_administrators()
    {
        var denied = await _api.PutAsync(ApiClient.Red, "/v2.0/quotas/red", "{'quota': {'network': 1}}");
        var set = await _api.PutAsync(ApiClient.Admin, "/v2.0/quotas/red", "{'quota': {'network': 1}}");
        await _api.MakeAsync(ApiClient.Red, "networks", "{'network': {}}");

        Assert.Equal(403, denied.Status);
        Assert.Equal(1, set.Value.GetProperty("network").GetInt32());
        await RefusedAsync(_api.PostAsync(ApiClient.Red, "/v2.0/networks", "{'network': {}}"), 409, "OverQuota");
        var details = (await _api.GetAsync(ApiClient.Red, "/v2.0/quotas/red/details.json")).Value.GetProperty("network");
        Assert.Equal((1, 1), (details.GetProperty("limit").GetInt32(), details.GetProperty("used").GetInt32()));
        Assert.Equal(403, (await _api.GetAsync(ApiClient.Red, "/v2.0/quotas/blue")).Status);
        Assert.Equal(204, (await _api.DeleteAsync(ApiClient.Admin, "/v2.0/quotas/red")).Status);
        Assert.Equal(201, (await _api.PostAsync(ApiClient.Red, "/v2.0/networks", "{'network': {}}")).Status);
        Assert.Equal(100, (await _api.GetAsync(ApiClient.Red, "/v2.0/quotas/red/default")).Value.GetProperty("network").GetInt32());
    }

    [Fact]
    public async Task Agents_are_the_hosts()
    {
        await _api.RegisterHostAsync("h1");

        var agents = (await _api.GetAsync(ApiClient.Admin, "/v2.0/agents?host=h1")).Value;
        var one = await _api.GetAsync(ApiClient.Admin, $"/v2.0/agents/{ApiClient.Id(agents[0])}");

        Assert.Equal(3, agents.GetArrayLength());
        Assert.Equal("neutron-openvswitch-agent", one.Value.GetProperty("binary").GetString());
    }

    [Fact]
    public async Task The_default_group_is_there_and_stays()
    {
        var groups = await _api.GetAsync(ApiClient.Red, "/v2.0/security-groups");
        var id = ApiClient.Id(groups.Value[0]);

        Assert.Equal(4, groups.Value[0].GetProperty("security_group_rules").GetArrayLength());
        await RefusedAsync(_api.DeleteAsync(ApiClient.Red, $"/v2.0/security-groups/{id}"), 409, "SecurityGroupCannotRemoveDefault");
        await RefusedAsync(_api.PutAsync(ApiClient.Red, $"/v2.0/security-groups/{id}", "{'security_group': {'name': 'x'}}"),
            409, "SecurityGroupCannotUpdateDefault");
        Assert.Single((await _api.GetAsync(ApiClient.Red, "/v2.0/security-groups")).Names);
    }

    [Fact]
    public async Task A_group_in_use_stays_and_a_bulk_of_rules_is_whole()
    {
        var (network, _) = await _api.MakeNetworkAsync(ApiClient.Red);
        var group = ApiClient.Id(await _api.MakeAsync(ApiClient.Red, "security-groups", "{'security_group': {'name': 'web'}}"));
        var port = ApiClient.Id(await _api.MakeAsync(ApiClient.Red, "ports",
            $"{{'port': {{'network_id': '{network}', 'security_groups': ['{group}']}}}}"));
        var rule = $"'security_group_id': '{group}', 'direction': 'ingress', 'protocol': 'tcp'";

        await RefusedAsync(_api.PostAsync(ApiClient.Red, "/v2.0/security-group-rules", $$"""
            {'security_group_rules': [{ {{rule}}, 'port_range_min': 80, 'port_range_max': 80 }, { {{rule}}, 'port_range_min': '80', 'port_range_max': 80 }] }
            """), 409, "SecurityGroupRuleExists");
        Assert.Equal(2, _api.Cloud.Current.RulesOf(Id<SecurityGroup>.Parse(group)).Count());
        await RefusedAsync(_api.DeleteAsync(ApiClient.Red, $"/v2.0/security-groups/{group}"), 409, "SecurityGroupInUse");
        Assert.Equal(200, (await _api.PutAsync(ApiClient.Red, $"/v2.0/ports/{port}", "{'port': {'security_groups': []}}")).Status);
        Assert.Equal(204, (await _api.DeleteAsync(ApiClient.Red, $"/v2.0/security-groups/{group}")).Status);
    }

    [Fact]
    public async Task Port_security_goes_only_without_groups()
    {
        var (network, _) = await _api.MakeNetworkAsync(ApiClient.Red);
        var port = ApiClient.Id(await _api.MakeAsync(ApiClient.Red, "ports", $"{{'port': {{'network_id': '{network}'}}}}"));

        await RefusedAsync(_api.PutAsync(ApiClient.Red, $"/v2.0/ports/{port}", "{'port': {'port_security_enabled': false}}"),
            409, "PortSecurityPortHasSecurityGroup");
        Assert.Equal(200, (await _api.PutAsync(ApiClient.Red, $"/v2.0/ports/{port}",
            "{'port': {'port_security_enabled': false, 'security_groups': []}}")).Status);
    }

    [Fact]
    public async Task A_change_is_counted_and_so_is_one_below()
    {
        var network = ApiClient.Id(await _api.MakeAsync(ApiClient.Red, "networks", "{'network': {}}"));
        await _api.PutAsync(ApiClient.Red, $"/v2.0/networks/{network}", "{'network': {'name': 'x'}}");
        await _api.PutAsync(ApiClient.Red, $"/v2.0/networks/{network}", "{'network': {'name': 'x'}}");
        await _api.MakeSubnetAsync(ApiClient.Red, network, "10.0.0.0/24");

        var shown = (await _api.GetAsync(ApiClient.Red, $"/v2.0/networks/{network}")).Value;

        Assert.Equal(2, shown.GetProperty("revision_number").GetInt32());
    }

    private async Task<(string Network, string Subnet)> ExternalAsync() => await _api.MakeNetworkAsync(ApiClient.Admin,
        ", 'router:external': true, 'provider:network_type': 'flat', 'provider:physical_network': 'public'", "172.24.4.0/24") is var made
        && (await _api.PutAsync(ApiClient.Admin, $"/v2.0/subnets/{made.Subnet}", "{'subnet': {'enable_dhcp': false}}")).Status == 200
            ? made
            : throw new InvalidOperationException();

    private Task<Reply> RoutesAsync(string router, string nextHop) => _api.PutAsync(ApiClient.Red, $"/v2.0/routers/{router}",
        $"{{'router': {{'routes': [{{'destination': '192.168.0.0/24', 'nexthop': '{nextHop}'}}]}}}}");

    private async Task ReportAsync(HostReport report) => await _api.Cloud.CommitAsync(
        (_, _) => Result<Core.Rules.Outcome<HostReport>>.Ok(new(report, TopologyChange.None.Put(report))), CancellationToken.None);

    private static async Task RefusedAsync(Task<Reply> sent, int status, string type)
    {
        var reply = await sent;
        Assert.True(reply.Status == status, reply.ToString());
        Assert.Equal(type, reply.ErrorType);
    }
}

using System.Text.Json;

namespace Tapline.Tests.Networking;

/// <summary>What Neutron does beyond the plain words of its API, and its own tests hold every server to.</summary>
public sealed class NeutronHabitsTests
{
    private readonly ApiClient _api = new();

    [Theory]
    [InlineData("revision_number=0", 200)]
    [InlineData("revision_number=1", 412)]
    [InlineData("revision_number=-1", 412)]
    [InlineData("revision_number=x", 400)]
    [InlineData("x", 400)]
    public async Task A_change_can_be_bound_to_the_revision_that_was_seen(string ifMatch, int status)
    {
        var network = ApiClient.Id(await _api.MakeAsync(ApiClient.Red, "networks", "{'network': {}}"));

        var put = await _api.SendAsync(
            ApiClient.Red, "PUT", $"/v2.0/networks/{network}", "{'network': {'name': 'new'}}", ifMatch: ifMatch);
        var unseen = await _api.SendAsync(ApiClient.Blue, "DELETE", $"/v2.0/networks/{network}", null, ifMatch: "revision_number=7");
        var stale = await _api.SendAsync(ApiClient.Red, "DELETE", $"/v2.0/networks/{network}", null, ifMatch: "revision_number=7");

        Assert.Equal(status, put.Status);
        Assert.Equal(404, unseen.Status);
        Assert.Equal("RevisionNumberConstraintFailed", stale.ErrorType);
        Assert.Equal(200, (await _api.GetAsync(ApiClient.Red, $"/v2.0/networks/{network}")).Status);
    }

    [Fact]
    public async Task The_items_of_a_bulk_may_stand_under_the_name_of_one()
    {
        var reply = await _api.PostAsync(ApiClient.Red, "/v2.0/networks", "{'networks': [{'network': {'name': 'a'}}, {'name': 'b'}]}");

        Assert.Equal(["a", "b"], reply.Names);
    }

    [Fact]
    public async Task A_floating_ip_is_left_by_an_update_without_attributes_alone()
    {
        var (network, subnet, external) = await MakeRoutedAsync();
        var port = ApiClient.Id(await _api.MakeAsync(ApiClient.Red, "ports", $"{{'port': {{'network_id': '{network}'}}}}"));
        var floating = ApiClient.Id(await _api.MakeAsync(ApiClient.Red, "floatingips",
            $"{{'floatingip': {{'floating_network_id': '{external}', 'port_id': '{port}'}}}}"));
        var path = $"/v2.0/floatingips/{floating}";

        var described = await _api.PutAsync(ApiClient.Red, path, "{'floatingip': {'description': 'd', 'fixed_ip_address': null}}");
        var alone = await _api.PutAsync(ApiClient.Red, path, "{'floatingip': {'fixed_ip_address': '10.0.0.2'}}");
        var blank = await _api.PutAsync(ApiClient.Red, path, "{'floatingip': {}}");

        Assert.Equal(port, described.Value.GetProperty("port_id").GetString());
        Assert.Equal((400, "BadRequest"), (alone.Status, alone.ErrorType));
        Assert.Equal(JsonValueKind.Null, blank.Value.GetProperty("port_id").ValueKind);
        Assert.Equal("d", blank.Value.GetProperty("description").GetString());
    }

    [Fact]
    public async Task An_external_network_takes_floating_ips_along_that_nobody_uses()
    {
        var (network, _, external) = await MakeRoutedAsync();
        var (other, _) = await _api.MakeNetworkAsync(ApiClient.Admin, ", 'router:external': true", "203.0.113.0/24");
        var port = ApiClient.Id(await _api.MakeAsync(ApiClient.Red, "ports", $"{{'port': {{'network_id': '{network}'}}}}"));
        await _api.MakeAsync(ApiClient.Red, "floatingips",
            $"{{'floatingip': {{'floating_network_id': '{external}', 'port_id': '{port}'}}}}");
        await _api.MakeAsync(ApiClient.Red, "floatingips", $"{{'floatingip': {{'floating_network_id': '{other}'}}}}");

        Assert.Equal(409, (await _api.DeleteAsync(ApiClient.Admin, $"/v2.0/networks/{external}")).Status);
        Assert.Equal(204, (await _api.DeleteAsync(ApiClient.Admin, $"/v2.0/networks/{other}")).Status);
        var left = await _api.GetAsync(ApiClient.Red, "/v2.0/floatingips");
        Assert.Equal(external, Assert.Single(left.Value.EnumerateArray()).GetProperty("floating_network_id").GetString());
    }

    [Fact]
    public async Task A_routers_leg_moves_within_its_subnet_and_not_out_of_it()
    {
        var (network, subnet, _) = await MakeRoutedAsync();
        var second = await _api.MakeSubnetAsync(ApiClient.Red, network, "10.1.0.0/24");
        var legs = await _api.GetAsync(ApiClient.Red, "/v2.0/ports?device_owner=network:router_interface");
        var path = $"/v2.0/ports/{ApiClient.Id(Assert.Single(legs.Value.EnumerateArray()))}";

        var same = await _api.PutAsync(ApiClient.Red, path, FixedIps($"'subnet_id': '{subnet}'"));
        var moved = await _api.PutAsync(ApiClient.Red, path, FixedIps($"'subnet_id': '{subnet}', 'ip_address': '10.0.0.99'"));
        var left = await _api.PutAsync(ApiClient.Red, path, FixedIps($"'subnet_id': '{second}'"));
        var none = await _api.PutAsync(ApiClient.Red, path, "{'port': {'fixed_ips': []}}");

        Assert.Equal("10.0.0.1", AddressOf(same));
        Assert.Equal("10.0.0.99", AddressOf(moved));
        Assert.Equal((409, "ServicePortInUse"), (left.Status, left.ErrorType));
        Assert.Equal((409, "ServicePortInUse"), (none.Status, none.ErrorType));
    }

    [Fact]
    public async Task Rules_in_ones_own_group_are_seen_whoever_made_them()
    {
        var group = ApiClient.Id(await _api.MakeAsync(ApiClient.Red, "security-groups", "{'security_group': {'name': 'g'}}"));
        var rule = ApiClient.Id(await _api.MakeAsync(ApiClient.Admin, "security-group-rules", $"{{'security_group_rule': "
            + $"{{'security_group_id': '{group}', 'project_id': 'admin-project', 'direction': 'ingress', 'protocol': 'tcp'}}}}"));

        foreach (var (caller, count) in new[] { (ApiClient.Red, 1), (ApiClient.Blue, 0) })
        {
            var rules = await _api.GetAsync(caller, "/v2.0/security-group-rules");
            Assert.Equal(count, rules.Value.EnumerateArray().Count(item => ApiClient.Id(item) == rule));
        }
    }

    [Fact]
    public async Task A_group_needs_room_for_the_rules_that_it_is_born_with()
    {
        await _api.PutAsync(ApiClient.Admin, "/v2.0/quotas/red", "{'quota': {'security_group_rule': 5}}");

        var reply = await _api.PostAsync(ApiClient.Red, "/v2.0/security-groups", "{'security_group': {'name': 'g'}}");

        Assert.Equal((409, "OverQuota"), (reply.Status, reply.ErrorType));
    }

    [Fact]
    public async Task A_project_that_an_administrator_looks_at_has_its_default_group()
    {
        var reply = await _api.GetAsync(ApiClient.Admin, "/v2.0/security-groups?tenant_id=green");

        Assert.Equal(["default"], reply.Names);
    }

    [Fact]
    public async Task Agents_are_there_for_administrators_alone()
    {
        await _api.RegisterHostAsync("h1");

        var all = await _api.GetAsync(ApiClient.Admin, "/v2.0/agents");
        var none = await _api.GetAsync(ApiClient.Red, "/v2.0/agents");
        var hidden = await _api.GetAsync(ApiClient.Red, $"/v2.0/agents/{ApiClient.Id(all.Value[0])}");

        Assert.Equal(3, all.Value.GetArrayLength());
        Assert.Equal((200, 0), (none.Status, none.Value.GetArrayLength()));
        Assert.Equal((404, "AgentNotFound"), (hidden.Status, hidden.ErrorType));
    }

    private static string FixedIps(string fixedIp) => $"{{'port': {{'fixed_ips': [{{{fixedIp}}}]}}}}";

    private static string? AddressOf(Reply port) => port.Value.GetProperty("fixed_ips")[0].GetProperty("ip_address").GetString();

    private async Task<(string Network, string Subnet, string External)> MakeRoutedAsync()
    {
        var (external, _) = await _api.MakeNetworkAsync(ApiClient.Admin, ", 'router:external': true", "198.51.100.0/24");
        var (network, subnet) = await _api.MakeNetworkAsync(ApiClient.Red);
        var router = ApiClient.Id(await _api.MakeAsync(ApiClient.Red, "routers",
            $"{{'router': {{'external_gateway_info': {{'network_id': '{external}'}}}}}}"));
        await _api.PutAsync(ApiClient.Red, $"/v2.0/routers/{router}/add_router_interface", $"{{'subnet_id': '{subnet}'}}");
        return (network, subnet, external);
    }
}

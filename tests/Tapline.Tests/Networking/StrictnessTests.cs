namespace Tapline.Tests.Networking;

/// <summary>What is not understood is refused, with the field's name; nothing is left behind.</summary>
public sealed class StrictnessTests
{
    private readonly ApiClient _api = new();

    [Theory]
    [InlineData("networks", "", 400, "HTTPBadRequest", "not valid JSON")]
    [InlineData("networks", "nonsense", 400, "HTTPBadRequest", "not valid JSON")]
    [InlineData("networks", "[]", 400, "HTTPBadRequest", "not an object")]
    [InlineData("networks", "{}", 400, "HTTPBadRequest", "Unable to find 'network' in request body")]
    [InlineData("networks", "{'network': []}", 400, "HTTPBadRequest", "Unable to find 'network' in request body")]
    [InlineData("networks", "{'networks': []}", 400, "HTTPBadRequest", "Resources required")]
    [InlineData("networks", "{'networks': [1]}", 400, "HTTPBadRequest", "list of objects")]
    [InlineData("networks", "{'network': {}, 'networks': [{}]}", 400, "HTTPBadRequest", "Unrecognized attribute(s) 'networks'")]
    [InlineData("networks", "{'networks': [{'network': {}, 'x': 1}]}", 400, "HTTPBadRequest", "Unrecognized attribute(s) 'network', 'x'")]
    [InlineData("networks", "{'network': {'project_id': 'red', 'tenant_id': 'blue'}}", 400, "HTTPBadRequest", "'project_id' and 'tenant_id' do not match")]
    [InlineData("networks", "{'network': {'mtu': 9217}}", 400, "HTTPBadRequest", "Invalid input for mtu")]
    [InlineData("ports", "{'port': {'network_id': 'NET', 'security_groups': ['SG', 'SG']}}", 400, "HTTPBadRequest", "Duplicate items in the list")]
    [InlineData("security-group-rules", "{'security_group_rule': {'security_group_id': 'SG', 'direction': 'ingress', 'remote_group_id': 'x'}}", 404, "SecurityGroupNotFound", "Security group x does not exist")]
    [InlineData("security-group-rules", "{'security_group_rule': {'security_group_id': 'SG', 'direction': 'ingress', 'remote_group_id': 5}}", 400, "HTTPBadRequest", "Invalid input for remote_group_id")]
    [InlineData("networks", "{'network': {}, 'x': 1}", 400, "HTTPBadRequest", "Unrecognized attribute(s) 'x'")]
    [InlineData("networks", "{'network': {'name': 'a', 'name': 'b'}}", 400, "HTTPBadRequest", "uplicate")]
    [InlineData("networks", "{'network': {'x': 1, 'y': 2}}", 400, "HTTPBadRequest", "Unrecognized attribute(s) 'x', 'y'")]
    [InlineData("networks", "{'network': {'status': 'ACTIVE'}}", 400, "HTTPBadRequest", "Attribute 'status' not allowed in POST")]
    [InlineData("networks", "{'network': {'name': 5}}", 400, "HTTPBadRequest", "Invalid input for name. Reason: '5' is not a valid string.")]
    [InlineData("networks", "{'network': {'name': null}}", 400, "HTTPBadRequest", "Invalid input for name. Reason: 'None'")]
    [InlineData("networks", @"{'network': {'name': '\ud800'}}", 400, "HTTPBadRequest", "'name' is or has half a character")]
    [InlineData("networks", @"{'network': {'name': '\u0000'}}", 400, "HTTPBadRequest", "NUL")]
    [InlineData("networks", "{'network': {'admin_state_up': 'maybe'}}", 400, "HTTPBadRequest", "cannot be converted to boolean")]
    [InlineData("networks", "{'network': {'mtu': 'big'}}", 400, "HTTPBadRequest", "Invalid input for mtu")]
    [InlineData("networks", "{'network': {'mtu': 67}}", 400, "HTTPBadRequest", "Invalid input for mtu")]
    [InlineData("networks", "{'network': {'shared': true}}", 403, "PolicyNotAuthorized", "create_network:shared")]
    [InlineData("networks", "{'network': {'provider:network_type': 'flat'}}", 403, "PolicyNotAuthorized", "provider:network_type")]
    [InlineData("networks", "{'network': {'tenant_id': 'blue'}}", 400, "HTTPBadRequest", "admin privileges")]
    [InlineData("subnets", "{'subnet': {}}", 400, "HTTPBadRequest", "Required attribute 'network_id' not specified")]
    [InlineData("subnets", "{'subnet': {'network_id': 'x', 'ip_version': 4, 'cidr': '10.0.0.0/24'}}", 400, "HTTPBadRequest", "not a valid UUID")]
    [InlineData("subnets", "{'subnet': {'network_id': 'NET', 'ip_version': 5, 'cidr': '10.0.0.0/24'}}", 400, "HTTPBadRequest", "ip_version")]
    [InlineData("subnets", "{'subnet': {'network_id': 'NET', 'ip_version': 6, 'cidr': '10.0.0.0/24'}}", 400, "InvalidInput", "ip_version '6'")]
    [InlineData("subnets", "{'subnet': {'network_id': 'NET', 'ip_version': 4, 'cidr': '10.0.0.5/24'}}", 400, "HTTPBadRequest", "'10.0.0.0/24' is recommended")]
    [InlineData("subnets", "{'subnet': {'network_id': 'NET', 'ip_version': 4, 'cidr': 'ten'}}", 400, "HTTPBadRequest", "Invalid input for cidr. Reason: 'ten' is not a valid IP subnet.")]
    [InlineData("subnets", "{'subnet': {'network_id': 'NET', 'ip_version': 4, 'cidr': '0.0.0.0/0'}}", 400, "InvalidInput", "0 is not allowed")]
    [InlineData("subnets", "{'subnet': {'network_id': 'NET', 'ip_version': 4, 'cidr': '10.0.0.0/24', 'gateway_ip': '10.0.1.1'}}", 400, "InvalidInput", "Gateway is not valid")]
    [InlineData("subnets", "{'subnet': {'network_id': 'NET', 'ip_version': 4, 'cidr': '10.0.0.0/24', 'allocation_pools': [{'start': '10.0.0.1', 'end': '10.0.0.9'}]}}", 409, "GatewayConflictWithAllocationPools", "10.0.0.1")]
    [InlineData("subnets", "{'subnet': {'network_id': 'NET', 'ip_version': 4, 'cidr': '10.0.0.0/24', 'allocation_pools': [{'start': '10.0.0.9', 'end': '10.0.0.2'}]}}", 400, "InvalidAllocationPool", "10.0.0.9")]
    [InlineData("subnets", "{'subnet': {'network_id': 'NET', 'ip_version': 4, 'cidr': '10.0.0.0/24', 'allocation_pools': [{'begin': '10.0.0.9'}]}}", 400, "HTTPBadRequest", "unexpected key 'begin'")]
    [InlineData("subnets", "{'subnet': {'network_id': 'NET', 'ip_version': 4, 'cidr': '10.0.0.0/24', 'allocation_pools': [{'start': '10.0.1.2', 'end': '10.0.1.3'}]}}", 400, "OutOfBoundsAllocationPool", "10.0.1.2")]
    [InlineData("subnets", "{'subnet': {'network_id': 'NET', 'ip_version': 4, 'cidr': '10.0.0.0/24', 'allocation_pools': [{'start': '10.0.0.2', 'end': '10.0.0.9'}, {'start': '10.0.0.9', 'end': '10.0.0.20'}]}}", 409, "OverlappingAllocationPools", "10.0.0.9")]
    [InlineData("subnets", "{'subnet': {'network_id': 'NET', 'ip_version': 4, 'cidr': '10.0.0.0/24', 'ipv6_ra_mode': 'slaac'}}", 400, "InvalidInput", "ipv6_ra_mode")]
    [InlineData("subnets", "{'subnet': {'network_id': 'NET', 'ip_version': 4, 'cidr': '10.0.0.0/24', 'dns_nameservers': 'x'}}", 400, "HTTPBadRequest", "dns_nameservers")]
    [InlineData("ports", "{'port': {'network_id': 'NET', 'mac_address': '01:00:00:00:00:01'}}", 400, "HTTPBadRequest", "mac_address")]
    [InlineData("ports", "{'port': {'network_id': 'NET', 'fixed_ips': [{'ip_address': '10.9.0.1'}]}}", 400, "InvalidIpForNetwork", "10.9.0.1")]
    [InlineData("ports", "{'port': {'network_id': 'NET', 'fixed_ips': [{'ip': '10.9.0.1'}]}}", 400, "HTTPBadRequest", "fixed_ips")]
    [InlineData("ports", "{'port': {'network_id': 'NET', 'binding:host_id': 'h'}}", 403, "PolicyNotAuthorized", "binding:host_id")]
    [InlineData("ports", "{'port': {'network_id': 'NET', 'device_owner': 'network:dhcp'}}", 403, "PolicyNotAuthorized", "device_owner")]
    [InlineData("ports", "{'port': {'network_id': '00000000-0000-0000-0000-000000000000'}}", 404, "NetworkNotFound", "00000000")]
    [InlineData("ports", "{'port': {'network_id': 'NET', 'security_groups': ['00000000-0000-0000-0000-000000000000']}}", 404, "SecurityGroupNotFound", "00000000")]
    [InlineData("ports", "{'port': {'network_id': 'NET', 'port_security_enabled': false, 'allowed_address_pairs': [{'ip_address': '10.0.0.0/8'}]}}", 409, "AddressPairAndPortSecurityRequired", "Port Security")]
    [InlineData("routers", "{'router': {'external_gateway_info': {'network_id': 'NET'}}}", 400, "BadRequest", "not an external network")]
    [InlineData("routers", "{'router': {'external_gateway_info': {'enable_snat': true}}}", 400, "HTTPBadRequest", "'network_id' is required")]
    [InlineData("routers", "{'router': {'routes': []}}", 400, "HTTPBadRequest", "Attribute 'routes' not allowed in POST")]
    [InlineData("floatingips", "{'floatingip': {'floating_network_id': 'NET'}}", 400, "BadRequest", "not a valid external network")]
    [InlineData("security-groups", "{'security_group': {'name': 'default'}}", 409, "SecurityGroupDefaultAlreadyExists", "already exists")]
    [InlineData("security-group-rules", "{'security_group_rule': {'security_group_id': 'SG'}}", 400, "HTTPBadRequest", "'direction' not specified")]
    [InlineData("security-group-rules", "{'security_group_rule': {'security_group_id': 'SG', 'direction': 'up'}}", 400, "HTTPBadRequest", "direction")]
    [InlineData("security-group-rules", "{'security_group_rule': {'security_group_id': 'SG', 'direction': 'ingress', 'protocol': 'tcp', 'port_range_min': 9, 'port_range_max': 8}}", 400, "SecurityGroupInvalidPortRange", "port_range_min")]
    [InlineData("security-group-rules", "{'security_group_rule': {'security_group_id': 'SG', 'direction': 'ingress', 'port_range_min': 9}}", 400, "SecurityGroupProtocolRequiredWithPorts", "protocol")]
    [InlineData("security-group-rules", "{'security_group_rule': {'security_group_id': 'SG', 'direction': 'ingress', 'protocol': 'icmp', 'port_range_max': 9}}", 400, "SecurityGroupMissingIcmpType", "type")]
    [InlineData("security-group-rules", "{'security_group_rule': {'security_group_id': 'SG', 'direction': 'ingress', 'protocol': 'icmp', 'port_range_min': 256}}", 400, "SecurityGroupInvalidIcmpValue", "256")]
    [InlineData("security-group-rules", "{'security_group_rule': {'security_group_id': 'SG', 'direction': 'ingress', 'protocol': 'ipv6-icmp'}}", 400, "SecurityGroupEthertypeConflictWithProtocol", "IPv4")]
    [InlineData("security-group-rules", "{'security_group_rule': {'security_group_id': 'SG', 'direction': 'ingress', 'protocol': 'nonsense'}}", 400, "SecurityGroupRuleInvalidProtocol", "nonsense")]
    [InlineData("security-group-rules", "{'security_group_rule': {'security_group_id': 'SG', 'direction': 'ingress', 'protocol': 300}}", 400, "SecurityGroupRuleInvalidProtocol", "300")]
    [InlineData("security-group-rules", "{'security_group_rule': {'security_group_id': 'SG', 'direction': 'ingress', 'remote_ip_prefix': '2001:db8::/32'}}", 400, "SecurityGroupRuleParameterConflict", "IPv4")]
    [InlineData("security-group-rules", "{'security_group_rule': {'security_group_id': 'SG', 'direction': 'ingress', 'remote_ip_prefix': '10.0.0.0/8', 'remote_group_id': 'SG'}}", 400, "SecurityGroupRemoteGroupAndRemoteIpPrefix", "remote_group_id")]
    [InlineData("security-group-rules", "{'security_group_rule': {'security_group_id': 'SG', 'direction': 'egress'}}", 409, "SecurityGroupRuleExists", "already exists")]
    public async Task A_bad_body_is_refused_by_its_reason(string collection, string body, int status, string type, string message)
    {
        var network = ApiClient.Id(await _api.MakeAsync(ApiClient.Red, "networks", "{'network': {}}"));
        if (collection == "ports")
        {
            await _api.MakeSubnetAsync(ApiClient.Red, network, "10.0.0.0/24");
        }

        var group = (await _api.GetAsync(ApiClient.Red, "/v2.0/security-groups?name=default")).Value[0].GetProperty("id").GetString();
        var before = _api.Cloud.Current;

        var reply = await _api.PostAsync(ApiClient.Red, $"/v2.0/{collection}", body.Replace("NET", network).Replace("SG", group));

        Assert.True(reply.Status == status, reply.ToString());
        Assert.Equal(type, reply.ErrorType);
        Assert.Contains(message, reply.Message);
        Assert.Equal("", reply.Body.GetProperty("NeutronError").GetProperty("detail").GetString());
        Assert.Same(before, _api.Cloud.Current);
    }

    [Fact]
    public async Task Every_reason_is_told_at_once()
    {
        var network = ApiClient.Id(await _api.MakeAsync(ApiClient.Red, "networks", "{'network': {}}"));

        var reply = await _api.PostAsync(ApiClient.Red, "/v2.0/subnets", $$"""
            {'subnet': {'network_id': '{{network}}', 'ip_version': 4, 'cidr': '10.0.0.0/24', 'gateway_ip': '10.9.0.1',
             'allocation_pools': [{'start': '10.0.1.2', 'end': '10.0.1.3'}], 'ipv6_address_mode': 'slaac'} }
            """);

        Assert.Equal(400, reply.Status);
        Assert.Equal(3, reply.Message.Split('\n').Length);
    }

    [Fact]
    public async Task A_read_only_attribute_is_not_updated()
    {
        var (_, subnet) = await _api.MakeNetworkAsync(ApiClient.Red);

        var reply = await _api.PutAsync(ApiClient.Red, $"/v2.0/subnets/{subnet}", "{'subnet': {'cidr': '10.0.0.0/16'}}");

        Assert.Equal(400, reply.Status);
        Assert.Contains("Cannot update read-only attribute cidr", reply.Message);
    }

    [Theory]
    [InlineData("GET", "/v2.0/nonsense", 404)]
    [InlineData("GET", "/v3/networks", 404)]
    [InlineData("GET", "/v2.0/networks/a/b/c", 404)]
    [InlineData("GET", "/v2.0/networks/not-an-id", 404)]
    [InlineData("PUT", "/v2.0/networks/not-an-id", 404)]
    [InlineData("DELETE", "/v2.0/networks/not-an-id", 404)]
    [InlineData("PUT", "/v2.0/networks", 405)]
    [InlineData("PATCH", "/v2.0/networks", 405)]
    [InlineData("PUT", "/v2.0/security-group-rules/not-an-id", 405)]
    [InlineData("PUT", "/v2.0/routers/not-an-id/add_router_interface", 404)]
    [InlineData("GET", "/v2.0/routers/not-an-id/add_router_interface", 405)]
    [InlineData("PUT", "/v2.0/routers/not-an-id/dance", 404)]
    [InlineData("GET", "/v2.0/extensions/nonsense", 404)]
    [InlineData("GET", "/v2.0/networks.json", 200)]
    public async Task Paths_and_methods_that_are_not_there_say_so(string method, string path, int status)
    {
        var singular = path.Contains("rule", StringComparison.Ordinal) ? "security_group_rule" : "network";
        var body = method == "PUT" ? path.Contains("routers", StringComparison.Ordinal) ? "{}" : $"{{'{singular}': {{}}}}" : null;

        var reply = await _api.SendAsync(ApiClient.Red, method, path, body);

        Assert.Equal(status, reply.Status);
    }

    [Fact]
    public async Task Without_a_token_only_the_versions_are_told()
    {
        Assert.Equal(200, (await _api.GetAsync(null, "/")).Status);
        Assert.Equal(200, (await _api.GetAsync(null, "/v2.0/")).Status);
        Assert.Equal(401, (await _api.GetAsync(null, "/v2.0/networks")).Status);
        Assert.Equal(401, (await _api.GetAsync(null, "/v2.0/extensions")).Status);
    }

    [Fact]
    public async Task A_reader_reads_and_no_more()
    {
        await _api.MakeNetworkAsync(ApiClient.Red);

        Assert.Single((await _api.GetAsync(ApiClient.RedReader, "/v2.0/networks")).Names);
        Assert.Equal(403, (await _api.PostAsync(ApiClient.RedReader, "/v2.0/networks", "{'network': {}}")).Status);
    }

    [Fact]
    public async Task Other_media_types_are_not_guessed_at()
    {
        var reply = await _api.SendAsync(ApiClient.Red, "POST", "/v2.0/networks", "{'network': {}}", "text/xml");

        Assert.Equal(415, reply.Status);
    }
}

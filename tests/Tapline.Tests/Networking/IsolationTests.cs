namespace Tapline.Tests.Networking;

/// <summary>A project neither sees nor changes what is another's, unless it is shared or external.</summary>
public sealed class IsolationTests
{
    private readonly ApiClient _api = new();

    [Fact]
    public async Task Nothing_of_another_project_is_seen_or_touched()
    {
        var (network, subnet) = await _api.MakeNetworkAsync(ApiClient.Red);
        var port = ApiClient.Id(await _api.MakeAsync(ApiClient.Red, "ports", $"{{'port': {{'network_id': '{network}'}}}}"));
        var router = ApiClient.Id(await _api.MakeAsync(ApiClient.Red, "routers", "{'router': {}}"));
        var group = ApiClient.Id(await _api.MakeAsync(ApiClient.Red, "security-groups", "{'security_group': {'name': 'g'}}"));
        var rule = ApiClient.Id(await _api.MakeAsync(ApiClient.Red, "security-group-rules",
            $"{{'security_group_rule': {{'security_group_id': '{group}', 'direction': 'ingress'}}}}"));

        foreach (var (path, singular) in new[]
        {
            ($"networks/{network}", "network"), ($"subnets/{subnet}", "subnet"), ($"ports/{port}", "port"), ($"routers/{router}", "router"),
            ($"security-groups/{group}", "security_group"),
        })
        {
            Assert.Equal(404, (await _api.GetAsync(ApiClient.Blue, $"/v2.0/{path}")).Status);
            Assert.Equal(404, (await _api.PutAsync(ApiClient.Blue, $"/v2.0/{path}", $"{{'{singular}': {{'name': 'mine'}}}}")).Status);
            Assert.Equal(404, (await _api.DeleteAsync(ApiClient.Blue, $"/v2.0/{path}")).Status);
            Assert.Equal(200, (await _api.GetAsync(ApiClient.Admin, $"/v2.0/{path}")).Status);
        }

        Assert.Equal(404, (await _api.DeleteAsync(ApiClient.Blue, $"/v2.0/security-group-rules/{rule}")).Status);
        Assert.Equal(404, (await _api.PutAsync(ApiClient.Blue, $"/v2.0/networks/{network}/tags", "{'tags': []}")).Status);
        Assert.Equal(404, (await _api.PostAsync(ApiClient.Blue, "/v2.0/ports", $"{{'port': {{'network_id': '{network}'}}}}")).Status);
        foreach (var collection in new[] { "networks", "subnets", "ports", "routers" })
        {
            Assert.Empty((await _api.GetAsync(ApiClient.Blue, $"/v2.0/{collection}")).Names);
            Assert.Empty((await _api.GetAsync(ApiClient.Blue, $"/v2.0/{collection}?tenant_id=red")).Names);
        }

        Assert.Equal(["default"], (await _api.GetAsync(ApiClient.Blue, "/v2.0/security-groups")).Names);
        Assert.Equal(404, (await _api.PostAsync(ApiClient.Blue, "/v2.0/security-group-rules",
            $"{{'security_group_rule': {{'security_group_id': '{group}', 'direction': 'egress', 'protocol': 'tcp'}}}}")).Status);
    }

    [Fact]
    public async Task A_shared_network_is_used_but_not_changed()
    {
        var (network, subnet) = await _api.MakeNetworkAsync(ApiClient.Admin, ", 'shared': true");

        Assert.Equal(200, (await _api.GetAsync(ApiClient.Blue, $"/v2.0/networks/{network}")).Status);
        Assert.Equal(200, (await _api.GetAsync(ApiClient.Blue, $"/v2.0/subnets/{subnet}")).Status);
        Assert.Equal(403, (await _api.PutAsync(ApiClient.Blue, $"/v2.0/networks/{network}", "{'network': {'name': 'x'}}")).Status);
        Assert.Equal(403, (await _api.DeleteAsync(ApiClient.Blue, $"/v2.0/networks/{network}")).Status);
        Assert.Equal(201, (await _api.PostAsync(ApiClient.Blue, "/v2.0/ports", $"{{'port': {{'network_id': '{network}'}}}}")).Status);
        Assert.Equal(403, (await _api.PostAsync(ApiClient.Blue, "/v2.0/ports",
            $"{{'port': {{'network_id': '{network}', 'fixed_ips': [{{'ip_address': '10.0.0.9'}}]}}}}")).Status);
        Assert.Single((await _api.GetAsync(ApiClient.Blue, "/v2.0/ports")).Names);
        Assert.Empty((await _api.GetAsync(ApiClient.Red, "/v2.0/ports")).Names);
        Assert.Equal(409, (await _api.PutAsync(ApiClient.Admin, $"/v2.0/networks/{network}", "{'network': {'shared': false}}")).Status);
    }

    [Fact]
    public async Task An_external_network_takes_no_ports_of_tenants()
    {
        var (network, _) = await _api.MakeNetworkAsync(ApiClient.Admin, ", 'router:external': true");

        Assert.Equal(200, (await _api.GetAsync(ApiClient.Blue, $"/v2.0/networks/{network}")).Status);
        Assert.Equal(403, (await _api.PostAsync(ApiClient.Blue, "/v2.0/ports", $"{{'port': {{'network_id': '{network}'}}}}")).Status);
    }

    [Fact]
    public async Task Provider_and_binding_attributes_are_the_administrators()
    {
        var (network, _) = await _api.MakeNetworkAsync(ApiClient.Red);
        var port = ApiClient.Id(await _api.MakeAsync(ApiClient.Red, "ports", $"{{'port': {{'network_id': '{network}'}}}}"));

        var seenByRed = (await _api.GetAsync(ApiClient.Red, $"/v2.0/networks/{network}")).Value;
        var seenByAdmin = (await _api.GetAsync(ApiClient.Admin, $"/v2.0/networks/{network}")).Value;
        var portSeenByRed = (await _api.GetAsync(ApiClient.Red, $"/v2.0/ports/{port}")).Value;
        var portSeenByAdmin = (await _api.GetAsync(ApiClient.Admin, $"/v2.0/ports/{port}")).Value;

        Assert.False(seenByRed.TryGetProperty("provider:network_type", out _));
        Assert.Equal("local", seenByAdmin.GetProperty("provider:network_type").GetString());
        Assert.False(portSeenByRed.TryGetProperty("binding:host_id", out _));
        Assert.Equal("unbound", portSeenByAdmin.GetProperty("binding:vif_type").GetString());
    }

    [Fact]
    public async Task A_bulk_request_happens_whole_or_not_at_all()
    {
        var (network, _) = await _api.MakeNetworkAsync(ApiClient.Red);
        var before = _api.Cloud.Current;

        var refused = await _api.PostAsync(ApiClient.Red, "/v2.0/ports", $$"""
            {'ports': [{'network_id': '{{network}}'}, {'network_id': '{{network}}', 'fixed_ips': [{'ip_address': '10.9.9.9'}]}]}
            """);
        var made = await _api.PostAsync(ApiClient.Red, "/v2.0/ports",
            $"{{'ports': [{{'network_id': '{network}'}}, {{'network_id': '{network}'}}, {{'network_id': '{network}'}}]}}");

        Assert.Equal(400, refused.Status);
        Assert.Equal(3, before.Ports.Count + 2);
        Assert.Equal(201, made.Status);
        Assert.Equal(["10.0.0.3", "10.0.0.4", "10.0.0.5"], made.Value.EnumerateArray()
            .Select(port => port.GetProperty("fixed_ips")[0].GetProperty("ip_address").GetString()));
    }
}

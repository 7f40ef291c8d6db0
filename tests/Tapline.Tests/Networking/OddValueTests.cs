namespace Tapline.Tests.Networking;

/// <summary>Every attribute with every odd value: an answer below 500, and what was accepted can be shown.</summary>
public sealed class OddValueTests
{
    private static readonly string[] Values =
    [
        "null", "true", "0", "-1", "1.5", "1e400", "99999999999999999999", "''", "'x'", "' '", "[]", "{}", "[null]", "[{}]", "[[]]", "[1]",
        "['x']", "{'x': 1}", "'10.0.0.0/8'", "'10.0.0.9'", "'::'", "'2001:db8::/64'", "['10.0.0.9']", "[{'ip_address': null}]",
        "[{'subnet_id': null}]", "[{'subnet_id': 'x'}]", "[{'start': '::', 'end': '10.0.0.1'}]", "[{'start': '10.0.0.2', 'end': '10.0.0.2'}]",
        "[{'destination': '0.0.0.0/0', 'nexthop': '::1'}]", "{'network_id': null}", "'NET'", "'SUBNET'", "'PORT'", "'SG'", "['SG']", "['PORT']",
        "{'network_id': 'NET'}", "[{'network_id': 'NET'}]", "'vxlan'", "'slaac'", "'network:dhcp'", "'network:x'", "'admin-project'",
        "'00000000-0000-0000-0000-000000000000'", "'LONG'",
    ];

    private static readonly (string Path, string Singular, string Valid)[] Collections =
    [
        ("/v2.0/networks", "network", ""),
        ("/v2.0/subnets", "subnet", "'network_id': 'NET', 'ip_version': 4, 'cidr': '10.0.7.0/24'"),
        ("/v2.0/ports", "port", "'network_id': 'NET'"),
        ("/v2.0/routers", "router", ""),
        ("/v2.0/floatingips", "floatingip", "'floating_network_id': 'EXT'"),
        ("/v2.0/security-groups", "security_group", "'name': 'n'"),
        ("/v2.0/security-group-rules", "security_group_rule", "'security_group_id': 'SG', 'direction': 'ingress'"),
        ("/tapline/v1/instances", "instance", ""),
    ];

    [Fact]
    public async Task No_value_of_any_attribute_is_an_error_of_the_servers()
    {
        var api = new ApiClient();
        await api.RegisterHostAsync("h1");
        await api.PutAsync(ApiClient.Admin, "/v2.0/quotas/admin-project", """
            {'quota': {'network': -1, 'subnet': -1, 'port': -1, 'router': -1, 'floatingip': -1, 'security_group': -1, 'security_group_rule': -1} }
            """);
        var (network, subnet) = await api.MakeNetworkAsync(ApiClient.Admin);
        var (external, _) = await api.MakeNetworkAsync(ApiClient.Admin, ", 'router:external': true", "172.24.0.0/16");
        var port = ApiClient.Id(await api.MakeAsync(ApiClient.Admin, "ports", $"{{'port': {{'network_id': '{network}'}}}}"));
        var group = (await api.GetAsync(ApiClient.Admin, "/v2.0/security-groups?name=default")).Value[0].GetProperty("id").GetString();
        string Fill(string text) => text.Replace("SUBNET", subnet).Replace("NET", network).Replace("EXT", external).Replace("PORT", port)
            .Replace("SG", group).Replace("LONG", new string('x', 5000));

        foreach (var (path, singular, valid) in Collections)
        {
            var sample = await api.PostAsync(ApiClient.Admin, path, $"{{'{singular}': {{{Fill(valid)}}}}}");
            Assert.True(sample.Status == 201, sample.ToString());
            var names = sample.Value.EnumerateObject().Select(property => property.Name).Concat(["ports", "network_ids", "subnet_id", "x"]);
            foreach (var name in names)
            {
                var others = string.Join(", ", valid.Split(", ").Where(pair => !pair.StartsWith($"'{name}'", StringComparison.Ordinal) && pair.Length > 0));
                foreach (var value in Values)
                {
                    var body = Fill($"{{'{singular}': {{{others}{(others.Length > 0 ? ", " : "")}'{name}': {value}}}}}");
                    var posted = await api.PostAsync(ApiClient.Admin, path, body);
                    var put = await api.PutAsync(ApiClient.Admin, $"{path}/{ApiClient.Id(sample.Value)}", Fill($"{{'{singular}': {{'{name}': {value}}}}}"));
                    Assert.True(posted.Status is 201 or 400 or 403 or 404 or 409, $"{body}: {posted}");
                    Assert.True(put.Status is 200 or 400 or 403 or 404 or 405 or 409, $"{body}: {put}");
                    if (posted.Status == 201)
                    {
                        Assert.Equal(204, (await api.DeleteAsync(ApiClient.Admin, $"{path}/{ApiClient.Id(posted.Value)}")).Status);
                    }
                }

                foreach (var value in new[] { "", "x", "=", "true", "1", "10.0.0.1", "%00", "%ff", network })
                {
                    Assert.Equal(200, (await api.GetAsync(ApiClient.Admin, $"{path}?{name}={value}")).Status);
                }

                Assert.True((await api.GetAsync(ApiClient.Admin, $"{path}?sort_key={name}&limit=1")).Status is 200 or 400);
            }
        }
    }
}

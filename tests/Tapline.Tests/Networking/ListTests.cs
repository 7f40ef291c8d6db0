namespace Tapline.Tests.Networking;

/// <summary>Filters, order, pages and fields of lists.</summary>
public sealed class ListTests
{
    private readonly ApiClient _api = new();

    [Theory]
    [InlineData("", "a,b,c,d")]
    [InlineData("name=b", "b")]
    [InlineData("name=b&name=d", "b,d")]
    [InlineData("name=b&admin_state_up=False", "")]
    [InlineData("admin_state_up=False", "c")]
    [InlineData("admin_state_up=false", "c")]
    [InlineData("status=DOWN", "c")]
    [InlineData("tenant_id=red", "a,b,c,d")]
    [InlineData("project_id=blue", "")]
    [InlineData("router:external=True", "")]
    [InlineData("shared=False", "a,b,c,d")]
    [InlineData("mtu=1400", "d")]
    [InlineData("description=", "a,b,c,d")]
    [InlineData("no_such_attribute=1", "a,b,c,d")]
    [InlineData("provider:network_type=flat", "a,b,c,d")]
    [InlineData("sort_key=name&sort_dir=desc", "d,c,b,a")]
    [InlineData("sort_key=admin_state_up&sort_dir=asc&sort_key=name&sort_dir=desc", "c,d,b,a")]
    [InlineData("sort_key=mtu", "d,a,b,c")]
    [InlineData("limit=2", "a,b")]
    [InlineData("limit=0", "a,b,c,d")]
    public async Task Networks_are_filtered_and_sorted(string query, string expected)
    {
        await MakeFourAsync();

        var reply = await _api.GetAsync(ApiClient.Red, $"/v2.0/networks?{query}");

        Assert.Equal(expected, string.Join(',', reply.Names));
    }

    [Theory]
    [InlineData("sort_key=nonsense", 400)]
    [InlineData("sort_key=name&sort_dir=up", 400)]
    [InlineData("sort_key=name&sort_key=id&sort_dir=asc", 400)]
    [InlineData("limit=-1", 400)]
    [InlineData("limit=x", 400)]
    [InlineData("marker=x", 404)]
    public async Task What_can_not_be_sorted_or_paged_by_is_refused(string query, int status) =>
        Assert.Equal(status, (await _api.GetAsync(ApiClient.Red, $"/v2.0/networks?{query}")).Status);

    [Fact]
    public async Task Pages_follow_one_another_both_ways()
    {
        await MakeFourAsync();

        var first = await _api.GetAsync(ApiClient.Red, "/v2.0/networks?limit=3&sort_key=name");
        var next = Link(first, "next");
        var second = await _api.GetAsync(ApiClient.Red, next!["http://cloud.test".Length..]);
        var back = await _api.GetAsync(ApiClient.Red, Link(second, "previous")!["http://cloud.test".Length..]);

        Assert.Equal(["a", "b", "c"], first.Names);
        Assert.Equal(["d"], second.Names);
        Assert.Null(Link(second, "next"));
        Assert.Equal(["a", "b", "c"], back.Names);
    }

    [Fact]
    public async Task A_full_page_has_a_next_one_which_may_be_empty_and_leads_back()
    {
        await MakeFourAsync();

        var full = await _api.GetAsync(ApiClient.Red, "/v2.0/networks?limit=4&sort_key=name");
        var empty = await _api.GetAsync(ApiClient.Red, Link(full, "next")!["http://cloud.test".Length..]);
        var back = await _api.GetAsync(ApiClient.Red, Link(empty, "previous")!["http://cloud.test".Length..]);

        Assert.Empty(empty.Names);
        Assert.Null(Link(empty, "next"));
        Assert.Equal(["a", "b", "c", "d"], back.Names);
    }

    [Fact]
    public async Task Subnets_are_found_by_whether_their_network_is_shared()
    {
        var (open, _) = await _api.MakeNetworkAsync(ApiClient.Admin, ", 'shared': true");
        await _api.MakeNetworkAsync(ApiClient.Red, cidr: "10.1.0.0/24");

        var shared = await _api.GetAsync(ApiClient.Red, "/v2.0/subnets?shared=True");
        var own = await _api.GetAsync(ApiClient.Red, "/v2.0/subnets?shared=False");

        Assert.Equal([open], shared.Value.EnumerateArray().Select(subnet => subnet.GetProperty("network_id").GetString()));
        Assert.Equal("10.1.0.0/24", Assert.Single(own.Value.EnumerateArray()).GetProperty("cidr").GetString());
    }

    [Fact]
    public async Task Fields_narrow_what_is_shown()
    {
        await MakeFourAsync();

        var reply = await _api.GetAsync(ApiClient.Red, "/v2.0/networks?fields=id&fields=name&name=a");

        Assert.Equal(["id", "name"], reply.Value[0].EnumerateObject().Select(property => property.Name));
    }

    [Fact]
    public async Task Ports_are_found_by_their_addresses_devices_and_groups()
    {
        var (network, subnet) = await _api.MakeNetworkAsync(ApiClient.Red);
        await _api.MakeAsync(ApiClient.Red, "ports",
            $"{{'port': {{'network_id': '{network}', 'name': 'p1', 'device_id': 'd1', 'fixed_ips': [{{'ip_address': '10.0.0.77'}}]}}}}");
        await _api.MakeAsync(ApiClient.Red, "ports", $"{{'port': {{'network_id': '{network}', 'name': 'p2', 'device_id': 'd2'}}}}");
        var group = (await _api.GetAsync(ApiClient.Red, "/v2.0/security-groups")).Value[0].GetProperty("id").GetString();

        Assert.Equal(["p1"], (await _api.GetAsync(ApiClient.Red, "/v2.0/ports?fixed_ips=ip_address%3D10.0.0.77")).Names);
        Assert.Equal(["p1"], (await _api.GetAsync(ApiClient.Red, $"/v2.0/ports?fixed_ips=subnet_id%3D{subnet}&fixed_ips=ip_address_substr%3D.77")).Names);
        Assert.Equal(3, (await _api.GetAsync(ApiClient.Red, $"/v2.0/ports?fixed_ips=subnet_id%3D{subnet}")).Names.Length);
        Assert.Equal(["p2"], (await _api.GetAsync(ApiClient.Red, "/v2.0/ports?device_id=d2")).Names);
        Assert.Equal(["p1", "p2"], (await _api.GetAsync(ApiClient.Red, $"/v2.0/ports?security_groups={group}")).Names);
        Assert.Equal([""], (await _api.GetAsync(ApiClient.Red, $"/v2.0/ports?device_owner=network:dhcp&network_id={network}")).Names);
    }

    [Fact]
    public async Task Tags_are_set_and_filtered_by()
    {
        await MakeFourAsync();
        var id = (await _api.GetAsync(ApiClient.Red, "/v2.0/networks?name=a")).Value[0].GetProperty("id").GetString();

        Assert.Equal(200, (await _api.PutAsync(ApiClient.Red, $"/v2.0/networks/{id}/tags", "{'tags': ['x', 'y']}")).Status);
        Assert.Equal(201, (await _api.PutAsync(ApiClient.Red, $"/v2.0/networks/{id}/tags/z", "")).Status);
        Assert.Equal(204, (await _api.DeleteAsync(ApiClient.Red, $"/v2.0/networks/{id}/tags/y")).Status);
        Assert.Equal(404, (await _api.DeleteAsync(ApiClient.Red, $"/v2.0/networks/{id}/tags/y")).Status);
        Assert.Equal(["a"], (await _api.GetAsync(ApiClient.Red, "/v2.0/networks?tags=x,z")).Names);
        Assert.Empty((await _api.GetAsync(ApiClient.Red, "/v2.0/networks?tags=x,y")).Names);
        Assert.Equal(["a"], (await _api.GetAsync(ApiClient.Red, "/v2.0/networks?tags-any=x,y")).Names);
        Assert.Equal(["b", "c", "d"], (await _api.GetAsync(ApiClient.Red, "/v2.0/networks?not-tags-any=x,y")).Names);
    }

    private async Task MakeFourAsync() => Assert.Equal(201, (await _api.PostAsync(ApiClient.Red, "/v2.0/networks",
        "{'networks': [{'name': 'a'}, {'name': 'b'}, {'name': 'c', 'admin_state_up': false}, {'name': 'd', 'mtu': 1400}]}")).Status);

    private static string? Link(Reply reply, string rel) => !reply.Body.TryGetProperty("networks_links", out var links) ? null
        : links.EnumerateArray().Where(link => link.GetProperty("rel").GetString() == rel)
            .Select(link => link.GetProperty("href").GetString()).FirstOrDefault();
}

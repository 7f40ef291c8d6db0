using System.Text.Json.Nodes;

namespace Tapline.HostTests.Labs;

/// <summary>A network with a subnet, a router to the outside and a security group that lets ping in; removed again at the end.</summary>
internal sealed class Tenant : IAsyncDisposable
{
    private static readonly string[] Removal = ["floatingips", "instances", "ports", "security-groups", "routers", "subnets", "networks"];

    private readonly LabFixture _lab;
    private readonly List<(string Collection, string Id)> _made = [];

    private Tenant(LabFixture lab, CloudApi api) => (_lab, Api) = (lab, api);

    public CloudApi Api { get; }

    public string Network { get; private set; } = "";

    public string Subnet { get; private set; } = "";

    public string Router { get; private set; } = "";

    public string Group { get; private set; } = "";

    public string PingRule { get; private set; } = "";

    public string RouterNamespace => $"qrouter-{Router}";

    public static async Task<Tenant> MakeAsync(LabFixture lab, CloudApi? api = null, string more = "")
    {
        var tenant = new Tenant(lab, api ?? lab.Admin);
        try
        {
            await tenant.MakeAsync(more);
            return tenant;
        }
        catch
        {
            await tenant.DisposeAsync();
            throw;
        }
    }

    /// <summary>An instance that has its address.</summary>
    public async Task<Guest> StartAsync(string address, params IEnumerable<string> groups)
    {
        var names = string.Join(",", groups.DefaultIfEmpty(Group).Select(group => $"'{group}'"));
        var port = await MakeAsync("ports",
            $"{{'port': {{'network_id': '{Network}', 'fixed_ips': [{{'ip_address': '{address}'}}], 'security_groups': [{names}]}}}}");
        var instance = await MakeAsync("instances", $"{{'instance': {{'name': 'guest-{address}', 'port_ids': ['{port["id"]}']}}}}");
        var guest = new Guest((string)instance["id"]!, (string)port["id"]!, (string)port["mac_address"]!, address, (string)instance["host_id"]!);
        await Within.AtMostAsync(TimeSpan.FromSeconds(10), $"{address} by DHCP", () => HasAddressAsync(guest, address));
        return guest;
    }

    public async Task<bool> HasAddressAsync(Guest guest, string address) =>
        (await _lab.InAsync(guest, "ip", "-4", "addr", "show", "dev", "eth0")).Text.Contains($" {address}/", StringComparison.Ordinal)
        && (await _lab.InAsync(guest, "ip", "route")).Text.Contains("default via", StringComparison.Ordinal);

    public async Task<(string Id, string Address)> FloatAsync(Guest guest)
    {
        var external = (await Api.ListAsync("networks", "name=public"))[0]!["id"];
        var made = await MakeAsync("floatingips", $"{{'floatingip': {{'floating_network_id': '{external}', 'port_id': '{guest.PortId}'}}}}");
        return ((string)made["id"]!, (string)made["floating_ip_address"]!);
    }

    public async Task<string> MakeGroupAsync(string name) => (string)(await MakeAsync("security-groups", $"{{'security_group': {{'name': '{name}'}}}}"))["id"]!;

    /// <summary>Adds a rule that lets in; <paramref name="what"/> is its protocol and more.</summary>
    public Task<string> AllowAsync(string group, string what) => Api.MakeIdAsync("security-group-rules",
        $"{{'security_group_rule': {{'security_group_id': '{group}', 'direction': 'ingress', 'ethertype': 'IPv4', {what}}}}}");

    public async Task<JsonObject> MakeAsync(string collection, string body)
    {
        var made = await Api.MakeAsync(collection, body);
        _made.Add((collection, (string)made["id"]!));
        return made;
    }

    /// <summary>Users before what they use. What a test has removed itself is not there any more.</summary>
    public async ValueTask DisposeAsync()
    {
        await Within.AtMostAsync(Within.FiveSeconds, "the server answers", Api.AnswersAsync);
        foreach (var (collection, id) in _made.OrderBy(item => Array.IndexOf(Removal, item.Collection)))
        {
            if (collection == "routers" && Subnet.Length > 0)
            {
                // Refused where a test has done so already.
                await Api.SendAsync(HttpMethod.Put, $"/v2.0/routers/{id}/remove_router_interface", $"{{'subnet_id': '{Subnet}'}}");
            }

            var path = collection == "instances" ? $"/tapline/v1/instances/{id}" : $"/v2.0/{collection}/{id}";
            var (status, answer) = await Api.SendAsync(HttpMethod.Delete, path, null);
            Assert.True(status is 204 or 404, $"{collection} {id}: {status} {answer?.ToJsonString()}");
        }
    }

    private async Task MakeAsync(string more)
    {
        Network = (string)(await MakeAsync("networks", $"{{'network': {{'name': 'tenant'{more}}}}}"))["id"]!;
        Subnet = (string)(await MakeAsync("subnets", $"{{'subnet': {{'network_id': '{Network}', 'ip_version': 4, 'cidr': '192.168.1.0/24'}}}}"))["id"]!;
        var external = (await Api.ListAsync("networks", "name=public"))[0]!["id"];
        Router = (string)(await MakeAsync("routers", $"{{'router': {{'name': 'r', 'external_gateway_info': {{'network_id': '{external}'}}}}}}"))["id"]!;
        await Api.PutAsync("routers", $"{Router}/add_router_interface", $"{{'subnet_id': '{Subnet}'}}");
        Group = await MakeGroupAsync("ping");
        PingRule = await AllowAsync(Group, "'protocol': 'icmp'");
    }
}

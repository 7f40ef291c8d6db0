using System.Text.Json.Nodes;
using Tapline.Clouds;

namespace Tapline.Demo;

/// <summary>The demo's resources, asked for as any user would.</summary>
internal sealed class DemoCloud(CloudClient cloud)
{
    public const string FixedIp = "192.168.1.5";
    private const int OpenPort = 22;

    public required JsonObject Router { get; init; }

    public required string PortId { get; init; }

    public required string GroupId { get; init; }

    public required string NetworkId { get; init; }

    public static async Task<DemoCloud> MakeAsync(CloudClient cloud, CancellationToken cancellationToken)
    {
        var network = await cloud.CreateAsync("networks", "network", new JsonObject { ["name"] = "private" }, cancellationToken).ConfigureAwait(false);
        var networkId = (string)network["id"]!;
        var subnet = await cloud.CreateAsync("subnets", "subnet", new JsonObject
        {
            ["name"] = "private-subnet",
            ["network_id"] = networkId,
            ["ip_version"] = 4,
            ["cidr"] = "192.168.1.0/24",
        }, cancellationToken).ConfigureAwait(false);
        var router = await MakeRouterAsync(cloud, (string)subnet["id"]!, cancellationToken).ConfigureAwait(false);
        var group = await MakeGroupAsync(cloud, cancellationToken).ConfigureAwait(false);
        var port = await cloud.CreateAsync("ports", "port", new JsonObject
        {
            ["name"] = "web",
            ["network_id"] = networkId,
            ["fixed_ips"] = new JsonArray(new JsonObject { ["ip_address"] = FixedIp }),
            ["security_groups"] = new JsonArray(group),
        }, cancellationToken).ConfigureAwait(false);
        return new DemoCloud(cloud) { Router = router, PortId = (string)port["id"]!, GroupId = group, NetworkId = networkId };
    }

    public Task<JsonObject> StartInstanceAsync(CancellationToken cancellationToken) =>
        cloud.CreateAsync("instances", "instance", new JsonObject { ["name"] = "web", ["port_ids"] = new JsonArray(PortId) }, cancellationToken);

    public async Task<string> MakeFloatingIpAsync(CancellationToken cancellationToken)
    {
        var external = await cloud.FindAsync("networks", "public", cancellationToken).ConfigureAwait(false);
        var fip = await cloud.CreateAsync("floatingips", "floatingip", new JsonObject
        {
            ["floating_network_id"] = (string)external["id"]!,
            ["port_id"] = PortId,
        }, cancellationToken).ConfigureAwait(false);
        return (string)fip["floating_ip_address"]!;
    }

    /// <summary>The router's ports: the leg in the tenant network and the one outside.</summary>
    public async Task<(string Interface, string Gateway)> RouterPortsAsync(CancellationToken cancellationToken)
    {
        var ports = await cloud.ListAsync("ports", $"device_id={Router["id"]}", cancellationToken).ConfigureAwait(false);
        string Of(string owner) => (string)ports.First(port => (string?)port["device_owner"] == owner)["id"]!;
        return (Of("network:router_interface"), Of("network:router_gateway"));
    }

    public Task<JsonObject> PortAsync(CancellationToken cancellationToken) => cloud.GetAsync("ports", "port", PortId, cancellationToken);

    private static async Task<JsonObject> MakeRouterAsync(CloudClient cloud, string subnetId, CancellationToken cancellationToken)
    {
        var external = await cloud.FindAsync("networks", "public", cancellationToken).ConfigureAwait(false);
        var router = await cloud.CreateAsync("routers", "router", new JsonObject
        {
            ["name"] = "router",
            ["external_gateway_info"] = new JsonObject { ["network_id"] = (string)external["id"]! },
        }, cancellationToken).ConfigureAwait(false);
        await cloud.PutAsync("routers", (string)router["id"]!, "add_router_interface", new JsonObject { ["subnet_id"] = subnetId }, cancellationToken)
            .ConfigureAwait(false);
        return router;
    }

    private static async Task<string> MakeGroupAsync(CloudClient cloud, CancellationToken cancellationToken)
    {
        var group = await cloud.CreateAsync("security-groups", "security_group", new JsonObject { ["name"] = "web" }, cancellationToken).ConfigureAwait(false);
        var id = (string)group["id"]!;
        await AddRuleAsync(cloud, new JsonObject { ["security_group_id"] = id, ["direction"] = "ingress", ["protocol"] = "icmp" }, cancellationToken).ConfigureAwait(false);
        await AddRuleAsync(cloud, new JsonObject
        {
            ["security_group_id"] = id,
            ["direction"] = "ingress",
            ["protocol"] = "tcp",
            ["port_range_min"] = OpenPort,
            ["port_range_max"] = OpenPort,
        }, cancellationToken).ConfigureAwait(false);
        return id;
    }

    private static Task<JsonObject> AddRuleAsync(CloudClient cloud, JsonObject rule, CancellationToken cancellationToken) =>
        cloud.CreateAsync("security-group-rules", "security_group_rule", rule, cancellationToken);
}

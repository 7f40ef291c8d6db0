namespace Tapline.HostTests.Labs;

/// <summary>OpenStack's own client, with nothing but what <c>lab env</c> exports. Many commands go into one process: its start takes a second.</summary>
[Collection(LabCollection.Name)]
public sealed class OpenStackClientTests(LabFixture lab)
{
    [Fact]
    public async Task Every_resource_is_created_listed_shown_set_and_deleted()
    {
        var made = await RunAsync(
            "network create osc-net -f value -c name",
            "subnet create osc-subnet --network osc-net --subnet-range 192.168.7.0/24 --dns-nameserver 192.0.2.53 -f value -c cidr",
            "port create osc-port --network osc-net --fixed-ip subnet=osc-subnet,ip-address=192.168.7.9 -f value -c status",
            "router create osc-router -f value -c name",
            "router set osc-router --external-gateway public",
            "router add subnet osc-router osc-subnet",
            "security group create osc-group -f value -c name",
            "security group rule create osc-group --protocol tcp --dst-port 80:81 --remote-ip 192.0.2.0/24 -f value -c port_range_max",
            "floating ip create public --port osc-port -f value -c fixed_ip_address");
        Assert.Equal(["osc-net", "192.168.7.0/24", "DOWN", "osc-router", "osc-group", "81", "192.168.7.9"], made);

        var listed = await RunAsync(
            "network list --name osc-net -f value -c Name", "subnet list --network osc-net -f value -c Subnet",
            "port list --router osc-router --network osc-net -f value -c Status",
            "router list --name osc-router -f value -c Name", "security group list -f value -c Name", "security group rule list osc-group -f value -c ID",
            "floating ip list --port osc-port -f value -c ID");
        Assert.Contains("osc-group", listed);
        Assert.Contains("192.168.7.0/24", listed);
        var rule = (string)(await lab.Admin.ListAsync("security-group-rules", "port_range_max=81"))[0]!["id"]!;
        var floating = (string)(await lab.Admin.ListAsync("floatingips", "fixed_ip_address=192.168.7.9"))[0]!["id"]!;
        Assert.Contains(rule, listed);
        Assert.Contains(floating, listed);

        var set = await RunAsync(
            "network set osc-net --name osc-net2 --mtu 1400", "network show osc-net2 -f value -c mtu",
            "subnet set osc-subnet --description changed --dns-nameserver 192.0.2.54", "subnet show osc-subnet -f value -c description",
            "port set osc-port --security-group osc-group --disable", "port show osc-port -f value -c admin_state_up",
            "router set osc-router --description changed", "router show osc-router -f value -c description",
            "security group set osc-group --description changed", "security group show osc-group -f value -c description",
            $"security group rule show {rule} -f value -c protocol",
            $"floating ip set {floating} --description changed", $"floating ip show {floating} -f value -c description",
            $"floating ip unset {floating} --port", $"floating ip show {floating} -f value -c status");
        Assert.Equal(["1400", "changed", "False", "changed", "changed", "tcp", "changed", "DOWN"], set);

        var deleted = await RunAsync(
            $"floating ip delete {floating}", $"security group rule delete {rule}", "port delete osc-port", "security group delete osc-group",
            "router remove subnet osc-router osc-subnet", "router unset osc-router --external-gateway", "router delete osc-router",
            "subnet delete osc-subnet", "network delete osc-net2", "network list -f value -c Name");
        Assert.Equal(["public"], deleted);
    }

    [Fact]
    public async Task Agents_extensions_and_quotas_are_told_truthfully()
    {
        await using var tenant = await Tenant.MakeAsync(lab);

        var agents = await RunAsync("network agent list -f value -c Binary -c Host -c Alive");
        var extensions = await RunAsync("extension list --network -f value -c Alias");
        var quotas = await RunAsync("quota list --network --detail --project admin -f value");

        Assert.Equal(["host1 True neutron-dhcp-agent", "host1 True neutron-l3-agent", "host1 True neutron-openvswitch-agent"], agents.Order());
        Assert.Superset(new HashSet<string> { "router", "security-group", "quotas", "agent", "external-net" }, extensions.ToHashSet());
        Assert.Contains($"networks {(await lab.Admin.ListAsync("networks", $"project_id={lab.Admin.Project}")).Count} 0 100", quotas);
        Assert.Contains($"routers {(await lab.Admin.ListAsync("routers", $"project_id={lab.Admin.Project}")).Count} 0 10", quotas);
    }

    /// <summary>
    /// The path that <c>quota show --network</c> takes. Debian 12's client (6.0.0) does not know that option yet, and without it asks Nova
    /// first, which is not there; later ones ask this alone.
    /// </summary>
    [Fact]
    public async Task Quota_show_for_the_network_service_finds_the_limits_where_later_clients_ask()
    {
        var (status, body) = await lab.Admin.SendAsync(HttpMethod.Get, $"/v2.0/quotas/{lab.Admin.Project}", null);
        var (_, defaults) = await lab.Admin.SendAsync(HttpMethod.Get, $"/v2.0/quotas/{lab.Admin.Project}/default", null);

        Assert.Equal(200, status);
        Assert.Equal(100, (int)body!["quota"]!["network"]!);
        Assert.Equal(body.ToJsonString(), defaults!.ToJsonString());
    }

    /// <summary>What they print, line by line; nothing may go wrong.</summary>
    private async Task<string[]> RunAsync(params string[] commands)
    {
        var result = await Shell.RunAsync(["openstack"], string.Join('\n', commands) + "\n", lab.Environs);
        Assert.True(result.ExitCode == 0 && result.Error.Length == 0, $"{result.ExitCode}: {result.Error}\n{result.Text}");
        return result.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }
}

namespace Tapline.HostTests.Labs;

/// <summary>Each process killed alone, without help: five seconds later everything is as it was.</summary>
[Collection(LabCollection.Name)]
public sealed class KillTests(LabFixture lab)
{
    private const int Pings = 500; // fifty a second: ten seconds

    [Theory]
    [InlineData("agent")]
    [InlineData("server")]
    [InlineData("dnsmasq")]
    public async Task Nothing_is_lost_where_it_is_killed(string service)
    {
        await using var tenant = await Tenant.MakeAsync(lab);
        var web = await tenant.StartAsync("192.168.1.5");
        var ping = RunningPing.CountAsync(lab.In(web), LabFixture.Gateway, Pings);
        await Task.Delay(500, TestContext.Current.CancellationToken);

        await KillAndConvergeAsync(service, tenant, web);

        var (sent, received) = await ping;
        Assert.Equal((Pings, Pings), (sent, received));
    }

    [Theory]
    [InlineData("ovs-vswitchd")]
    [InlineData("ovsdb-server")]
    public async Task The_switch_is_back_after_it_was_killed(string service)
    {
        await using var tenant = await Tenant.MakeAsync(lab);
        var web = await tenant.StartAsync("192.168.1.5");

        await KillAndConvergeAsync(service, tenant, web);
    }

    [Fact]
    public async Task An_agent_that_starts_without_a_server_keeps_and_mends_its_host()
    {
        await using var tenant = await Tenant.MakeAsync(lab);
        var web = await tenant.StartAsync("192.168.1.5");
        var before = await ResourcesAsync(tenant.Api);
        var ping = RunningPing.CountAsync(lab.In(web), LabFixture.Gateway, Pings);
        (await Tapline.RunAsync("lab", "stop", "host1", "server", "--name", lab.Name)).Required();
        try
        {
            await KillAsync("agent", tenant);
            await Within.AtMostAsync(Within.FiveSeconds, "diff prints []", async () => await lab.DiffAsync() is []);
            Assert.Equal((Pings, Pings), await ping);

            (await lab.OnHostAsync("ip", "link", "set", web.Qvb, "down")).Required();
            await Within.TwoSecondsAsync("a deviation is mended", () => lab.PingsFromAsync(web, LabFixture.Gateway));
        }
        finally
        {
            (await Tapline.RunAsync("lab", "start", "host1", "server", "--name", lab.Name)).Required();
        }

        await Within.AtMostAsync(Within.FiveSeconds, "the server answers", tenant.Api.AnswersAsync);
        Assert.Equal(before, await ResourcesAsync(tenant.Api));
    }

    private async Task KillAndConvergeAsync(string service, Tenant tenant, Guest web)
    {
        var before = await ResourcesAsync(tenant.Api);
        var limit = Within.FiveSeconds - await KillAsync(service, tenant);
        await Within.AtMostAsync(limit, "the API answers and diff prints []", async () => await tenant.Api.AnswersAsync() && await lab.DiffAsync() is []);

        Assert.Equal(before, await ResourcesAsync(tenant.Api));
        var (_, floating) = await tenant.FloatAsync(web);
        await Within.TwoSecondsAsync("a change is carried out", () => lab.PingsFromOutsideAsync(floating));
    }

    /// <summary>Kills it and waits for another one in its place; tells how long that took.</summary>
    private async Task<TimeSpan> KillAsync(string service, Tenant tenant)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var pid = await PidAsync(service, tenant);
        if (service == "dnsmasq")
        {
            (await lab.OnHostAsync("kill", "-9", $"{pid}")).Required();
        }
        else
        {
            (await Shell.RunAsync(["kill", "-9", $"{pid}"])).Required();
        }

        clock.Restart();
        await Within.AtMostAsync(Within.FiveSeconds, $"{service} is started again", async () => await PidAsync(service, tenant) is { } now && now != pid);
        return clock.Elapsed;
    }

    /// <summary>Of a service as this machine numbers it, of dnsmasq as the lab does.</summary>
    private async Task<int?> PidAsync(string service, Tenant tenant) =>
        service != "dnsmasq" ? await lab.PidOfAsync(service)
        : int.TryParse((await lab.OnHostAsync("cat", $"/run/tapline/processes/qdhcp-{tenant.Network}/dnsmasq/pid")).Text, out var pid) ? pid : null;

    private static async Task<string> ResourcesAsync(CloudApi api)
    {
        var lines = new List<string>();
        foreach (var collection in (string[])["networks", "subnets", "ports", "routers", "floatingips", "security-groups", "security-group-rules", "instances"])
        {
            lines.AddRange((await api.ListAsync(collection)).Select(item => $"{collection} {item!["id"]} {item["name"]} {item["fixed_ips"]?.ToJsonString()}").Order());
        }

        return string.Join('\n', lines);
    }
}

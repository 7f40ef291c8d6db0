namespace Tapline.HostTests.Labs;

/// <summary>Each verb of the API, and what it does to packets two seconds later at most.</summary>
[Collection(LabCollection.Name)]
public sealed class VerbTests(LabFixture lab)
{
    [Fact]
    public async Task A_rule_that_is_added_lets_in_and_one_that_is_removed_ends_what_it_had_let_in()
    {
        await using var tenant = await Tenant.MakeAsync(lab);
        var group = await tenant.MakeGroupAsync("empty");
        var web = await tenant.StartAsync("192.168.1.5", group);
        var (_, floating) = await tenant.FloatAsync(web);
        Assert.False(await lab.PingsFromOutsideAsync(floating));

        var icmp = await tenant.AllowAsync(group, "'protocol': 'icmp'");
        await Within.TwoSecondsAsync("ping passes", () => lab.PingsFromOutsideAsync(floating));
        var ssh = await tenant.AllowAsync(group, "'protocol': 'tcp', 'port_range_min': 22, 'port_range_max': 22");
        await Within.TwoSecondsAsync("port 22 opens", async () =>
            (await lab.OutsideAsync("busybox", "nc", "-w", "1", floating, "22")).Error.Contains("refused", StringComparison.Ordinal)); // nobody listens yet
        await using var connection = await TcpEcho.ConnectAsync(lab, web, floating);
        await using var ping = await RunningPing.StartAsync(lab.On("outside"), floating);
        Assert.True(await connection.AnswersAsync());

        await tenant.Api.DeleteAsync("security-group-rules", icmp);
        await ping.EndsWithinTwoSecondsAsync();
        Assert.True(await connection.AnswersAsync());
        await tenant.Api.DeleteAsync("security-group-rules", ssh);
        await Within.TwoSecondsAsync("the TCP connection ends", async () => !await connection.AnswersAsync());
    }

    [Fact]
    public async Task A_port_whose_group_is_swapped_obeys_the_new_one()
    {
        await using var tenant = await Tenant.MakeAsync(lab);
        var closed = await tenant.MakeGroupAsync("closed");
        var web = await tenant.StartAsync("192.168.1.5");
        var (_, floating) = await tenant.FloatAsync(web);
        await using var ping = await RunningPing.StartAsync(lab.On("outside"), floating);

        await tenant.Api.PutAsync("ports", web.PortId, $"{{'port': {{'security_groups': ['{closed}']}}}}");
        await ping.EndsWithinTwoSecondsAsync();

        await tenant.Api.PutAsync("ports", web.PortId, $"{{'port': {{'security_groups': ['{tenant.Group}']}}}}");
        await Within.TwoSecondsAsync("ping passes again", () => lab.PingsFromOutsideAsync(floating));
    }

    [Fact]
    public async Task A_floating_IP_moves_from_one_instance_to_another_and_ends()
    {
        await using var tenant = await Tenant.MakeAsync(lab);
        var first = await tenant.StartAsync("192.168.1.5");
        var second = await tenant.StartAsync("192.168.1.6");
        var (id, floating) = await tenant.FloatAsync(first);
        await Within.TwoSecondsAsync("the first answers", () => lab.PingsFromOutsideAsync(floating));
        await using var ping = await RunningPing.StartAsync(lab.On("outside"), floating);

        await tenant.Api.PutAsync("floatingips", id, $"{{'floatingip': {{'port_id': '{second.PortId}'}}}}");
        await Within.TwoSecondsAsync("the second answers", async () => await AnswersAsync(second, floating) && !await AnswersAsync(first, floating));

        await tenant.Api.PutAsync("floatingips", id, "{'floatingip': {'port_id': null}}");
        await ping.EndsWithinTwoSecondsAsync();
        Assert.False(await lab.PingsFromOutsideAsync(floating));
    }

    [Fact]
    public async Task An_instance_reaches_a_floating_IP_of_its_own_network()
    {
        await using var tenant = await Tenant.MakeAsync(lab);
        var first = await tenant.StartAsync("192.168.1.5");
        var second = await tenant.StartAsync("192.168.1.6");
        var (_, floating) = await tenant.FloatAsync(second);

        await Within.TwoSecondsAsync("the neighbour's floating IP answers", () => lab.PingsFromAsync(first, floating));
        await Within.TwoSecondsAsync("its own floating IP answers", () => lab.PingsFromAsync(second, floating));
    }

    [Fact]
    public async Task A_router_interface_that_is_removed_ends_the_way_out()
    {
        await using var tenant = await Tenant.MakeAsync(lab);
        var web = await tenant.StartAsync("192.168.1.5");
        await using var ping = await RunningPing.StartAsync(lab.In(web), LabFixture.Far);

        await tenant.Api.PutAsync("routers", $"{tenant.Router}/remove_router_interface", $"{{'subnet_id': '{tenant.Subnet}'}}");
        await ping.EndsWithinTwoSecondsAsync();

        await tenant.Api.PutAsync("routers", $"{tenant.Router}/add_router_interface", $"{{'subnet_id': '{tenant.Subnet}'}}");
        await Within.TwoSecondsAsync("the way out is back", () => lab.PingsFromAsync(web, LabFixture.Far));
    }

    [Fact]
    public async Task A_port_that_is_disabled_is_cut_off_until_it_is_enabled()
    {
        await using var tenant = await Tenant.MakeAsync(lab);
        var web = await tenant.StartAsync("192.168.1.5");
        await using var ping = await RunningPing.StartAsync(lab.In(web), LabFixture.Gateway);

        await tenant.Api.PutAsync("ports", web.PortId, "{'port': {'admin_state_up': false}}");
        await ping.EndsWithinTwoSecondsAsync();
        await Within.TwoSecondsAsync("the port is DOWN", async () => (string?)(await tenant.Api.GetAsync("ports", web.PortId))["status"] == "DOWN");

        await tenant.Api.PutAsync("ports", web.PortId, "{'port': {'admin_state_up': true}}");
        await Within.TwoSecondsAsync("it answers again", () => lab.PingsFromAsync(web, LabFixture.Gateway));
        await Within.TwoSecondsAsync("the port is ACTIVE", async () => (string?)(await tenant.Api.GetAsync("ports", web.PortId))["status"] == "ACTIVE");
    }

    [Fact]
    public async Task A_changed_DNS_server_comes_with_the_next_renewal_and_a_changed_fixed_IP_with_the_next_lease()
    {
        await using var tenant = await Tenant.MakeAsync(lab);
        var web = await tenant.StartAsync("192.168.1.5");

        await tenant.Api.PutAsync("subnets", tenant.Subnet, "{'subnet': {'dns_nameservers': ['192.0.2.53']}}");
        await Within.TwoSecondsAsync("the new DNS server", async () =>
        {
            await RenewAsync(web);
            return (await lab.InAsync(web, "cat", "/etc/resolv.conf")).Text.Contains("nameserver 192.0.2.53", StringComparison.Ordinal);
        });

        await tenant.Api.PutAsync("ports", web.PortId, "{'port': {'fixed_ips': [{'ip_address': '192.168.1.77'}]}}");
        await Within.TwoSecondsAsync("the new address, answered", async () =>
        {
            await ReleaseAsync(web); // a renewal bears the old address, which is no longer the port's: anti-spoofing drops it
            await RenewAsync(web);
            return await tenant.HasAddressAsync(web, "192.168.1.77") && await lab.PingsFromAsync(web, LabFixture.Gateway);
        });
    }

    [Fact]
    public async Task The_MTU_of_the_network_comes_by_DHCP_and_is_on_every_device()
    {
        await using var tenant = await Tenant.MakeAsync(lab, more: ", 'mtu': 1400");
        var web = await tenant.StartAsync("192.168.1.5");

        (await lab.OnHostAsync("sh", "-c", "printf '#!/bin/sh\\necho mtu=$mtu\\n' > /run/told && chmod +x /run/told")).Required();
        Assert.Contains("mtu 1400", (await lab.InAsync(web, "ip", "link", "show", "eth0")).Text, StringComparison.Ordinal);
        foreach (var device in (string[])[web.Tap, web.Qbr, web.Qvb, web.Qvo])
        {
            Assert.Contains("mtu 1400", (await lab.OnHostAsync("ip", "link", "show", device)).Text, StringComparison.Ordinal);
        }

        var told = await lab.InAsync(web, "busybox", "udhcpc", "-f", "-n", "-q", "-i", "eth0", "-O", "mtu", "-s", "/run/told");
        Assert.Contains("mtu=1400", told.Text, StringComparison.Ordinal);
    }

    /// <summary>Asks the client for a renewal as an operator would; it is the process that the instance's directory names.</summary>
    private Task RenewAsync(Guest guest) => SignalAsync(guest, "USR1");

    private Task ReleaseAsync(Guest guest) => SignalAsync(guest, "USR2");

    /// <summary>To the instance's udhcpc, which is given time to do what it is asked for: the next signal would begin it anew.</summary>
    private async Task SignalAsync(Guest guest, string signal)
    {
        await lab.OnHostAsync("sh", "-c", $"kill -{signal} $(cat /run/tapline/*/{guest.Namespace}/dhcp-eth0/pid)");
        await Task.Delay(100, TestContext.Current.CancellationToken);
    }

    /// <summary>Whether that instance is the one that a ping to the address ends at: it counts the requests that came in.</summary>
    private async Task<bool> AnswersAsync(Guest guest, string address)
    {
        var before = await EchoesAsync(guest);
        return await lab.PingsFromOutsideAsync(address) && await EchoesAsync(guest) > before;
    }

    private async Task<int> EchoesAsync(Guest guest)
    {
        var lines = (await lab.InAsync(guest, "grep", "^Icmp:", "/proc/net/snmp")).Text.Split('\n');
        var column = Array.IndexOf(lines[0].Split(' '), "InEchos");
        return int.Parse(lines[1].Split(' ')[column], System.Globalization.CultureInfo.InvariantCulture);
    }
}

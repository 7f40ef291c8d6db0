using System.Text.Json.Nodes;
using Tapline.Core.Host;
using Tapline.Core.Host.Observed;

namespace Tapline.HostTests.Labs;

/// <summary>Labs of a test's own, beside the shared one.</summary>
[Collection(LabCollection.Name)]
public sealed class LabTests(LabFixture lab)
{
    [Fact]
    public async Task Two_labs_run_side_by_side_and_nothing_is_left_of_one_whose_first_process_is_killed()
    {
        var name = $"{lab.Name}-b";
        var up = JsonNode.Parse((await Tapline.RunAsync("lab", "up", "--name", name, "--json")).Required().Text)!;
        int[] pids = [(int)up["pid"]!, .. up["services"]!.AsArray().Concat(up["hosts"]!.AsArray()).Select(item => (int)item!["pid"]!)];
        try
        {
            Assert.NotEqual(lab.ApiUrl, (string?)up["api_url"]);
            Assert.Superset(new HashSet<string> { lab.Name, name }, await NamesAsync());
        }
        finally
        {
            (await Shell.RunAsync(["kill", "-9", $"{up["pid"]}"])).Required();
        }

        await Within.TwoSecondsAsync("no process is left", () => Task.FromResult(!Array.Exists(pids, IsAlive)));
        Assert.DoesNotContain(name, await NamesAsync());
        Assert.Contains(lab.Name, await NamesAsync());
        Assert.False(Directory.Exists(Path.Combine(Path.GetTempPath(), $"tapline-{(await Shell.RunAsync(["id", "-u"])).Text.Trim()}", name)));
    }

    [Fact]
    public async Task Exec_passes_input_output_and_exit_code()
    {
        var echoed = await Shell.RunAsync([Tapline.Executable, "lab", "exec", "outside", "--name", lab.Name, "--", "cat"], "two\nlines\n");
        var failed = await Tapline.RunAsync("lab", "exec", "host1", "--name", lab.Name, "--", "sh", "-c", "exit 7");
        var inside = await Tapline.RunAsync("lab", "exec", "host1", "--name", lab.Name, "--", "tapline", "diff", "--json");

        Assert.Equal((0, "two\nlines\n"), (echoed.ExitCode, echoed.Text));
        Assert.Equal(7, failed.ExitCode);
        Assert.Equal("[]", inside.Text.Trim());
    }

    [Fact]
    public async Task An_instance_runs_commands_with_input_and_exit_code()
    {
        await using var tenant = await Tenant.MakeAsync(lab);
        var web = await tenant.StartAsync("192.168.1.5");

        var echoed = await Shell.RunAsync([Tapline.Executable, "instance", "exec", web.Id, "--lab", lab.Name, "--", "sh", "-c", "cat; exit 3"], "hello");
        var named = await Tapline.RunAsync("instance", "exec", "guest-192.168.1.5", "--lab", lab.Name, "--", "hostname", "-I");

        Assert.Equal((3, "hello"), (echoed.ExitCode, echoed.Text));
        Assert.Equal("192.168.1.5", named.Text.Trim());
    }

    [Fact]
    public async Task Observe_shows_the_whole_host_and_what_is_configured_of_it_as_plan_does()
    {
        await using var tenant = await Tenant.MakeAsync(lab);
        var web = await tenant.StartAsync("192.168.1.5");

        var whole = ObservationJson.Read(System.Text.Encoding.UTF8.GetBytes((await Tapline.RunAsync("observe", "--json", "--lab", lab.Name)).Required().Text));
        var text = (await Tapline.RunAsync("observe", "--lab", lab.Name)).Required().Text;
        var configured = (await Tapline.RunAsync("observe", "--configured", "--lab", lab.Name)).Required().Text;
        var plan = (await Tapline.RunAsync("plan", "--lab", lab.Name)).Required().Text;

        var host = whole.Namespace("")!;
        Assert.Equal(new LinkEnd(web.Namespace, "eth0"), host.Link(web.Tap)!.Peer);
        Assert.Equal((web.Qbr, web.Qbr, new LinkEnd("", web.Qvo)), (host.Link(web.Tap)!.Master, host.Link(web.Qvb)!.Master, host.Link(web.Qvb)!.Peer));
        Assert.False(host.Link(web.Qvb)!.TransmitChecksum);
        Assert.Contains(whole.Namespace(web.Namespace)!.Addresses, address => address.Prefix.ToString() == "192.168.1.5/24");
        Assert.Equal("1", whole.Namespace(tenant.RouterNamespace)!.Sysctl("net/ipv4/ip_forward"));
        Assert.Equal(web.PortId, whole.Switch!.Bridges.SelectMany(bridge => bridge.Ports).Single(port => port.Name == web.Qvo).Interfaces[0].ExternalId("iface-id"));
        Assert.Contains(whole.Processes, process => process.Name == "dnsmasq" && process.Files.Any(file => file.Content.Contains(web.Mac, StringComparison.Ordinal)));
        Assert.Empty(whole.Unread);
        Assert.Contains($"{web.Tap}", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\e[", text, StringComparison.Ordinal);
        Assert.Contains($"link {web.Tap}", configured, StringComparison.Ordinal);
        Assert.Contains($"link {web.Tap}", plan, StringComparison.Ordinal);
    }

    private static bool IsAlive(int pid) => File.Exists($"/proc/{pid}/stat") && !File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ", StringComparison.Ordinal);

    private static async Task<HashSet<string>> NamesAsync() =>
        [.. JsonNode.Parse((await Tapline.RunAsync("lab", "list", "--json")).Required().Text)!.AsArray().Select(item => (string)item!["name"]!)];
}

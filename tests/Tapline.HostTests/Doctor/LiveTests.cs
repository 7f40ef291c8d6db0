using System.Text.Json.Nodes;
using Tapline.HostTests.Labs;

namespace Tapline.HostTests.Doctor;

/// <summary><c>tapline doctor --live</c> in a lab: what every device saw, where it ended, and that nothing stays.</summary>
[Collection(LabCollection.Name)]
public sealed class LiveTests(LabFixture lab)
{
    [Fact]
    public async Task Every_kernel_device_of_a_healthy_way_saw_the_request_and_the_reply()
    {
        await using var tenant = await Tenant.MakeAsync(lab);
        var web = await tenant.StartAsync("192.168.1.5");
        var (_, floating) = await tenant.FloatAsync(web);
        await Within.TwoSecondsAsync("ping from outside", () => lab.PingsFromOutsideAsync(floating));

        AssertSeen(await LiveAsync("ping", web.Tap, LabFixture.Far));
        AssertSeen(await LiveAsync("ping", LabFixture.Gateway, floating));
    }

    [Fact]
    public async Task What_is_lost_is_lost_where_it_was_seen_last_and_what_was_read_agrees()
    {
        await using var tenant = await Tenant.MakeAsync(lab);
        var web = await tenant.StartAsync("192.168.1.5");
        Assert.True(await lab.PingsFromAsync(web, LabFixture.Far));
        var router = $"ip netns exec {tenant.RouterNamespace}";
        var leg = (await lab.OnHostAsync("sh", "-c", $"{router} ls /sys/class/net | grep ^qr-")).Text.Trim();
        (string Break, string Mend, string Code, string Last, string Evidence)[] faults =
        [
            ($"{router} sysctl -qw net.ipv4.ip_forward=0", $"{router} sysctl -qw net.ipv4.ip_forward=1", "router.forwarding-off", leg, "ip_error"),
            ($"{router} nft 'table ip foreign {{ chain f {{ type filter hook forward priority 5; icmp type echo-request drop; }}; }}'", $"{router} nft delete table ip foreign",
                "firewall.rule", leg, "nftrace: dropped by the rule 'icmp type echo-request drop'"),
            ("nft 'table bridge foreign { chain f { type filter hook forward priority 5; ether type ip ip protocol icmp drop; }; }'", "nft delete table bridge foreign",
                "firewall.rule", web.Tap, "nftrace: dropped by the rule 'ip protocol icmp drop'"),
            ("iptables-legacy -I FORWARD -p icmp -j DROP", "iptables-legacy -D FORWARD -p icmp -j DROP", "firewall.rule", web.Tap, "NETFILTER_DROP"),
            ($"ip -n {tenant.RouterNamespace} neigh replace 192.168.1.5 lladdr 02:00:00:00:00:99 dev {leg} nud permanent",
                $"ip -n {tenant.RouterNamespace} neigh del 192.168.1.5 dev {leg}", "neighbour.wrong", "eth0", "02:00:00:00:00:99"),
        ];
        (await Labs.Tapline.RunAsync("lab", "stop", "host1", "agent", "--name", lab.Name)).Required();
        try
        {
            foreach (var (damage, mend, code, last, evidence) in faults)
            {
                (await lab.OnHostAsync("sh", "-c", damage)).Required();
                var report = await LiveAsync("ping", web.Tap, LabFixture.Far);
                (await lab.OnHostAsync("sh", "-c", mend)).Required();

                Assert.Equal(("broken", code), ((string?)report["verdict"], (string?)report["causes"]?[0]?["code"]));
                var told = string.Join('\n', report["causes"]![0]!["evidence"]!.AsArray().Select(line => (string?)line));
                Assert.True(told.Contains($"was last seen at {last}", StringComparison.Ordinal), told);
                Assert.Contains(evidence, evidence.Contains("DROP", StringComparison.Ordinal) || evidence == "ip_error" ? told + Unread(report, evidence) : told, StringComparison.Ordinal);
            }
        }
        finally
        {
            (await Labs.Tapline.RunAsync("lab", "start", "host1", "agent", "--name", lab.Name)).Required();
        }

        Assert.Equal("works", (string?)(await LiveAsync("ping", web.Tap, LabFixture.Far))["verdict"]);
    }

    [Fact]
    public async Task An_instance_that_keeps_silent_is_broken_itself()
    {
        await using var tenant = await Tenant.MakeAsync(lab);
        var web = await tenant.StartAsync("192.168.1.5");
        var (_, floating) = await tenant.FloatAsync(web);
        await Within.TwoSecondsAsync("ping from outside", () => lab.PingsFromOutsideAsync(floating));
        (await lab.InAsync(web, "ip", "xfrm", "policy", "add", "src", "0.0.0.0/0", "dst", "0.0.0.0/0", "dir", "out", "action", "block")).Required(); // what no snapshot has

        var report = await LiveAsync("ping", LabFixture.Gateway, floating);

        Assert.Equal(("broken-in-guest", "guest.no-answer"), ((string?)report["verdict"], (string?)report["causes"]?[0]?["code"]));
    }

    [Fact]
    public async Task Traffic_that_is_there_is_seen_on_every_device_and_kept_in_a_file()
    {
        await using var tenant = await Tenant.MakeAsync(lab);
        var web = await tenant.StartAsync("192.168.1.5");
        var ping = RunningPing.CountAsync(lab.In(web), LabFixture.Far, 200);
        var file = Path.Combine(AppContext.BaseDirectory, $"{lab.Name}.pcapng");
        try
        {
            var result = (await Labs.Tapline.RunAsync("trace", web.Tap, LabFixture.Far, "--seconds", "1", "--pcap", file, "--json", "--lab", lab.Name)).Required();

            var devices = JsonNode.Parse(result.Text)!["frames"]!.AsArray().Select(frame => (string?)frame!["device"]).ToHashSet();
            Assert.Superset(new HashSet<string?> { "eth0", web.Tap, web.Qbr, web.Qvb, web.Qvo, "eth1", "ext0" }, devices);
            Assert.True(new FileInfo(file).Length > 10_000);
        }
        finally
        {
            File.Delete(file);
            await ping;
        }
    }

    [Fact]
    public async Task A_TAP_is_probed_as_its_instance_and_a_kill_leaves_nothing()
    {
        await using var tenant = await Tenant.MakeAsync(lab);
        var port = await tenant.MakeAsync("ports", $"{{'port': {{'network_id': '{tenant.Network}', 'fixed_ips': [{{'ip_address': '192.168.1.9'}}], "
            + $"'security_groups': ['{tenant.Group}'], 'binding:host_id': 'host1', 'device_owner': 'compute:nova', 'device_id': '11111111-2222-3333-4444-555555555555'}}}}");
        var tap = $"tap{((string)port["id"]!)[..11]}";
        using var held = TapTests.OpenTap(lab, tap);
        await Within.TwoSecondsAsync("the TAP is a port of its qbr", async () =>
            (await lab.OnHostAsync("ip", "link", "show", tap)).Text.Contains("master qbr", StringComparison.Ordinal));
        await Within.AtMostAsync(Within.FiveSeconds, "works", async () => (string?)(await LiveAsync("ping", tap, LabFixture.Far))["verdict"] == "works");

        var left = (await lab.OnHostAsync("sh", "-c", KilledInTheMiddle, Path.GetFullPath(Labs.Tapline.Executable), tap)).Required().Text;

        Assert.Contains("tapline-live-", left, StringComparison.Ordinal); // it was in the middle
        Assert.Contains("tpl", left, StringComparison.Ordinal);
        Assert.EndsWith("nothing is left\n", left, StringComparison.Ordinal);
    }

    /// <summary>$0 the program, $1 the TAP: what is there before, a probe that is killed when its instruments are there, what is there after.</summary>
    private const string KilledInTheMiddle = """
        instances() { mkdir -p /tmp/traced; mount -t tracefs none /tmp/traced 2> /dev/null || return 0; ls /tmp/traced/instances; umount /tmp/traced; }
        state() {
            ip -d link | sed "s/[a-z_]*_timer *[0-9.]*//g"; ip netns; nft -s list ruleset; mount; instances
            for device in $(ls /sys/class/net); do tc qdisc show dev $device; tc filter show dev $device ingress 2> /dev/null; done
        }
        state > /tmp/before
        "$0" doctor ping "$1" 10.1.0.77 --live > /dev/null 2>&1 &
        pid=$!
        until nft list tables | grep tapline-live && ip link | grep tpl; do kill -0 $pid || exit 1; done
        kill -9 $pid
        wait $pid
        for try in 1 2 3 4 5 6 7 8 9 10; do state > /tmp/after; cmp -s /tmp/before /tmp/after && echo nothing is left && exit; sleep 0.2; done
        diff /tmp/before /tmp/after
        """;

    private async Task<JsonNode> LiveAsync(params string[] question)
    {
        var result = await Labs.Tapline.RunAsync(["doctor", .. question, "--live", "--json", "--lab", lab.Name]);
        Assert.True(result.ExitCode < 64, $"{result.Error}{result.Text}");
        return JsonNode.Parse(result.Text)!;
    }

    private static void AssertSeen(JsonNode report)
    {
        Assert.Equal(("live", "works"), ((string?)report["mode"], (string?)report["verdict"]));
        foreach (var way in (string[])["request", "reply"])
        {
            var hops = report[way]!["hops"]!.AsArray().Where(hop => (string?)hop!["packet"] == "icmp").ToList();
            Assert.True(hops.Count > 10);
            Assert.All(hops, hop => Assert.StartsWith((string?)hop!["kind"] is "ovs-bridge" or "patch" ? "" : $"{way} 3/3, ", (string?)hop["saw"] ?? "", StringComparison.Ordinal));
        }
    }

    /// <summary>Without the right to trace the kernel's reason is not there, and that is told.</summary>
    private static string Unread(JsonNode report, string evidence) =>
        report["notes"]!.AsArray().Any(note => ((string?)note)!.Contains("skb:kfree_skb", StringComparison.Ordinal)) ? evidence : "";
}

using Tapline.HostTests.Labs;

namespace Tapline.HostTests.Doctor;

/// <summary>What looks changes nothing: the host's state by other programs' words, before and after.</summary>
[Collection(LabCollection.Name)]
public sealed class UntouchedTests(LabFixture lab)
{
    /// <summary>What counts, ages or ticks by itself is left out, and nothing else: counters, timers, a neighbour's state.</summary>
    private const string OfNamespace = """
        ip -d link | sed 's/[a-z]*_timer *[0-9.]*//g'
        ip addr | sed 's/_lft [0-9a-z]*//g'
        ip route show table all; ip -6 route show table all; ip rule; ip -6 rule
        ip neigh | sed 's/ [A-Z]* *$//' | sort
        bridge fdb | sort; bridge vlan; tc qdisc; ip netns list-id
        nft --stateless list ruleset
        for save in iptables-legacy-save iptables-nft-save ip6tables-legacy-save ip6tables-nft-save; do $save | grep -v '^#' | sed 's/\[.*\]//'; done
        for file in ip_tables_names ip6_tables_names arp_tables_names; do echo $file; cat /proc/self/net/$file; done
        grep -r '' /proc/sys/net | grep -v -e count -e random
        """;

    private const string OfHost = """
        ls /run/netns; cat /proc/self/mountinfo; cat /proc/modules
        find /run -xdev | sort
        grep -r '' /proc/sys/kernel /proc/sys/fs | grep -v -e random -e ns_last_pid -e -nr -e state -e count
        ovs-vsctl list Bridge; ovs-vsctl list Port; ovs-vsctl list Controller; ovs-vsctl --columns=bridges,external_ids,other_config list Open_vSwitch
        ovs-vsctl --columns=name,type,options,external_ids,other_config,ofport,error,admin_state,link_state,mtu,mac_in_use list Interface
        for bridge in $(ovs-vsctl list-br); do ovs-ofctl --no-stats --names dump-flows $bridge; ovs-ofctl -O OpenFlow13 dump-groups $bridge; ovs-ofctl show $bridge | grep -v -e xid -e speed; done
        """;

    [Fact]
    public async Task Observing_and_what_the_doctor_reads_leave_the_host_as_it_was()
    {
        await using var tenant = await Tenant.MakeAsync(lab);
        var web = await tenant.StartAsync("192.168.1.5");
        var (_, floating) = await tenant.FloatAsync(web);
        await Within.TwoSecondsAsync("ping from outside", () => lab.PingsFromOutsideAsync(floating));
        (await Labs.Tapline.RunAsync("lab", "stop", "host1", "agent", "--name", lab.Name)).Required();
        try
        {
            await SettledAsync();
            var before = await StateAsync();

            (await Labs.Tapline.RunAsync("observe", "--json", "--lab", lab.Name)).Required();
            (await Labs.Tapline.RunAsync("observe", "--lab", lab.Name)).Required();
            (await Labs.Tapline.RunAsync("doctor", "ping", web.Tap, LabFixture.Far, "--lab", lab.Name)).Required();
            (await Labs.Tapline.RunAsync("doctor", "ping", LabFixture.Gateway, floating, "--json", "--lab", lab.Name)).Required();
            (await Labs.Tapline.RunAsync("doctor", "tcp/22", web.Tap, LabFixture.Gateway, "--lab", lab.Name)).Required();
            (await Labs.Tapline.RunAsync("doctor", "dhcp", web.Tap, "--lab", lab.Name)).Required();
            (await Labs.Tapline.RunAsync("doctor", "--lab", lab.Name)).Required();
            await Labs.Tapline.RunAsync("doctor", "host", "--lab", lab.Name);

            Assert.Equal(before, await StateAsync());
            foreach (var part in (string[])["table inet tapline", web.Tap, web.Qvo, web.Namespace, tenant.RouterNamespace, "net/ipv4/ip_forward:1", "NORMAL", "br-int"])
            {
                Assert.Contains(part, before, StringComparison.Ordinal);
            }

            (await lab.OnHostAsync("ip", "netns", "exec", tenant.RouterNamespace, "nft", "add", "table", "inet", "touched")).Required();
            Assert.NotEqual(before, await StateAsync()); // the comparison sees such things
        }
        finally
        {
            (await Labs.Tapline.RunAsync("lab", "start", "host1", "agent", "--name", lab.Name)).Required();
        }
    }

    /// <summary>Nobody is about to ask a neighbour whether it is still there (which teaches that one a neighbour), and the state is twice alike.</summary>
    private Task SettledAsync() => Within.AtMostAsync(TimeSpan.FromSeconds(40), "the host stays as it is", async () =>
    {
        var asking = await lab.OnHostAsync("sh", "-c", "for ns in $(ls /run/netns); do ip -n $ns neigh; done | grep -E 'DELAY|PROBE|INCOMPLETE'");
        var first = await StateAsync();
        await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        return asking.Text.Length == 0 && first == await StateAsync();
    });

    /// <summary>Of the host and of each of its namespaces, those of instances among them.</summary>
    private async Task<string> StateAsync() => (await lab.OnHostAsync("sh", "-c", $$"""
        exec 2> /dev/null
        {{OfHost}}
        {{OfNamespace}}
        for ns in $(ls /run/netns); do
            echo "namespace $ns"
            ip netns exec $ns sh -c "$0"
        done
        """, OfNamespace)).Text;
}

namespace Tapline.HostTests.Reading;

/// <summary>Looking changes nothing.</summary>
public sealed class HarmlessTests
{
    [Fact]
    public async Task Reading_a_host_changes_nothing_on_it()
    {
        using var host = await ScratchHost.RunAsync("""
            ip netns add bare
            ip netns add a
            ip link add br0 type bridge
            ip link add v0 type veth peer name eth0 netns a
            ip link set v0 master br0 up
            ip link set br0 up
            ip -n a link set eth0 up
            ip -n a addr add 10.0.0.1/24 dev eth0
            nft add table inet t
            if command -v iptables-legacy > /dev/null; then iptables-legacy -A FORWARD -j ACCEPT; ip netns exec a iptables-nft -A FORWARD -j ACCEPT; fi
            if command -v ovs-vswitchd > /dev/null; then
                mkdir -p /run/openvswitch
                ovsdb-tool create /run/conf.db /usr/share/openvswitch/vswitch.ovsschema
                ovsdb-server /run/conf.db --remote=punix:/run/openvswitch/db.sock --pidfile=/run/openvswitch/ovsdb-server.pid -vconsole:off -vsyslog:off --detach
                ovs-vsctl --db=unix:/run/openvswitch/db.sock --no-wait init
            fi
            while ip addr | grep -q tentative || ip -n a addr | grep -q tentative; do sleep 0.1; done
            sleep 0.5
            cat > /run/state <<'END'
            ip -d link | sed 's/[a-z]*_timer *[0-9.]*//g'
            ip addr; ip route show table all; ip rule; ip -6 rule; ip neigh; bridge fdb; tc qdisc; ip netns list-id; nft list ruleset
            for file in ip_tables_names ip6_tables_names arp_tables_names; do echo $file; cat /proc/self/net/$file; done
            grep -r '' /proc/sys/net | grep -v -e count -e random
            END
            state() {
                sh /run/state
                for ns in a bare; do ip netns exec $ns sh /run/state; done
                ls /run/netns
                cat /proc/modules || true
                if [ -S /run/openvswitch/db.sock ]; then ovsdb-client dump unix:/run/openvswitch/db.sock; fi
            }
            state > $out/before 2> /dev/null
            observe one
            observe two
            state > $out/after 2> /dev/null
            """);

        Assert.Equal(host.Text("before"), host.Text("after"));
        Assert.Contains("table inet t", host.Text("before"), StringComparison.Ordinal);
        Assert.Contains("10.0.0.1/24", host.Text("before"), StringComparison.Ordinal);
        Assert.Equal(["", "a", "bare"], host.Observation("two").Namespaces.Select(ns => ns.Name));
    }

    [Fact]
    public async Task Who_may_not_look_everywhere_is_told_what_is_missing()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess && ScratchHost.Has("setpriv"), "only root can be another user");
        using var host = await ScratchHost.RunAsync("""
            ip netns add closed
            nft add table inet t
            chmod 711 "$out" && touch $out/observation && chmod 666 $out/observation
            HOME=/run setpriv --reuid=65534 --regid=65534 --clear-groups "$tapline" observe --output $out/observation
            """);

        var observation = host.Observation("observation");

        Assert.NotNull(observation.Namespace("")!.Link("lo"));
        Assert.Contains(observation.Unread, line => line.StartsWith("nftables: ", StringComparison.Ordinal));
        Assert.Contains(observation.Unread, line => line.StartsWith("namespace closed: ", StringComparison.Ordinal));
    }
}

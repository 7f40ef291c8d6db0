using System.Text.Json.Nodes;
using Tapline.Core.Host;
using Tapline.Core.Primitives;

namespace Tapline.HostTests.Reading;

/// <summary>Rules, sets, connections, counters and programs.</summary>
public sealed class RuleReadingTests
{
    [Fact]
    public async Task Nftables_are_nfts_own_json_and_a_namespace_without_any_has_none()
    {
        using var host = await ScratchHost.RunAsync("""
            ip netns add empty
            nft -f - <<'END'
            table inet t {
                set s { type ipv4_addr; elements = { 10.0.0.1, 10.0.0.2 } }
                chain c { type filter hook input priority 0; ip saddr @s counter drop comment "a 'quoted' one"; }
            }
            table bridge b { chain c { type filter hook forward priority -10; }; }
            END
            observe observation
            nft -j list ruleset > $out/nft
            """);

        var observation = host.Observation("observation");

        Assert.Equal(
            JsonNode.Parse(host.Text("nft"))!["nftables"]!.ToJsonString(),
            JsonNode.Parse(observation.Namespace("")!.Nftables!)!["nftables"]!.ToJsonString());
        Assert.Null(observation.Namespace("empty")!.Nftables);
        Assert.Empty(observation.Namespace("")!.Iptables);
        Assert.Empty(observation.Unread);
    }

    [Fact]
    public async Task What_nft_leaves_out_of_its_json_is_put_in()
    {
        using var host = await ScratchHost.RunAsync("""
            ip link add d0 type veth peer name d1
            nft -f - <<'END'
            table ip sleeping { flags dormant; chain c { type filter hook input priority 0; policy drop; }; }
            table netdev n {
                chain one { type filter hook ingress device d0 priority 0; }
                chain two { type filter hook ingress devices = { d0, d1 } priority 1; }
            }
            END
            observe observation
            """);

        var objects = JsonNode.Parse(host.Observation("observation").Namespace("")!.Nftables!)!["nftables"]!.AsArray();

        Assert.Equal("""["dormant"]""", objects.Single(item => (string?)item!["table"]?["name"] == "sleeping")!["table"]!["flags"]!.ToJsonString());
        Assert.Equal("""["d0"]""", objects.Single(item => (string?)item!["chain"]?["name"] == "one")!["chain"]!["dev"]!.ToJsonString());
        Assert.Equal(["d0", "d1"], objects.Single(item => (string?)item!["chain"]?["name"] == "two")!["chain"]!["dev"]!.AsArray().Select(device => (string?)device).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_iptables_family_is_read_of_both_kinds_where_there_is_any()
    {
        Assert.SkipUnless(ScratchHost.Has("iptables-legacy-save") && ScratchHost.Has("iptables-nft-save"), "iptables is not installed here");
        using var host = await ScratchHost.RunAsync("""
            ip netns add old && ip netns exec old iptables-legacy -t nat -A POSTROUTING -o eth9 -j MASQUERADE
            ip netns exec old ip6tables-legacy -A FORWARD -j DROP
            ip netns add new && ip netns exec new iptables-nft -A FORWARD -m physdev --physdev-in tap0 --physdev-is-bridged -j ACCEPT
            ip netns exec new ip6tables-nft -P FORWARD DROP
            ip netns exec new ebtables-nft -A FORWARD -s 02:00:00:00:00:01 -j DROP || true
            ip netns exec new arptables-nft -A INPUT -j ACCEPT || true
            ip netns exec new nft list tables > $out/tables
            ip netns add pure && ip netns exec pure nft add table inet t
            observe observation
            ip netns exec old iptables-legacy-save > $out/old
            ip netns exec new iptables-nft-save > $out/new
            """);

        var observation = host.Observation("observation");

        Assert.Equal(["iptables-legacy", "ip6tables-legacy"], observation.Namespace("old")!.Iptables.Select(dump => dump.Program));
        Assert.Contains("[0:0] -A POSTROUTING -o eth9 -j MASQUERADE", observation.Namespace("old")!.Iptables[0].Text, StringComparison.Ordinal);
        var programs = observation.Namespace("new")!.Iptables.Select(dump => dump.Program).ToList();
        Assert.Equal(["iptables-nft", "ip6tables-nft"], programs.Take(2));
        Assert.Equal(host.Text("tables").Contains("table bridge", StringComparison.Ordinal), programs.Contains("ebtables-nft"));
        Assert.Equal(host.Text("tables").Contains("table arp", StringComparison.Ordinal), programs.Contains("arptables-nft"));
        Assert.Equal(Rules(host.Text("new")), Rules(observation.Namespace("new")!.Iptables[0].Text));
        Assert.Empty(observation.Namespace("pure")!.Iptables);
        Assert.Empty(observation.Namespace("")!.Iptables);
        Assert.Empty(observation.Unread);
    }

    [Fact]
    public async Task Sets_are_read_where_rules_name_some()
    {
        Assert.SkipUnless(ScratchHost.Has("iptables-legacy-save") && ScratchHost.Has("ipset"), "iptables and ipset are not installed here");
        using var host = await ScratchHost.RunAsync("""
            ipset create ours hash:net && ipset add ours 10.0.0.0/8
            iptables-legacy -A FORWARD -m set --match-set ours src -j ACCEPT
            observe observation
            """);

        Assert.Contains("add ours 10.0.0.0/8", host.Observation("observation").Namespace("")!.Ipsets, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connections_and_the_kernels_counters_are_read()
    {
        using var host = await ScratchHost.RunAsync("""
            nft -f - <<'END'
            table inet t {
                chain z { type filter hook prerouting priority -450; ct zone set 7; }
                chain zo { type filter hook output priority -450; ct zone set 7; }
                chain c { type filter hook input priority 0; ct state invalid drop; }
                chain m { type filter hook output priority 0; ct mark set 5; }
            }
            END
            ip addr add 192.0.2.1/32 dev lo
            ping -n -c 1 -I 192.0.2.1 192.0.2.1 > /dev/null
            ping -n -c 1 -W 1 203.0.113.1 > /dev/null 2>&1 || true
            sysctl -q -w net.ipv4.icmp_echo_ignore_all=1
            observe observation
            """);

        var ns = host.Observation("observation").Namespace("")!;

        var ping = Assert.Single(ns.Connections, connection => connection.Protocol == 1);
        var address = IpAddress.Parse("192.0.2.1");
        Assert.Equal((7, 5u, address, address), (ping.Zone, ping.Mark, ping.Original.Source, ping.Reply.Destination));
        Assert.Equal((8 * 256, 0, ping.Original.SourcePort), (ping.Original.DestinationPort, ping.Reply.DestinationPort, ping.Reply.SourcePort));
        Assert.True(ping.TimeoutSeconds is > 0 and <= 30);
        Assert.NotEqual(0u, ping.Status & 8); // IPS_CONFIRMED
        Assert.Equal("1", ns.Counters.Single(counter => counter.Name == "IcmpInEchos").Value);
        Assert.NotEqual("0", ns.Counters.Single(counter => counter.Name == "IpOutNoRoutes").Value);
        Assert.Equal("1", ns.Sysctl("net/ipv4/icmp_echo_ignore_all"));
    }

    [Fact]
    public async Task Programs_are_read_with_their_files_and_without_their_secrets()
    {
        Assert.SkipUnless(ScratchHost.Has("dnsmasq") || File.Exists("/usr/sbin/dnsmasq"), "dnsmasq is not installed here");
        using var host = await ScratchHost.RunAsync("""
            ip netns add qdhcp-x
            ip -n qdhcp-x link set lo up
            mkdir -p /run/d/hosts
            echo 'fa:16:3e:00:00:01,10.0.0.5' > /run/d/hosts/one
            echo '1,option:router,10.0.0.1' > /run/d/opts
            password=hunter2 ip netns exec qdhcp-x dnsmasq --no-daemon --user=root --conf-file=/dev/null --no-hosts --no-resolv --port=0 --interface=lo \
                --dhcp-range=10.0.0.0,static --dhcp-hostsdir=/run/d/hosts --dhcp-optsfile=/run/d/opts --dhcp-leasefile=/run/d/l 2> /run/d/log &
            while ! grep -q DHCP /run/d/log 2> /dev/null; do sleep 0.01; done
            cp "$(readlink -f "$(command -v sleep)")" /run/keepalived && /run/keepalived 1000 --password=hunter2 2> /dev/null &
            sleep 0.2
            observe observation
            """);

        var observation = host.Observation("observation");

        var dnsmasq = Assert.Single(observation.Processes, process => process.Name == "dnsmasq");
        Assert.Equal(("qdhcp-x", "S"), (dnsmasq.Namespace, dnsmasq.State));
        Assert.Contains("--dhcp-optsfile=/run/d/opts", dnsmasq.Arguments);
        Assert.Contains(new ProcessFile("/run/d/hosts/one", "fa:16:3e:00:00:01,10.0.0.5\n"), dnsmasq.Files);
        Assert.Contains(new ProcessFile("/run/d/opts", "1,option:router,10.0.0.1\n"), dnsmasq.Files);
        Assert.Contains(observation.Processes, process => process.Name == "tapline" && process.Namespace.Length == 0);
        Assert.DoesNotContain("hunter2", host.Text("observation"), StringComparison.Ordinal);
        Assert.Contains(observation.Facts, fact => fact.Name == "selinux");
        Assert.Contains(observation.Facts, fact => fact.Name == "clock");
    }

    [Fact]
    public async Task Files_that_a_program_could_not_read_itself_are_not_read_for_it()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess && ScratchHost.Has("setpriv"), "only root can be another user");
        using var host = await ScratchHost.RunAsync("""
            mkdir -m 755 /run/d
            echo topsecret > /run/d/own && chmod 600 /run/d/own
            echo open > /run/d/open
            mkfifo /run/d/pipe
            ln -s /run/d/own /run/d/link
            cp "$(readlink -f "$(command -v sh)")" /run/d/dnsmasq
            setpriv --reuid=65534 --regid=65534 --clear-groups /run/d/dnsmasq -c 'sleep 1000; :' x \
                --dhcp-hostsfile=/run/d/own --addn-hosts=/run/d/link --dhcp-optsfile=/run/d/open --dhcp-leasefile=/run/d/pipe &
            sleep 0.3
            observe observation
            """);

        var dnsmasq = Assert.Single(host.Observation("observation").Processes, process => process.Name == "dnsmasq");
        Assert.Equal([new ProcessFile("/run/d/open", "open\n")], dnsmasq.Files);
    }

    private static IEnumerable<string> Rules(string dump) =>
        dump.Split('\n').Where(line => line.Contains("-A ", StringComparison.Ordinal)).Select(line => line[line.IndexOf("-A ", StringComparison.Ordinal)..]);
}

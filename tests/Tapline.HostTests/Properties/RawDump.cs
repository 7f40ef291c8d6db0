using System.Text.Json.Nodes;

namespace Tapline.HostTests.Properties;

/// <summary>
/// A host in the words of the system's own tools, without what differs by nature: indexes, random addresses, handles, counters.
/// None of Tapline's code has a part in it.
/// </summary>
internal static class RawDump
{
    /// <summary>Prints the programs that serve namespaces, whoever started them.</summary>
    public const string Programs = "busybox ps -o args | grep -E '^(dnsmasq|busybox udhcpc|ovs-ofctl|sh /run/tapline)'";

    private const string Script = $$"""
        ip -j -d link
        echo; echo '== namespaces'; ls /run/netns
        echo '== addresses'; ip -o -4 addr | cut -d ' ' -f 2-; ip rule; ip -4 route show table all; ip -6 route show default
        echo '== switch'
        for bridge in $(ovs-vsctl list-br | sort); do
            ovs-vsctl --columns=name,datapath_type,fail_mode,external_ids,other_config list Bridge $bridge
            ovs-vsctl list-ports $bridge | sort
            ovs-ofctl -O OpenFlow13 --names --no-stats dump-flows $bridge | sort
        done
        ovs-vsctl --format=csv --columns=name,tag,external_ids list Port | sort
        ovs-vsctl --format=csv --columns=name,type,options,external_ids list Interface | sort
        echo '== programs'; {{Programs}} || true
        echo '== files'; find /run/tapline -mindepth 2 | sort
        echo '== sysctls'; sysctl net.bridge net.ipv4.ip_forward net.ipv4.conf.all net.ipv4.conf.default
        """;

    public static async Task<string> OfAsync(KernelHost host)
    {
        var text = await host.ShellAsync(Script);
        var end = text.IndexOf('\n', StringComparison.Ordinal);
        var links = JsonNode.Parse(text[..end])!.AsArray().Select(link => Link(link!)).Order(StringComparer.Ordinal);
        return $"{string.Join('\n', links)}{text[end..]}== firewall\n{await FirewallAsync(host)}";
    }

    private static string Link(JsonNode link) =>
        $"{link["ifname"]} {string.Join(',', link["flags"]!.AsArray())} mtu {link["mtu"]} master {link["master"]} group {link["group"]} "
        + $"alias {link["ifalias"]} promiscuity {link["promiscuity"]} {link["linkinfo"]?["info_kind"]}";

    /// <summary>Chains, sets and rules; the order of rules counts, that of the rest does not.</summary>
    private static async Task<string> FirewallAsync(KernelHost host)
    {
        var items = JsonNode.Parse(await host.ShellAsync("nft -j -s list ruleset"))!["nftables"]!.AsArray();
        var (lines, places) = (new List<string>(), new Dictionary<string, int>());
        foreach (var item in items.Select(item => item!.AsObject()).Where(item => !item.ContainsKey("metainfo")))
        {
            var (kind, value) = (item.First().Key, item.First().Value!.AsObject());
            value.Remove("handle");
            var chain = $"{value["family"]} {value["table"]} {value["chain"]}";
            var place = kind == "rule" ? places[chain] = places.GetValueOrDefault(chain) + 1 : 0;
            lines.Add($"{kind} {chain} {place:d4} {value.ToJsonString()}");
        }

        return string.Join('\n', lines.Order(StringComparer.Ordinal));
    }
}

using System.Text.Json.Nodes;
using Tapline.Core.Host;
using Tapline.Core.Primitives;

namespace Tapline.HostTests.Properties;

/// <summary>A host in the words of iproute2, nft and Open vSwitch's tools, held against a plan: no word of ours about it is believed.</summary>
internal sealed class KernelLook
{
    private const string Script = """
        json() { out=$("$@"); echo "${out:-[]}" | tr -d '\n'; echo; }
        for ns in . $(ls /run/netns); do
            [ $ns = . ] && in=env || in="nsenter --net=/run/netns/$ns"
            echo $ns; json $in ip -j -d addr; json $in ip -j route; json $in ip -j -6 route; json $in nft -j -s list ruleset
        done
        echo; for bridge in $(ovs-vsctl list-br); do
            echo $bridge; ovs-vsctl list-ports $bridge
            ovs-ofctl -O OpenFlow13 --no-stats dump-flows $bridge | grep cookie | sed 's/.*/flow/'
            echo
        done
        """;

    private readonly List<string> _lines = [];

    private KernelLook()
    {
    }

    /// <summary>What is not as the plan says, a line each.</summary>
    public static async Task<IReadOnlyList<string>> DifferencesAsync(KernelHost host, HostState wanted)
    {
        var look = new KernelLook();
        var lines = (await host.ShellAsync(Script)).Split('\n');
        var spaces = lines.TakeWhile(line => line.Length > 0).Chunk(5).ToList();
        foreach (var part in spaces)
        {
            look.ReadSpace(part[0] == "." ? "" : part[0], [.. part.Skip(1).Select(json => JsonNode.Parse(json)!)]);
        }

        look.ReadSwitch(lines.Skip((5 * spaces.Count) + 1));
        var seen = look._lines.ToHashSet();
        var should = wanted.Items.Values.SelectMany(Lines).ToHashSet();
        var leftOver = seen.Except(should).Where(line => IsOurs(line, wanted));
        return [.. should.Except(seen).Select(line => $"missing: {line}"), .. leftOver.Select(line => $"left over: {line}")];
    }

    private static IEnumerable<string> Lines(HostItem item) => item switch
    {
        HostItem.Namespace ns => [$"namespace {ns.Name}"],
        HostItem.Link link => LinesOf(link),
        HostItem.Address address => [$"address {address.In}/{address.Device} {address.Prefix}"],
        HostItem.Route route => [$"route {route.In}/{Destination(route.Destination)} via {route.Via} dev {route.Device}"],
        HostItem.NftChain chain => [$"chain {chain.In}/{chain.Family} {chain.Name} of {chain.Rules.Count} rules"],
        HostItem.NftSet set => [$"set {set.In}/{set.Family} {set.Name} of {set.Elements.Count} elements"],
        HostItem.NftVerdictMap map => [$"set /{map.Family} {map.Name} of {map.Elements.Count} elements"],
        HostItem.OvsPort port => [$"port {port.Name} of {port.Bridge}"],
        HostItem.FlowTable table => [$"{table.Flows.Count} flows of {table.Bridge}"],
        _ => [],
    };

    private static IEnumerable<string> LinesOf(HostItem.Link link)
    {
        var name = $"link {link.In}/{link.Name}";
        yield return $"{name} {(link.Up ? "UP" : "down")}";
        string?[] more =
        [
            link.Mac is { } mac ? $"address {mac}" : null,
            link.Mtu is { } mtu ? $"mtu {mtu}" : null,
            link.Master is { Length: > 0 } master ? $"master {master}" : null,
        ];
        foreach (var part in more.OfType<string>())
        {
            yield return $"{name} {part}";
        }
    }

    /// <summary>What is seen beyond the plan may be somebody else's, or be left open by it.</summary>
    private static bool IsOurs(string line, HostState wanted)
    {
        var words = line.Split(' ');
        return words[0] switch
        {
            "link" => words[2] == "alias" && words[1].Split('/') is [var ns, var name] && wanted.Find(new ItemKey(ItemKind.Link, ns, name)) is null,
            "address" or "route" => !words[1].StartsWith("instance-", StringComparison.Ordinal),
            _ => true,
        };
    }

    private void ReadSpace(string ns, JsonNode[] json)
    {
        if (ns.Length > 0)
        {
            _lines.Add($"namespace {ns}");
        }

        foreach (var link in json[0].AsArray().Where(link => (string?)link!["ifname"] != "lo"))
        {
            var name = $"{ns}/{link!["ifname"]}";
            var isUp = link["flags"]!.AsArray().Any(flag => (string?)flag == "UP");
            var isMarked = ((string?)link["ifalias"])?.StartsWith("tapline:", StringComparison.Ordinal) == true;
            string[] facts = [isUp ? "UP" : "down", $"address {link["address"]}", $"mtu {link["mtu"]}", $"master {link["master"]}"];
            _lines.AddRange(facts.Concat(isMarked ? ["alias"] : []).Select(fact => $"link {name} {fact}"));
            _lines.AddRange(link["addr_info"]!.AsArray().Where(address => ns.Length > 0 && (string?)address!["scope"] != "link")
                .Select(address => $"address {name} {IpPrefix.Parse($"{address!["local"]}/{address["prefixlen"]}")}"));
        }

        _lines.AddRange(json[1].AsArray().Concat(json[2].AsArray()).Where(route => (string?)route!["protocol"] == "211")
            .Select(route => $"route {ns}/{route!["dst"]} via {route["gateway"]} dev {route["dev"]}"));
        ReadFirewall(ns, json[3]["nftables"]!.AsArray());
    }

    /// <summary>As iproute2 spells it: a host's without its length.</summary>
    private static string Destination(IpPrefix prefix) =>
        prefix.Length == 0 ? "default" : prefix == IpPrefix.Host(prefix.Address) ? $"{prefix.Address}" : $"{prefix}";

    private void ReadFirewall(string ns, JsonArray items)
    {
        var rules = items.Select(item => item!["rule"]).OfType<JsonNode>().CountBy(rule => $"{rule["family"]} {rule["chain"]}").ToDictionary();
        foreach (var chain in items.Select(item => item!["chain"]).OfType<JsonNode>())
        {
            var name = $"{chain["family"]} {chain["name"]}";
            _lines.Add($"chain {ns}/{name} of {rules.GetValueOrDefault(name)} rules");
        }

        _lines.AddRange(items.Select(item => item!["set"] ?? item["map"]).OfType<JsonNode>()
            .Select(set => $"set {ns}/{set["family"]} {set["name"]} of {set["elem"]?.AsArray().Count ?? 0} elements"));
    }

    private void ReadSwitch(IEnumerable<string> lines)
    {
        string? bridge = null;
        var flows = 0;
        foreach (var line in lines)
        {
            switch (line)
            {
                case "" when bridge is not null:
                    _lines.Add($"{flows} flows of {bridge}");
                    (bridge, flows) = (null, 0);
                    break;
                case "": break;
                case "flow": flows++; break;
                default:
                    _lines.AddRange(bridge is null ? [] : [$"port {line} of {bridge}"]);
                    bridge ??= line;
                    break;
            }
        }
    }
}

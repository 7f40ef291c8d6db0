using System.Globalization;
using System.Text;
using Tapline.Core.Host.Observed;

namespace Tapline.Commands;

/// <summary>A host at a glance: a table a namespace, then the switch, the programs, and what else has a say.</summary>
internal sealed class ObservationText
{
    private const string Bold = "1";
    private const string Red = "31";
    private const string Dim = "2";

    /// <summary>Those whose values are worth a line without being asked for.</summary>
    private static readonly string[] Notable =
    [
        "net/ipv4/ip_forward", "net/ipv4/conf/all/rp_filter", "net/ipv4/icmp_echo_ignore_all", "net/bridge/bridge-nf-call-iptables",
        "net/bridge/bridge-nf-call-ip6tables", "net/bridge/bridge-nf-filter-vlan-tagged", "net/netfilter/nf_conntrack_max", "net/ipv6/conf/all/forwarding",
    ];

    private readonly StringBuilder _text = new();
    private readonly bool _coloured;

    private ObservationText(bool coloured) => _coloured = coloured;

    public static string Of(Observation observation, bool coloured)
    {
        var text = new ObservationText(coloured);
        text.Line(text.In(Bold, $"{observation.Host}  Linux {observation.Kernel}  {observation.At.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture)}"));
        foreach (var ns in observation.Namespaces)
        {
            text.Namespace(ns);
        }

        if (observation.Switch is { } ovs)
        {
            text.Switch(ovs);
        }

        text.Section("Programs", Table(["pid", "program", "namespace", "state"], observation.Processes.Select(process =>
            (string[])[process.Pid.ToString(CultureInfo.InvariantCulture), process.Name, Shown(process.Namespace), process.State])));
        text.Section("Facts", [string.Join(", ", observation.Facts.Select(fact => $"{fact.Name} {fact.Value}"))]);
        text.Section("Not read", observation.Unread.Select(line => text.In(Red, line)));
        return text._text.ToString();
    }

    private void Namespace(ObservedNamespace ns)
    {
        Line("");
        Line(In(Bold, ns.Name.Length == 0 ? "Namespace of the host" : $"Namespace {ns.Name}") + (ns.IsPartial ? " (links and addresses only)" : ""));
        Lines(Table(["link", "kind", "state", "mtu", "in bridge", "other end", "addresses"], ns.Links.Select(link => LinkRow(ns, link))));
        Lines(ns.Routes.Where(route => route.Table != 255 && route.Type != "multicast" && !IsLinkLocal(route)).Select(route => In(Dim, "route ") + Route(route)));
        Lines(ns.Rules.Where(rule => !IsStandard(rule)).Select(rule =>
            $"{In(Dim, "rule ")}{rule.Priority}: from {rule.From?.ToString() ?? "all"}{(rule.In is null ? "" : $" iif {rule.In}")} {rule.Action} {rule.Table}"));
        var settings = Notable.Select(name => (Name: name, Value: ns.Sysctl(name))).Where(item => item.Value is not null).Select(item => $"{item.Name[4..]}={item.Value}").ToList();
        Lines(settings.Count == 0 ? [] : [In(Dim, "sysctl ") + string.Join("  ", settings)]);
        Lines(Rules(ns) is { Length: > 0 } rules ? [In(Dim, "rules ") + rules] : []);
        Lines(ns.IsPartial ? [] : [$"{In(Dim, "learned ")}{ns.Neighbours.Count} neighbours, {ns.Fdb.Count} bridge entries, {ns.Connections.Count} connections"]);
    }

    private static string[] LinkRow(ObservedNamespace ns, ObservedLink link) =>
    [
        link.Name, link.Kind, State(link), link.Mtu.ToString(CultureInfo.InvariantCulture), link.Master ?? "",
        link.Peer is { } peer ? (peer.In == ns.Name ? peer.Name : $"{peer.Name} in {Shown(peer.In)}") : "",
        string.Join(' ', ns.Addresses.Where(address => address.Device == link.Name).Select(address => address.Prefix.ToString() + (address.Usable ? "" : "(tentative)"))),
    ];

    private static string State(ObservedLink link) =>
        !link.Up ? "down"
        : !link.Carrier ? "no carrier"
        : link.BridgePort is { State: not "forwarding" } port ? port.State
        : link.Xdp ? "up, XDP"
        : "up";

    private static string Route(ObservedRoute route)
    {
        var hops = string.Concat(route.NextHops.Select(hop => (hop.Via is { } via ? $" via {via}" : "") + $" dev {hop.Device}" + (hop.Usable ? "" : " (dead)")));
        return (route.Type == "unicast" ? "" : route.Type + " ") + (route.Destination.Length == 0 ? "default" : route.Destination.ToString()) + hops
            + (route.Table == 254 ? "" : $" table {route.Table}") + (route.PreferredSource is { } source ? $" src {source}" : "");
    }

    private static bool IsLinkLocal(ObservedRoute route) => route.Destination.Address is { IsV6: true } address && (address.IsLinkLocal || address.IsMulticast);

    private static bool IsStandard(ObservedRule rule) => rule is { Priority: 0 or 32766 or 32767, Action: "lookup", From: null, To: null, In: null };

    private static string Rules(ObservedNamespace ns)
    {
        var parts = ns.Iptables.Select(dump => $"{dump.Program} {dump.Text.Split('\n').Count(line => line.Contains("-A ", StringComparison.Ordinal))} rules");
        return string.Join(", ", ns.Nftables is { } json ? parts.Prepend($"nftables {Count(json, "{\"rule\":")} rules in {Count(json, "{\"table\":")} tables") : parts);
    }

    private static int Count(string text, string part) => text.AsSpan().Count(part);

    private void Switch(ObservedSwitch ovs)
    {
        Line("");
        Line(In(Bold, $"Open vSwitch {ovs.Version}") + (ovs.DaemonAnswers ? "" : In(Red, "  ovs-vswitchd does not answer")));
        foreach (var bridge in ovs.Bridges)
        {
            Line($"bridge {In(Bold, bridge.Name)}  {bridge.DatapathType}, {bridge.FailMode}, {bridge.Flows.Count} flows, {bridge.Fdb.Count} learned addresses");
            Lines(bridge.Extras.Select(extra => $"  {extra}"));
            Lines(Table(["  port", "type", "number", "vlan", "state", "more"], bridge.Ports.SelectMany(port => port.Interfaces.Select(device => PortRow(port, device)))));
        }
    }

    private static string[] PortRow(ObservedPort port, ObservedInterface device) =>
    [
        "  " + device.Name, device.Type, device.Ofport?.ToString(CultureInfo.InvariantCulture) ?? "?",
        port.Tag is { } tag ? tag.ToString(CultureInfo.InvariantCulture) : port.Trunks.IsEmpty ? "" : $"trunk {string.Join(',', port.Trunks)}",
        device.LinkState, string.Join(' ', [.. device.Config, device.Error, device.Option("peer") is { } peer ? $"patch to {peer}" : device.Option("remote_ip") ?? ""]).Trim(),
    ];

    private void Section(string title, IEnumerable<string> lines)
    {
        var all = lines.Where(line => line.Length > 0).ToList();
        if (all.Count > 0)
        {
            Line("");
            Line(In(Bold, title));
            Lines(all);
        }
    }

    private static string[] Table(string[] heads, IEnumerable<string[]> rows)
    {
        var all = rows.ToList();
        return all.Count == 0 ? [] : Output.Table(heads, all).Split('\n');
    }

    private void Lines(IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            Line(line);
        }
    }

    private void Line(string line) => _text.Append(line).Append('\n');

    private string In(string colour, string text) => _coloured ? $"\e[{colour}m{text}\e[0m" : text;

    private static string Shown(string ns) => ns.Length == 0 ? "the host" : ns;
}

using System.Globalization;
using System.Text.RegularExpressions;
using Tapline.Core.Doctor.Netfilter;
using Tapline.Core.Doctor.Tracing;
using Tapline.Core.Host;
using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Comparing;

/// <summary>
/// What Tapline's plan says of a device beside what is seen of it. Sets and programs are left to <c>tapline diff</c>: an element of a
/// set is no device's.
/// </summary>
internal static partial class PlannedAspects
{
    public static IEnumerable<Aspect> Of(World world, HostItem item) => item switch
    {
        HostItem.Link link => OfLink(world.Link(link.In, link.Name), link),
        HostItem.Address address => [Present($"{address.Prefix}", world.FindNamespace(address.In)?.Addresses.Any(own => own.Device == address.Device && own.Prefix == address.Prefix) == true)],
        HostItem.Route route => [OfRoute(world.FindNamespace(route.In), route)],
        HostItem.Sysctl sysctl => OfSysctl(world.FindNamespace(sysctl.In), sysctl),
        HostItem.OvsPort port => OfPort(world, port),
        HostItem.OvsBridge bridge => OfBridge(world, bridge),
        HostItem.FlowTable table => OfFlows(world, table),
        HostItem.NftChain chain => [OfChain(world, chain)],
        _ => [],
    };

    private static IEnumerable<Aspect> OfLink(ObservedLink? seen, HostItem.Link link)
    {
        if (seen is null)
        {
            yield return new Aspect("there", "missing");
            yield break;
        }

        yield return new Aspect(UpOrDown(link.Up), UpOrDown(seen.Up));
        if (link.Mtu is { } mtu)
        {
            yield return new Aspect($"MTU {LinkStep.Number(mtu)}", $"MTU {LinkStep.Number(seen.Mtu)}");
        }

        if (link.Mac is { } mac)
        {
            yield return new Aspect($"MAC {mac}", $"MAC {seen.Mac}");
        }

        if (link.Master is { } master)
        {
            yield return new Aspect(InBridge(master), InBridge(seen.Master ?? ""));
        }

        if (link.Peer is { } peer)
        {
            yield return new Aspect(Cable(peer), seen.Peer is { } other ? Cable(other) : "its other end not seen");
        }
    }

    private static Aspect OfRoute(ObservedNamespace? ns, HostItem.Route route)
    {
        var seen = ns?.Routes.Where(entry => entry.Table == 254 && entry.Destination == route.Destination).SelectMany(entry => entry.NextHops).Select(hop => Words(hop.Via, hop.Device)).Distinct().ToList() ?? [];
        var to = route.Destination.Length == 0 ? "default" : $"{route.Destination}";
        return new Aspect($"{to} {Words(route.Via, route.Device)}", seen.Count == 0 ? $"no route to {to}" : $"{to} {string.Join(" and ", seen)}");
    }

    private static IEnumerable<Aspect> OfSysctl(ObservedNamespace? ns, HostItem.Sysctl sysctl) =>
        ns?.Sysctl(sysctl.Path) is { } seen ? [new Aspect($"{Short(sysctl.Path)}={sysctl.Value}", $"{Short(sysctl.Path)}={seen}")] : [];

    private static IEnumerable<Aspect> OfPort(World world, HostItem.OvsPort port)
    {
        if (world.Port(port.Name) is not { } seen)
        {
            yield return new Aspect($"a port of {port.Bridge}", "no port of Open vSwitch");
            yield break;
        }

        yield return new Aspect($"a port of {port.Bridge}", $"a port of {seen.Bridge.Name}");
        yield return new Aspect(Vlan(port.Tag), Vlan(seen.Port.Tag));
        if (port.PatchPeer is { } peer)
        {
            yield return new Aspect($"patched to {peer}", $"patched to {seen.Interface.Option("peer") ?? "nothing"}");
        }

        foreach (var setting in port.ExternalIds.Where(setting => setting.Name is "attached-mac" or "iface-id"))
        {
            yield return new Aspect($"{setting.Name} {setting.Value}", $"{setting.Name} {seen.Interface.ExternalId(setting.Name) ?? "none"}");
        }
    }

    private static IEnumerable<Aspect> OfBridge(World world, HostItem.OvsBridge bridge) =>
        world.Seen.Switch?.Bridges.FirstOrDefault(item => item.Name == bridge.Name) is { } seen
            ? [new Aspect($"fail_mode {bridge.FailMode}", $"fail_mode {seen.FailMode}")]
            : [new Aspect("a bridge of Open vSwitch", "no bridge of Open vSwitch")];

    /// <summary>Flows are known by their cookies, which stand for match and actions; a stranger's is one too many.</summary>
    private static IEnumerable<Aspect> OfFlows(World world, HostItem.FlowTable table)
    {
        if (world.Seen.Switch is not { DaemonAnswers: true } ovs || ovs.Bridges.FirstOrDefault(item => item.Name == table.Bridge) is not { } bridge)
        {
            yield break;
        }

        var left = table.Flows.Select(flow => (flow.Table, flow.Priority, flow.Cookie)).ToList();
        var others = bridge.Flows.Where(line => !left.Remove(KeyOf(line))).ToList();
        var wanted = $"{LinkStep.Number(table.Flows.Count)} flows of Tapline";
        yield return new Aspect(wanted, left.Count == 0 ? wanted : $"{LinkStep.Number(table.Flows.Count - left.Count)} flows of Tapline");
        yield return new Aspect("", others.Count == 0 ? "" : $"{LinkStep.Number(others.Count)} other flow{(others.Count == 1 ? "" : "s")}: {string.Join("; ", others.Take(2).Select(FlowFaults.MatchOf))}");
    }

    private static (int Table, int Priority, ulong Cookie) KeyOf(string flow) => (
        Table().Match(flow) is { Success: true } table ? int.Parse(table.Groups[1].Value, CultureInfo.InvariantCulture) : 0,
        Priority().Match(flow) is { Success: true } priority ? int.Parse(priority.Groups[1].Value, CultureInfo.InvariantCulture) : 32768,
        Cookie().Match(flow) is { Success: true } cookie ? ulong.Parse(cookie.Groups[1].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture) : 0);

    /// <summary>Each rule ends in a comment of its chain's hash and its place: a rule too many, too few or another one shows.</summary>
    private static Aspect OfChain(World world, HostItem.NftChain chain)
    {
        var name = $"chain {chain.Name} ({chain.Family})";
        var seen = world.FindNamespace(chain.In) is null ? null
            : world.Rules(chain.In).Tables.FirstOrDefault(table => table.Program == "nft" && table.Family == chain.Family && table.Name == "tapline")?.Chains.FirstOrDefault(item => item.Name == chain.Name);
        return new Aspect(name, seen is null ? $"no {name}" : IsAsWritten(chain, seen) ? name : $"{name} with other rules than the plan's");
    }

    private static bool IsAsWritten(HostItem.NftChain wanted, FilterChain seen) =>
        seen.Rules.Count == wanted.Fingerprint.Count
        && seen.Rules.Zip(wanted.Fingerprint).All(pair => pair.First.Text.EndsWith($"comment \"{pair.Second}\"", StringComparison.Ordinal));

    internal static string UpOrDown(bool up) => up ? "up" : "down";

    internal static string InBridge(string master) => master.Length == 0 ? "in no bridge" : $"in {master}";

    internal static string Vlan(int? tag) => tag is { } vlan ? $"VLAN {LinkStep.Number(vlan)}" : "all VLANs";

    private static string Cable(LinkEnd end) => $"a cable to {end.Name}{LinkFaults.In(end.In)}";

    private static Aspect Present(string words, bool isThere) => new(words, isThere ? words : $"without {words}");

    private static string Words(IpAddress? via, string device) => $"{(via is { } hop ? $"via {hop} " : "")}dev {device}";

    private static string Short(string path) => path.StartsWith("net/", StringComparison.Ordinal) ? path[4..].Replace('/', '.') : path;

    [GeneratedRegex(@"\btable=(\d+)")]
    private static partial Regex Table();

    [GeneratedRegex(@"\bpriority=(\d+)")]
    private static partial Regex Priority();

    [GeneratedRegex(@"\bcookie=0x([0-9a-f]+)")]
    private static partial Regex Cookie();
}

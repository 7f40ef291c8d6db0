using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;
using Tapline.Wire.Namespaces;
using Tapline.Wire.Netlink;

namespace Tapline.Agent.Reading;

/// <summary>Reads namespaces, each by a thread that is inside it.</summary>
internal sealed class NamespaceReader(ReadScope scope, KernelModules modules, IReadOnlyList<FoundNamespace> all, Unread unread)
{
    /// <summary>Reads the one that the calling thread is in.</summary>
    public ReadNamespace ReadHere(FoundNamespace found) => unread.Try(
        NameOf(found), ReadNamespace.Nothing(found), () => Read(found));

    /// <summary>What is known of one that may not be entered.</summary>
    public ReadNamespace Refused(FoundNamespace found, IOException error)
    {
        unread.Add($"{NameOf(found)}: {error.Message}");
        return ReadNamespace.Nothing(found);
    }

    private static string NameOf(FoundNamespace found) => found.Name.Length == 0 ? "the host's own namespace" : $"namespace {found.Name}";

    private ReadNamespace Read(FoundNamespace found)
    {
        // The host's own rules take longer than all the rest where there are many ports: they are listed beside it.
        var rules = !scope.Includes(found.Name) ? null
            : found.Name.Length == 0 ? OwnThread.Run(() => RulesOf(found))
            : Task.FromResult(RulesHere(found.Name));
        using var route = RouteSocket.Open();
        var links = route.LinkDetails().ToDictionary(link => link.Link.Index);
        string NameOf(int index) => links.TryGetValue(index, out var link) ? link.Link.Name : $"if{index}";
        var read = ReadNamespace.Nothing(found) with
        {
            Links = links,
            Numbers = NumbersOf(route, found, links.Values),
        };
        var ns = read.Observed with
        {
            Addresses = route.Addresses().Select(address => AddressingReading.Address(address, NameOf(address.LinkIndex))).ToValueList(),
        };
        return rules is not null
            ? read with
            {
                Vlans = VlansOf(route, links.Values),
                Offload = Offload.TransmitIsOn(null, Named(links.Values)),
                Joins = Offload.LargeReceiveIsOn(null, Named(links.Values.Where(link => link.Link.Kind.Length == 0))),
                Listened = found.Name.Length == 0 ? PacketSockets.Read() : null,
                Observed = Fill(ns with { IsPartial = false }, found, route, links, NameOf, rules),
            }
            : read with { Observed = ns };
    }

    private ObservedNamespace Fill(
        ObservedNamespace ns, FoundNamespace found, RouteSocket route, Dictionary<int, LinkDetail> links, Func<int, string> nameOf,
        Task<(string? Nftables, ValueList<RuleDump> Iptables, string? Ipsets)> rules)
    {
        var (qdiscs, filters) = new TrafficControlReading(ns.Name, unread).Read(route.Qdiscs(), nameOf);
        var (routes, addresses) = (route.AllRoutes(), route.Addresses());
        var sysctls = SettingReading.Sysctls(links.Values);
        ns = ns with
        {
            Routes = routes.Select(item => AddressingReading.Route(item, OwnGateways.IsUsed(route, item, routes, addresses), nameOf)).ToValueList(),
            IsLocalTableFirst = LocalTables.IsFirst(route, routes),
            ChecksSourcesByRoutes = SourceChecks.AreByRoutes(route, routes, addresses, sysctls, nameOf),
            Rules = route.Rules().OrderBy(rule => rule.IsV6).ThenBy(rule => rule.Priority).Select(AddressingReading.Rule).ToValueList(),
            Neighbours = route.Neighbours().Where(IsWorthTelling).Concat(route.Proxies())
                .Select(item => AddressingReading.Neighbour(item, nameOf(item.LinkIndex))).ToValueList(),
            Fdb = Forwarding(route, links, nameOf),
            Sysctls = sysctls,
            Counters = scope.Counters ? SettingReading.Counters() : [],
            Qdiscs = qdiscs,
            Filters = filters,
            Connections = unread.Try<ValueList<ObservedConnection>>(
                ns.Name.Length == 0 ? "connections" : $"connections in {ns.Name}", [],
                () => ConnectionReading.Read(found.Name, scope.Connections, modules, unread)),
        };
        var (nftables, iptables, ipsets) = rules.GetAwaiter().GetResult();
        return ns with { Nftables = nftables, Iptables = iptables, Ipsets = ipsets };
    }

    private (string? Nftables, ValueList<RuleDump> Iptables, string? Ipsets) RulesHere(string ns) =>
        scope.Firewalls ? new RuleReading(ns, modules, unread).Read() : (null, [], null);

    /// <summary>The same by a thread of its own.</summary>
    private (string? Nftables, ValueList<RuleDump> Iptables, string? Ipsets) RulesOf(FoundNamespace found)
    {
        (string? Nftables, ValueList<RuleDump> Iptables, string? Ipsets) rules = (null, [], null);
        NetNamespace.RunInEach([found], ns => ns.Handle, ns => rules = RulesHere(ns.Name), (_, error) => unread.Add($"nftables: {error.Message}"));
        return rules;
    }

    private static IEnumerable<string> Named(IEnumerable<LinkDetail> links) => links.Select(link => link.Link.Name).Where(name => name != "lo");

    /// <summary>Asking would be in vain on most hosts, and some kernels answer with an error.</summary>
    private static IReadOnlyList<BridgeVlan> VlansOf(RouteSocket route, IEnumerable<LinkDetail> links) =>
        links.Any(link => link.Bridge is { VlanFiltering: true }) ? route.BridgeVlans() : [];

    private static ValueList<ObservedFdbEntry> Forwarding(RouteSocket route, Dictionary<int, LinkDetail> links, Func<int, string> nameOf) =>
        links.Values.All(link => link.Bridge is null)
            ? []
            : route.BridgeForwarding().Distinct().Select(entry => new ObservedFdbEntry(
                nameOf(entry.BridgeIndex), nameOf(entry.LinkIndex), MacAddress.FromBytes(entry.Mac), entry.Vlan,
                entry.State.HasFlag(NeighbourState.Permanent), (entry.State & (NeighbourState.Permanent | NeighbourState.NoArp)) != 0)).ToValueList();

    /// <summary>Groups need no resolution: the kernel lists one for each that it has sent to.</summary>
    private static bool IsWorthTelling(NeighbourInfo neighbour) =>
        neighbour.State != NeighbourState.NoArp || !IpAddress.From(neighbour.Address).IsMulticast;

    /// <summary>Which namespaces this one's numbers for where other ends are mean: asked until each number is known.</summary>
    private Dictionary<int, string> NumbersOf(RouteSocket route, FoundNamespace found, IEnumerable<LinkDetail> links)
    {
        var open = links.Select(link => link.Link.LinkNetNsId).OfType<int>().ToHashSet();
        var known = new Dictionary<int, string>();
        foreach (var other in all)
        {
            if (open.Count == 0)
            {
                break;
            }

            if (other != found && route.NamespaceIdOf(other.Handle) is { } number && open.Remove(number))
            {
                known[number] = other.Name;
            }
        }

        return known;
    }
}

using Tapline.Core.Host.Observed;

namespace Tapline.Core.Doctor.Routing;

/// <summary>The kernel's route lookup over what was observed: policy rules by priority, in each table the longest prefix, then the least metric.</summary>
public static class RouteLookup
{
    /// <summary>What is not known of a gateway that is an own address, where nobody asked the kernel (<see cref="NextHop.UsesOwnGateway"/>).</summary>
    public const string Untold = "is an address of its own, and whether it is sent to depends on which was there first";

    private const int LocalTable = 255;
    private const int MainTable = 254;
    private const int DefaultTable = 253;

    public static RouteAnswer Find(ObservedNamespace ns, RouteQuery query)
    {
        var rules = RulesOf(ns, query.Destination.IsV6);
        var isMerged = !query.Destination.IsV6 && ns.IsLocalTableFirst != true && AreBorn(rules);
        for (var index = 0; index < rules.Count; index++)
        {
            var rule = rules[index];
            if (rule.Other is { } other)
            {
                return new RouteAnswer { Type = "none", Rule = rule, Unknown = $"policy rule {rule.Priority} asks for {other}" };
            }

            if (!Applies(rule, query))
            {
                continue;
            }

            switch (rule.Action)
            {
                case "goto":
                    index = NextAtOrAfter(rules, rule.GotoPriority) - 1;
                    continue;
                case "nop":
                    continue;
                case "lookup":
                    if (InTable(ns, rule.Table, isMerged, query) is { Type: not "throw" } answer && !Suppressed(rule, answer))
                    {
                        return answer with { Rule = rule };
                    }

                    continue;
                default:
                    return new RouteAnswer { Type = rule.Action, Rule = rule };
            }
        }

        return new RouteAnswer { Type = "none" };
    }

    /// <summary>Where no rules were read: the three that every namespace is born with.</summary>
    private static List<ObservedRule> RulesOf(ObservedNamespace ns, bool isV6) => ns.Rules.IsEmpty
        ? [Born(isV6, 0, LocalTable), Born(isV6, 32766, MainTable), Born(isV6, 32767, DefaultTable)]
        : [.. ns.Rules.Where(rule => rule.IsV6 == isV6).OrderBy(rule => rule.Priority)];

    /// <summary>
    /// Until somebody changes the rules of IPv4, the tables local and main are one (net/ipv4/fib_trie.c, fib_unmerge): the longest prefix of
    /// both wins. Whoever took his rule away again has left them apart (<see cref="ObservedNamespace.IsLocalTableFirst"/>).
    /// </summary>
    private static bool AreBorn(List<ObservedRule> rules) =>
        rules is [{ Priority: 0, Table: LocalTable }, { Priority: 32766, Table: MainTable }, { Priority: 32767, Table: DefaultTable }]
        && rules.TrueForAll(rule => rule == Born(isV6: false, rule.Priority, rule.Table));

    private static ObservedRule Born(bool isV6, int priority, int table) => new() { IsV6 = isV6, Priority = priority, Action = "lookup", Table = table };

    private static int NextAtOrAfter(List<ObservedRule> rules, int priority)
    {
        var index = 0;
        while (index < rules.Count && rules[index].Priority < priority)
        {
            index++;
        }

        return index;
    }

    private static bool Applies(ObservedRule rule, RouteQuery query)
    {
        var matches = (rule.From is not { } from || (query.Source is { } source && from.Contains(source)))
            && (rule.To is not { } to || to.Contains(query.Destination))
            && (rule.In is not { } input || input == (query.In ?? "lo"))
            && (rule.Out is not { } output || output == query.Out)
            && (rule.Mark is not { } mark || (query.Mark & rule.Mask) == mark)
            && (rule.Tos == 0 || rule.Tos == query.Tos)
            && (rule.IpProtocol is not { } protocol || protocol == query.Protocol)
            && Within(rule.SourcePorts, query.SourcePort)
            && Within(rule.DestinationPorts, query.DestinationPort);
        return matches != rule.Invert;
    }

    private static bool Within(ObservedPorts? range, int port) => range is null || (port >= range.First && port <= range.Last);

    private static bool Suppressed(ObservedRule rule, RouteAnswer answer) =>
        rule.SuppressPrefixLength is { } longest && answer.Route is { } route && route.Destination.Length <= longest;

    private static RouteAnswer? InTable(ObservedNamespace ns, int table, bool isMerged, RouteQuery query)
    {
        var found = ns.Routes
            .Where(route => (route.Table == table || (isMerged && table == LocalTable && route.Table == MainTable)) && (route.Tos == 0 || route.Tos == query.Tos) && route.Destination.Contains(query.Destination))
            .Where(route => !NeedsHop(route) || route.NextHops.Any(hop => Serves(hop, query)))
            .OrderByDescending(route => route.Destination.Length)
            .ThenByDescending(route => route.Table == LocalTable)
            .ThenByDescending(route => route.Tos)
            .ThenBy(route => route.Metric)
            .FirstOrDefault();
        if (found is null)
        {
            return null;
        }

        var hops = found.NextHops.Where(hop => Serves(hop, query)).ToList();
        var isOwn = hops is [{ Via: { } via }, ..] && ns.Addresses.Any(own => own.Prefix.Address == via);
        return new RouteAnswer
        {
            Type = found.Type,
            Route = found,
            Hop = isOwn && hops[0].UsesOwnGateway == false ? hops[0] with { Via = null } : hops.FirstOrDefault(),
            Unknown = found.Type == "unicast" && hops.Count > 1 ? $"the route to {found.Destination} has several ways, and which is taken depends on a hash"
                : isOwn && hops[0].UsesOwnGateway is null ? $"the gateway {hops[0].Via} of the route to {found.Destination} {Untold}"
                : null,
        };
    }

    private static bool NeedsHop(ObservedRoute route) => route.Type == "unicast";

    private static bool Serves(NextHop hop, RouteQuery query) => hop.Usable && (query.Out is null || hop.Device == query.Out);
}

using Tapline.Core.Host;
using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Core.Planning;

/// <summary>The two directions of one VIF: its groups' chains, and a drop at the end.</summary>
internal static class PortChains
{
    // Established is accepted in reply direction only: packets of the original direction meet the rules each time, so that a rule
    // that is removed also ends the connections that it had let through.
    private static readonly string[] Stateful =
    [
        "ct state established ct direction reply accept",
        "ct state related meta l4proto { icmp, ipv6-icmp } accept",
        "ct state invalid counter drop",
    ];

    public static string Name(Id<Port> port) => "port-" + port.Short;

    /// <summary>Ports of the same groups have the same rules: spelled and hashed once, and the text shared.</summary>
    public static IEnumerable<HostItem> Of(IEnumerable<Port> ports) =>
        from port in ports
        group port by (port.PortSecurityEnabled, port.SecurityGroups) into alike
        from item in alike.Key.PortSecurityEnabled ? Secured(alike.Key.SecurityGroups, alike) : alike.Select(Open)
        select item;

    private static HostItem Open(Port port) => NftText.Chain("inet", Name(port.Id), port.Key.ToString(), "", ["accept"], level: 2);

    private static IEnumerable<HostItem> Secured(ValueList<Id<SecurityGroup>> groups, IEnumerable<Port> ports)
    {
        var (inbound, outbound) = (Inbound(groups), Outbound(groups));
        foreach (var port in ports)
        {
            var owner = port.Key.ToString();
            var (toGuest, fromGuest) = ("in-" + port.Id.Short, "out-" + port.Id.Short);
            yield return inbound with { Name = toGuest, Owner = owner };
            yield return outbound with { Name = fromGuest, Owner = owner };
            yield return NftText.Chain("inet", Name(port.Id), owner, "",
                [$"meta mark & {FirewallPlanner.FromInstance} != 0 goto {fromGuest}", $"goto {toGuest}"], level: 2);
        }
    }

    private static HostItem.NftChain Inbound(ValueList<Id<SecurityGroup>> groups) => NftText.Chain("inet", "", "", "",
    [
        .. Stateful,
        "udp sport 67 udp dport 68 accept",
        "udp sport 547 udp dport 546 accept",
        "icmpv6 type { mld-listener-query, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert } accept",
        .. groups.Select(group => $"jump {GroupPlanner.Chain(group, RuleDirection.Ingress)}"),
        "counter drop",
    ], level: 1);

    private static HostItem.NftChain Outbound(ValueList<Id<SecurityGroup>> groups) => NftText.Chain("inet", "", "", "",
    [
        .. Stateful,
        "udp sport 68 udp dport 67 accept",
        "udp sport 546 udp dport 547 accept",
        "icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit, mld-listener-report, mld2-listener-report, mld-listener-done } accept",
        .. groups.Select(group => $"jump {GroupPlanner.Chain(group, RuleDirection.Egress)}"),
        "counter drop",
    ], level: 1);
}

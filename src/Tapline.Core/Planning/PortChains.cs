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

    public static IEnumerable<HostItem> Of(Port port)
    {
        var owner = port.Key.ToString();
        if (!port.PortSecurityEnabled)
        {
            yield return NftText.Chain("inet", Name(port.Id), owner, "", ["accept"], level: 2);
            yield break;
        }

        var (inbound, outbound) = ("in-" + port.Id.Short, "out-" + port.Id.Short);
        yield return NftText.Chain("inet", inbound, owner, "",
        [
            .. Stateful,
            "udp sport 67 udp dport 68 accept",
            "udp sport 547 udp dport 546 accept",
            "icmpv6 type { mld-listener-query, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert } accept",
            .. port.SecurityGroups.Select(group => $"jump {GroupPlanner.Chain(group, RuleDirection.Ingress)}"),
            "counter drop",
        ], level: 1);
        yield return NftText.Chain("inet", outbound, owner, "",
        [
            .. Stateful,
            "udp sport 68 udp dport 67 accept",
            "udp sport 546 udp dport 547 accept",
            "icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit, mld-listener-report, mld2-listener-report, mld-listener-done } accept",
            .. port.SecurityGroups.Select(group => $"jump {GroupPlanner.Chain(group, RuleDirection.Egress)}"),
            "counter drop",
        ], level: 1);
        yield return NftText.Chain("inet", Name(port.Id), owner, "",
            [$"meta mark & {FirewallPlanner.FromInstance} != 0 goto {outbound}", $"goto {inbound}"], level: 2);
    }
}

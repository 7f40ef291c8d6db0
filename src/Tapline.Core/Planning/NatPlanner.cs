using Tapline.Core.Host;
using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Core.Planning;

/// <summary>A router's address translation (IPv4): its own address for everybody, a floating IP for its owner, both ways.</summary>
public static class NatPlanner
{
    public const string ToFixed = "fip_to_fixed";
    public const string ToFloating = "fixed_to_fip";
    private const string Family = "ip";

    internal static IEnumerable<HostItem> Plan(HostView view, Router router, string ns, Port gateway)
    {
        var owner = router.Key.ToString();
        var qg = Names.Qg(gateway.Id);
        var floating = view.Topology.Indexes.FloatingIpsByRouter.Get(router.Id)
            .Select(id => view.Topology.FloatingIps[id])
            .Where(fip => fip.FixedAddress is { IsV6: false })
            .OrderBy(fip => fip.FloatingAddress)
            .ToList();
        foreach (var fip in floating)
        {
            yield return new HostItem.Address(ns, qg, IpPrefix.Host(fip.FloatingAddress)) { Owner = fip.Key.ToString() };
        }

        yield return Map(ns, owner, ToFixed, floating.Select(fip => $"{fip.FloatingAddress} : {fip.FixedAddress}"));
        yield return Map(ns, owner, ToFloating, floating.Select(fip => $"{fip.FixedAddress} : {fip.FloatingAddress}"));
        var translate = $"dnat to ip daddr map @{ToFixed}";
        yield return Chain(ns, owner, "prerouting", "type nat hook prerouting priority -100; policy accept;", [translate]);
        yield return Chain(ns, owner, "output", "type nat hook output priority -100; policy accept;", [translate]);
        yield return Chain(ns, owner, "postrouting", "type nat hook postrouting priority 100; policy accept;",
            [.. Postrouting(router, qg, gateway.FixedIps.Select(fixedIp => fixedIp.Address).FirstOrDefault(address => !address.IsV6))]);

        // Otherwise the router forwards, and translates, what strangers send to its MAC for third parties.
        yield return Chain(ns, owner, "forward", "type filter hook forward priority 0; policy accept;",
            [$"iifname \"{qg}\" oifname \"{qg}\" counter drop"]);
    }

    private static IEnumerable<string> Postrouting(Router router, string qg, IpAddress gateway)
    {
        // Between the tenant's own subnets nothing is translated; from outside to a floating IP the outside's address stays.
        yield return $"oifname != \"{qg}\" ct status & dnat == 0 accept";
        yield return $"iifname \"{qg}\" oifname != \"{qg}\" accept";
        yield return $"snat to ip saddr map @{ToFloating}";
        if (router.EnableSnat && !gateway.IsUnspecified)
        {
            yield return $"oifname \"{qg}\" snat to {gateway}";
            yield return $"ct status dnat snat to {gateway}";
        }
    }

    private static HostItem.NftSet Map(string ns, string owner, string name, IEnumerable<string> elements) => new()
    {
        In = ns,
        Family = Family,
        Name = name,
        Declaration = "map { type ipv4_addr : ipv4_addr; }",
        Elements = elements.Order(StringComparer.Ordinal).ToValueList(),
        Owner = owner,
    };

    private static HostItem.NftChain Chain(string ns, string owner, string name, string hook, IReadOnlyList<string> rules) =>
        NftText.Chain(Family, name, owner, hook, rules) with { In = ns };
}

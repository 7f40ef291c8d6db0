using Tapline.Core.Host;
using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Core.Planning;

/// <summary>One chain per security group and direction, shared by its ports; remote groups are sets of their members' addresses.</summary>
internal static class GroupPlanner
{
    public static string Chain(Id<SecurityGroup> group, RuleDirection direction) =>
        (direction == RuleDirection.Ingress ? "sgi-" : "sge-") + group.Short;

    public static IEnumerable<HostItem> Plan(HostView view)
    {
        var groups = view.Vifs.Where(port => port.PortSecurityEnabled && port.AdminStateUp)
            .SelectMany(port => port.SecurityGroups).Distinct().Order().ToList();
        var rules = groups.ToDictionary(group => group, group => view.Topology.RulesOf(group).OrderBy(rule => rule.Id).ToList());
        foreach (var remote in rules.Values.SelectMany(list => list).Select(rule => rule.RemoteGroupId).OfType<Id<SecurityGroup>>().Distinct().Order())
        {
            yield return Members(view.Topology, remote, isV6: false);
            yield return Members(view.Topology, remote, isV6: true);
        }

        foreach (var group in groups)
        {
            foreach (var direction in (RuleDirection[])[RuleDirection.Ingress, RuleDirection.Egress])
            {
                yield return NftText.Chain("inet", Chain(group, direction), Owner(group), "",
                    [.. rules[group].Where(rule => rule.Direction == direction).Select(RuleText.Of).Distinct()]);
            }
        }
    }

    public static string MembersName(Id<SecurityGroup> group, bool isV6) => (isV6 ? "m6-" : "m4-") + group.Short;

    private static string Owner(Id<SecurityGroup> group) => new ResourceKey(ResourceType.SecurityGroup, group.ToString()).ToString();

    private static HostItem.NftSet Members(Topology topology, Id<SecurityGroup> group, bool isV6)
    {
        var prefixes = topology.MembersOf(group)
            .SelectMany(port => port.FixedIps.Select(fixedIp => IpPrefix.Host(fixedIp.Address))
                .Concat(port.AllowedAddressPairs.Select(pair => pair.Prefix.Network)))
            .Where(prefix => prefix.Address.IsV6 == isV6)
            .ToList();

        // An interval set refuses elements that overlap. Nearly always all are single addresses, and none can.
        var lengths = prefixes.Select(prefix => prefix.Length).Distinct().ToList();
        var known = lengths.Count > 1 ? prefixes.ToHashSet() : [];
        var widest = prefixes.Where(prefix =>
            !lengths.Exists(length => length < prefix.Length && known.Contains(new IpPrefix(prefix.Address, length).Network)));
        var type = isV6 ? "ipv6_addr" : "ipv4_addr";
        return NftText.Set("inet", MembersName(group, isV6), Owner(group), $"set {{ type {type}; flags interval; }}",
            widest.Select(AntiSpoofingPlanner.AddressText));
    }
}

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
        foreach (var remote in groups.SelectMany(view.Topology.RulesOf).Select(rule => rule.RemoteGroupId).OfType<Id<SecurityGroup>>().Distinct().Order())
        {
            var members = MembersOf(view.Topology, remote);
            yield return Members(remote, members, isV6: false);
            yield return Members(remote, members, isV6: true);
        }

        foreach (var group in groups)
        {
            foreach (var direction in (RuleDirection[])[RuleDirection.Ingress, RuleDirection.Egress])
            {
                yield return Rules(view.Topology, group, direction);
            }
        }
    }

    /// <summary>The group's chain as the cloud has it.</summary>
    public static HostItem.NftChain Rules(Topology topology, Id<SecurityGroup> group, RuleDirection direction) =>
        NftText.Chain("inet", Chain(group, direction), Owner(group), "",
            [.. topology.RulesOf(group).Where(rule => rule.Direction == direction).OrderBy(rule => rule.Id).Select(RuleText.Of).Distinct()]);

    public static string MembersName(Id<SecurityGroup> group, bool isV6) => (isV6 ? "m6-" : "m4-") + group.Short;

    private static string Owner(Id<SecurityGroup> group) => new ResourceKey(ResourceType.SecurityGroup, group.ToString()).ToString();

    /// <summary>What a group's ports may send from, on all hosts.</summary>
    private static List<IpPrefix> MembersOf(Topology topology, Id<SecurityGroup> group)
    {
        var members = new List<IpPrefix>();
        foreach (var port in topology.MembersOf(group))
        {
            foreach (var fixedIp in port.FixedIps)
            {
                members.Add(IpPrefix.Host(fixedIp.Address));
            }

            foreach (var pair in port.AllowedAddressPairs)
            {
                members.Add(pair.Prefix.Network);
            }
        }

        return members;
    }

    private static HostItem.NftSet Members(Id<SecurityGroup> group, List<IpPrefix> members, bool isV6) =>
        NftText.Set("inet", MembersName(group, isV6), Owner(group), $"set {{ type {(isV6 ? "ipv6_addr" : "ipv4_addr")}; flags interval; }}",
            Widest(members.FindAll(prefix => prefix.Address.IsV6 == isV6)).Select(AntiSpoofingPlanner.AddressText));

    /// <summary>An interval set refuses elements that overlap. Nearly always all are single addresses, and none can.</summary>
    private static IEnumerable<IpPrefix> Widest(List<IpPrefix> prefixes)
    {
        var lengths = prefixes.Select(prefix => prefix.Length).Distinct().ToList();
        if (lengths.Count < 2)
        {
            return prefixes;
        }

        var known = prefixes.ToHashSet();
        return prefixes.Where(prefix =>
            !lengths.Exists(length => length < prefix.Length && known.Contains(new IpPrefix(prefix.Address, length).Network)));
    }
}

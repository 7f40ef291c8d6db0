using System.Collections.Immutable;
using Tapline.Core.Diff;
using Tapline.Core.Host;
using Tapline.Core.Primitives;

namespace Tapline.Tests.Diff;

public sealed class ChangeGroupsTests
{
    private static readonly HostChange Link = new(null, new HostItem.Link { Name = "qbr1", Kind = LinkKind.Bridge });

    [Fact]
    public void Successive_changes_of_one_firewall_are_one_group_and_all_others_are_alone()
    {
        var groups = Groups(Link, Chain("", "a", 2), Set("", "s", 3, null), Chain("", "b", 1), Link, Link, Chain("qrouter-1", "a", 1), Chain("qrouter-2", "a", 1));

        Assert.Equal([1, 3, 1, 1, 1, 1], groups);
    }

    [Fact]
    public void A_group_is_small_enough_for_one_transaction()
    {
        var groups = Groups([.. Enumerable.Range(0, 100).Select(number => Chain("", $"c{number}", 10))]);

        Assert.Equal(100, groups.Sum());
        Assert.All(groups, group => Assert.InRange(group, 1, 16));
        Assert.Equal([1, 1, 1], Groups(Chain("", "a", 1), Chain("", "long", 1000), Chain("", "b", 1)));
    }

    [Fact]
    public void Of_a_set_only_the_elements_that_differ_take_room() =>
        Assert.Equal([3], Groups(Set("", "s", 5000, 4999), Set("", "t", 4999, 5000), Set("", "gone", null, 5000)));

    private static IEnumerable<int> Groups(params ImmutableArray<HostChange> changes)
    {
        var groups = ChangeGroups.Of(changes).ToList();
        Assert.Equal(changes, groups.SelectMany(group => group));
        return groups.Select(group => group.Length);
    }

    private static HostChange Chain(string ns, string name, int rules) => new(null, new HostItem.NftChain
    {
        In = ns,
        Family = "inet",
        Name = name,
        Rules = Enumerable.Range(0, rules).Select(number => $"tcp dport {number} accept").ToValueList(),
    });

    private static HostChange Set(string ns, string name, int? wanted, int? seen)
    {
        HostItem.NftSet? Of(int? count) => count is null ? null : new HostItem.NftSet
        {
            In = ns,
            Family = "inet",
            Name = name,
            Declaration = "set { type ipv4_addr; }",
            Elements = Enumerable.Range(0, count.Value).Select(number => $"10.0.{number / 256}.{number % 256}").ToValueList(),
        };
        return new HostChange(Of(seen), Of(wanted));
    }
}

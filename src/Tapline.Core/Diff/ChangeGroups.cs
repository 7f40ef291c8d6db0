using System.Collections.Immutable;
using Tapline.Core.Host;

namespace Tapline.Core.Diff;

/// <summary>
/// Successive changes that one step can make: of the firewall, in one namespace, small enough for one nftables transaction, which
/// without root is bounded by the socket's send buffer (some 200 KB). All others are made one by one.
/// </summary>
public static class ChangeGroups
{
    private const int Largest = 100_000;
    private const int OfItem = 500; // what an item, a rule, an element come to in bytes of netlink, seen from above
    private const int OfRule = 600;
    private const int OfElement = 250;

    public static IEnumerable<ImmutableArray<HostChange>> Of(ImmutableArray<HostChange> changes)
    {
        for (var from = 0; from < changes.Length;)
        {
            var size = SizeOf(changes[from]);
            var to = from + 1;
            while (size is not null && to < changes.Length && changes[to].Key.Namespace == changes[from].Key.Namespace
                && SizeOf(changes[to]) is { } more && size + more <= Largest)
            {
                size += more;
                to++;
            }

            yield return changes[from..to];
            from = to;
        }
    }

    /// <summary>Null where it is nothing of nftables.</summary>
    private static int? SizeOf(HostChange change) => (change.After ?? change.Before) switch
    {
        HostItem.NftChain chain => OfItem + (OfRule * chain.Rules.Count),
        HostItem.NftSet set => OfItem + (OfElement * Differing(set.Elements, (change.Before as HostItem.NftSet)?.Elements)),
        HostItem.NftVerdictMap map => OfItem + (OfElement * Differing(map.Elements, (change.Before as HostItem.NftVerdictMap)?.Elements)),
        _ => null,
    };

    private static int Differing(IEnumerable<string> wanted, IEnumerable<string>? seen)
    {
        var differing = wanted.ToHashSet(StringComparer.Ordinal);
        differing.SymmetricExceptWith(seen ?? []);
        return differing.Count;
    }
}

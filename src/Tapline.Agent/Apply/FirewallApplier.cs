using System.Collections.Immutable;
using System.Diagnostics;
using Tapline.Core.Diff;
using Tapline.Core.Host;
using Tapline.Wire.Nftables;

namespace Tapline.Agent.Apply;

/// <summary>
/// nftables. libnftables reads much of the ruleset before each transaction, which with many ports takes longer than the change: so a
/// group of changes is one transaction.
/// </summary>
internal sealed class FirewallApplier(NamespaceHandles handles)
{
    private const int ElementsAtOnce = 500; // without root a transaction is bounded by the socket's send buffer

    /// <summary>Makes all of them or none.</summary>
    public void Apply(ImmutableArray<HostChange> group)
    {
        var nft = handles.Of(group[0].Key.Namespace).Nft;
        if (group is [var change])
        {
            ApplyAlone(nft, change);
        }
        else
        {
            nft.Run(string.Concat(group.SelectMany(Commands)));
        }
    }

    /// <summary>A set that is too long for one transaction is filled in several, and what should go may have gone.</summary>
    private static void ApplyAlone(NftablesContext nft, HostChange change)
    {
        try
        {
            foreach (var part in change.After is HostItem.NftChain ? [[.. Commands(change)]] : Commands(change).Chunk(ElementsAtOnce))
            {
                nft.Run(string.Concat(part));
            }
        }
        catch (NftablesException error) when (change.After is null && error.Message.Contains("No such file or directory", StringComparison.Ordinal))
        {
            // What should go has gone.
        }
    }

    private static IEnumerable<string> Commands(HostChange change) => change switch
    {
        { After: HostItem.NftChain chain } => Put(chain),
        { After: HostItem.NftSet set } => Put(set.Family, set.Name, set.Declaration, [.. set.Elements], (change.Before as HostItem.NftSet)?.Elements),
        { After: HostItem.NftVerdictMap map } => Put(map.Family, map.Name, map.Declaration, [.. map.Elements], (change.Before as HostItem.NftVerdictMap)?.Elements),
        { Before: HostItem.NftChain chain } =>
            [$"flush chain {chain.Family} {Marks.Table} {chain.Name}\n", $"delete chain {chain.Family} {Marks.Table} {chain.Name}\n"],
        { Before: HostItem.NftSet set } =>
            [$"delete {(set.Declaration.StartsWith("map", StringComparison.Ordinal) ? "map" : "set")} {set.Family} {Marks.Table} {set.Name}\n"],
        { Before: HostItem.NftVerdictMap map } => [$"delete map {map.Family} {Marks.Table} {map.Name}\n"],
        _ => throw new UnreachableException(),
    };

    private static IEnumerable<string> Put(HostItem.NftChain chain)
    {
        var name = $"{chain.Family} {Marks.Table} {chain.Name}";
        yield return $"add table {chain.Family} {Marks.Table}\n";
        yield return chain.Hook.Length > 0 ? $"add chain {name} {{ {chain.Hook} }}\n" : $"add chain {name}\n";
        yield return $"flush chain {name}\n";
        foreach (var rule in chain.Rules)
        {
            yield return $"add rule {name} {rule}\n";
        }
    }

    /// <summary>Declares it where it is missing, then changes only the elements that differ: those to go first, for a key may come back with another value.</summary>
    private static IEnumerable<string> Put(string family, string name, string declaration, List<string> wanted, IEnumerable<string>? seen)
    {
        var full = $"{family} {Marks.Table} {name}";
        if (seen is null)
        {
            var kind = declaration[..3];
            yield return $"add table {family} {Marks.Table}\nadd {kind} {full} {declaration[4..]}\nflush {kind} {full}\n";
        }

        var present = (seen ?? []).ToHashSet(StringComparer.Ordinal);
        foreach (var element in present.Except(wanted))
        {
            yield return $"delete element {full} {{ {KeyOf(element)} }}\n";
        }

        foreach (var element in wanted.Where(element => !present.Contains(element)))
        {
            yield return $"add element {full} {{ {element} }}\n";
        }
    }

    private static string KeyOf(string element)
    {
        var colon = element.IndexOf(" : ", StringComparison.Ordinal);
        return colon < 0 ? element : element[..colon];
    }
}

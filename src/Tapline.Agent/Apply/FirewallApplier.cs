using System.Text;
using Tapline.Core.Host;

namespace Tapline.Agent.Apply;

/// <summary>nftables, one small transaction a change: without root a transaction is bounded by the socket's send buffer.</summary>
internal sealed class FirewallApplier(NamespaceHandles handles)
{
    private const int ElementsAtOnce = 500;

    public void Put(HostItem.NftChain chain)
    {
        var name = $"{chain.Family} {Marks.Table} {chain.Name}";
        var text = new StringBuilder();
        text.Append($"add table {chain.Family} {Marks.Table}\n");
        text.Append(chain.Hook.Length > 0 ? $"add chain {name} {{ {chain.Hook} }}\n" : $"add chain {name}\n");
        text.Append($"flush chain {name}\n");
        foreach (var rule in chain.Rules)
        {
            text.Append($"add rule {name} {rule}\n");
        }

        Run(chain.In, text.ToString());
    }

    public void Delete(HostItem.NftChain chain) =>
        RunRemoval(chain.In, $"flush chain {chain.Family} {Marks.Table} {chain.Name}\ndelete chain {chain.Family} {Marks.Table} {chain.Name}\n");

    public void Put(HostItem.NftSet set, HostItem.NftSet? seen) =>
        PutElements(set.In, set.Family, set.Name, set.Declaration, [.. set.Elements], seen is null ? null : [.. seen.Elements]);

    public void Delete(HostItem.NftSet set)
    {
        var kind = set.Declaration.StartsWith("map", StringComparison.Ordinal) ? "map" : "set";
        RunRemoval(set.In, $"delete {kind} {set.Family} {Marks.Table} {set.Name}\n");
    }

    public void Put(HostItem.NftVerdictMap map, HostItem.NftVerdictMap? seen) =>
        PutElements("", map.Family, map.Name, map.Declaration, [.. map.Elements], seen is null ? null : [.. seen.Elements]);

    public void Delete(HostItem.NftVerdictMap map) => RunRemoval("", $"delete map {map.Family} {Marks.Table} {map.Name}\n");

    /// <summary>Declares it where it is missing, then changes only the elements that differ: those to go first, for a key may come back with another value.</summary>
    private void PutElements(string ns, string family, string name, string declaration, List<string> wanted, List<string>? seen)
    {
        var full = $"{family} {Marks.Table} {name}";
        if (seen is null)
        {
            var kind = declaration[..3];
            Run(ns, $"add table {family} {Marks.Table}\nadd {kind} {full} {declaration[4..]}\nflush {kind} {full}\n");
        }

        var present = (seen ?? []).ToHashSet();
        var gone = present.Except(wanted).Select(element => $"delete element {full} {{ {KeyOf(element)} }}\n");
        var added = wanted.Where(element => !present.Contains(element)).Select(element => $"add element {full} {{ {element} }}\n");
        foreach (var part in gone.Concat(added).Chunk(ElementsAtOnce))
        {
            Run(ns, string.Concat(part));
        }
    }

    private static string KeyOf(string element)
    {
        var colon = element.IndexOf(" : ", StringComparison.Ordinal);
        return colon < 0 ? element : element[..colon];
    }

    private void Run(string ns, string commands) => handles.Of(ns).Nft.Run(commands);

    private void RunRemoval(string ns, string commands)
    {
        try
        {
            Run(ns, commands);
        }
        catch (Wire.Nftables.NftablesException error) when (error.Message.Contains("No such file or directory", StringComparison.Ordinal))
        {
            // What should go has gone.
        }
    }
}

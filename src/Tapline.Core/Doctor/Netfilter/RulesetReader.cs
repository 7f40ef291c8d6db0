using Tapline.Core.Host.Observed;

namespace Tapline.Core.Doctor.Netfilter;

/// <summary>All rules of a namespace, whichever program holds them.</summary>
public static class RulesetReader
{
    /// <summary>
    /// nft lists the tables of iptables-nft as well, but hides what is iptables' own in them: where a dump of the program itself has
    /// the table, that one counts. They come in the order in which they were made, which nft tells; the old iptables' come last.
    /// </summary>
    /// <exception cref="FormatException">What was observed is not what the programs print.</exception>
    public static Ruleset Read(ObservedNamespace ns)
    {
        ArgumentNullException.ThrowIfNull(ns);
        var dumped = ns.Iptables.SelectMany(dump => IptablesReader.Read(dump, ns.Ipsets)).ToList();
        var listed = ns.Nftables is null ? [] : NftReader.Read(ns.Nftables);
        return new Ruleset(
        [
            .. listed.Where(table => !table.IsDormant).Select(table => dumped.Find(other => IsSame(other, table)) ?? table),
            .. dumped.Where(table => !listed.Any(other => IsSame(table, other))),
        ]);
    }

    private static bool IsSame(FilterTable dumped, FilterTable listed) =>
        dumped.Program.EndsWith("-nft", StringComparison.Ordinal) && dumped.Family == listed.Family && dumped.Name == listed.Name;
}

using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;
using Tapline.Wire.Namespaces;
using Tapline.Wire.Nftables;

namespace Tapline.Agent.Reading;

/// <summary>The rules of netfilter in the calling thread's namespace. Programs run only where there is something: looking makes no tables.</summary>
internal sealed class RuleReading(string ns, KernelModules modules, Unread unread)
{
    /// <summary>Tables that iptables-nft and its kin know.</summary>
    private static readonly string[] OfIptables = ["filter", "nat", "mangle", "raw", "security", "broute"];

    private static readonly (string Names, string Program)[] Legacy =
        [("ip_tables_names", "iptables"), ("ip6_tables_names", "ip6tables"), ("arp_tables_names", "arptables")];

    private static readonly (string Family, string Program)[] OfNftables =
        [("ip", "iptables"), ("ip6", "ip6tables"), ("bridge", "ebtables"), ("arp", "arptables")];

    public (string? Nftables, ValueList<RuleDump> Iptables, string? Ipsets) Read()
    {
        var tables = modules.IsThere("nfnetlink") && modules.IsThere("nf_tables")
            ? unread.Try<IReadOnlyList<NftablesTable>>(What("nftables"), [], NftablesTables.ListHere)
            : Array.Empty<NftablesTable>();
        var json = tables.Count == 0 ? null : unread.Try<string?>(What("nftables"), null, () => ListRuleset(tables));
        var dumps = Legacy.SelectMany(kind => LegacyDump(kind.Names, kind.Program))
            .Concat(OfNftables.Where(kind => tables.Any(table => table.Family == kind.Family && IsOfIptables(table, json))).SelectMany(kind => NftDump(kind.Program)))
            .ToList();
        if (modules.IsThere("ebtable_filter") && modules.IsThere("ebtables") && File.Exists("/proc/modules"))
        {
            unread.Add(What("legacy ebtables, whose module is loaded (looking would make its tables)"));
        }

        var sets = dumps.Exists(dump => dump.Text.Contains("-set ", StringComparison.Ordinal)) ? Sets() : null;
        return (json, dumps.ToValueList(), sets);
    }

    private static string ListRuleset(IReadOnlyList<NftablesTable> tables)
    {
        using var context = NftablesContext.OpenForReading();
        var json = NftablesJson.Ruleset(tables, context.ListJson);
        return NftablesJson.WithDevices(json, json.Contains("gress\"", StringComparison.Ordinal) ? NftablesTables.ListDeviceChainsHere() : []);
    }

    private static bool IsOfIptables(NftablesTable table, string? json) =>
        OfIptables.Contains(table.Name) || (json?.Contains("\"xt\":", StringComparison.Ordinal) ?? false);

    /// <summary>What the kernel lists has been made by somebody: reading it makes nothing.</summary>
    private RuleDump[] LegacyDump(string names, string program) =>
        KernelFile.Read($"/proc/thread-self/net/{names}") is { Length: > 0 } listed && listed.Trim().Length > 0
            ? Dump($"{program}-legacy", $"{program}-legacy-save", $"{program}-save")
            : [];

    private RuleDump[] NftDump(string program) => Dump($"{program}-nft", $"{program}-nft-save");

    private RuleDump[] Dump(string name, params string[] programs)
    {
        if (Programs.Find(programs) is not { } path)
        {
            unread.Add(What($"{name}: {programs[0]} is not installed"));
            return [];
        }

        return unread.Try<RuleDump[]>(What(name), [], () => [new RuleDump(name, Programs.Run(path, "-c"))]);
    }

    private string? Sets()
    {
        if (Programs.Find("ipset") is not { } path)
        {
            unread.Add(What("ipset: it is not installed, but rules name sets"));
            return null;
        }

        return unread.Try<string?>(What("ipset"), null, () => Programs.Run(path, "save") is { Length: > 0 } text ? text : null);
    }

    private string What(string what) => ns.Length == 0 ? what : $"{what} in {ns}";
}

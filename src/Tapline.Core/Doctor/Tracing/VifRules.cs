using Tapline.Core.Doctor.Netfilter;
using Tapline.Core.Planning;

namespace Tapline.Core.Doctor.Tracing;

/// <summary>The rules of a host's firewall that concern a VIF, and the way from the forward hook to them.</summary>
internal static class VifRules
{
    /// <summary>Whether what the VIF sends or gets meets a rule at the forward hook that names it, or looks into a set that does.</summary>
    public static bool AreMet(FilterTable table, string tap) => table.Family is "ip" or "inet"
        && Met(table).Any(rule => NamesOf(tap).Any(name => rule.Text.Contains(name, StringComparison.Ordinal)) || table.Sets.Any(set => LooksInto(table, rule, set) && HoldsVerdict(set, tap, orNone: true)));

    /// <summary>The command that leads the forward hook to the map which has the VIF's verdict; null where it is led there, or there is no such map.</summary>
    public static string? Rejoining(FilterTable table, string tap) =>
        table.Program == "nft" && table.Chains.FirstOrDefault(IsForward) is { } chain && table.Sets.FirstOrDefault(set => HoldsVerdict(set, tap, orNone: false)) is { } map
            && !Met(table).Any(rule => LooksInto(table, rule, map))
            ? table is { Family: "inet", Name: "tapline" } ? OwnChains.Write(FirewallPlanner.Forward)
            : $"nft insert rule {table.Family} {table.Name} {Commands.Quoted(chain.Name)} iifname vmap @{map.Name}"
            : null;

    private static bool IsForward(FilterChain chain) => chain.Hook is { Point: HookPoint.Forward };

    private static IEnumerable<FilterRule> Met(FilterTable table)
    {
        var open = new Stack<FilterChain>(table.Chains.Where(IsForward));
        var met = new HashSet<string>(open.Select(chain => chain.Name), StringComparer.Ordinal);
        while (open.TryPop(out var chain))
        {
            foreach (var rule in chain.Rules)
            {
                yield return rule;
                foreach (var next in table.Chains.Where(other => rule.Statements.Any(statement => Targets(table, statement).Contains(other.Name)) && met.Add(other.Name)))
                {
                    open.Push(next);
                }
            }
        }
    }

    private static IEnumerable<string?> Targets(FilterTable table, Statement statement) => statement switch
    {
        Statement.Decide { Verdict.Chain: { } chain } => [chain],
        Statement.Dispatch { Map: Operand.Elements map } => map.Items.Select(item => item.Verdict?.Chain),
        Statement.Dispatch { Map: Operand.Named map } => table.Sets.Where(set => set.Name == map.Set).SelectMany(set => set.Elements).Select(item => item.Verdict?.Chain),
        _ => [],
    };

    private static bool LooksInto(FilterTable table, FilterRule rule, FilterSet set) =>
        rule.Text.Contains(table.Program == "nft" ? $"@{set.Name}" : set.Name, StringComparison.Ordinal);

    private static bool HoldsVerdict(FilterSet set, string tap, bool orNone) =>
        set.Elements.Any(element => (orNone || element.Verdict is not null) && NamesIn(element.Key).Any(name => NamesOf(tap).Contains(name)));

    private static string[] NamesOf(string tap) => [tap, "qbr" + tap[3..]];

    private static IEnumerable<string> NamesIn(Operand key) => key switch
    {
        Operand.Constant { Value.Name: { } name } => [name],
        Operand.Tuple tuple => tuple.Parts.SelectMany(NamesIn),
        _ => [],
    };
}

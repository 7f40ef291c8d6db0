using Tapline.Core.Doctor.Netfilter;
using Tapline.Core.Doctor.Tracing;

namespace Tapline.Core.Doctor.Examining.Suspecting;

/// <summary>Rules that a packet met where rules changed it: its addresses, its hops, its mark.</summary>
internal static class SuspectRules
{
    public static IEnumerable<Suspect> Of(World world, IEnumerable<(string Namespace, FilterStep Step)> met) =>
        from item in met
        where item.Step.Rule!.Statements.Any(Changes)
        group item by (item.Namespace, item.Step.Place, item.Step.Table.Program, item.Step.Rule!.Position) into same
        select Of(world, same.First().Namespace, same.First().Step);

    private static bool Changes(Statement statement) => statement is not (Statement.Match or Statement.Decide or Statement.Dispatch or Statement.Passive);

    private static Suspect Of(World world, string ns, FilterStep step) => new(
        () => world.Otherwise(ns, Without(world.Rules(ns), step)),
        new Fault
        {
            Code = "firewall.rewrite",
            Namespace = ns,
            Summary = $"{step.Words} changes the packet in {StackFaults.Place(ns)}, so that it or its answer goes astray",
            Evidence = [$"{step.Place}: {step.Rule!.Text}"],
            Fix = FilterFaults.Removal(ns, step, "takes the rule away; look first whose it is and what else it was meant for"),
        });

    private static Ruleset Without(Ruleset rules, FilterStep step) =>
        new([.. rules.Tables.Select(table => !IsSame(table, step.Table) ? table : table with
        {
            Chains = [.. table.Chains.Select(chain => chain.Name != step.Chain.Name ? chain : chain with { Rules = [.. chain.Rules.Where(rule => rule.Position != step.Rule!.Position)] })],
        })]);

    private static bool IsSame(FilterTable table, FilterTable other) => (table.Family, table.Name, table.Program) == (other.Family, other.Name, other.Program);
}

using System.Runtime.CompilerServices;

namespace Tapline.Core.Doctor.Netfilter;

/// <summary>What the kernel calls at a hook.</summary>
internal abstract record HookStep(int Priority)
{
    public sealed record Chain(FilterTable Table, FilterChain Of) : HookStep(Of.Hook!.Priority);

    public sealed record Track() : HookStep(ConntrackStep.Priority);

    public sealed record Nat(HookPoint Hook, IReadOnlyList<Chain> Chains) : HookStep(NatStep.PriorityAt(Hook));

    public sealed record Confirm() : HookStep(int.MaxValue);
}

/// <summary>The kernel's order at a hook of a family.</summary>
internal static class HookOrder
{
    private static readonly IReadOnlyList<List<HookStep>> Nothing = [[]];
    private static readonly ConditionalWeakTable<Ruleset, List<HookStep.Chain>> Hooked = [];

    /// <summary>
    /// One order, or several: of two with one priority the one that was registered later is called first (nf_hook_entries_grow), and
    /// whether that is a chain of the old iptables, one of nftables, or the kernel's own step, nothing tells.
    /// </summary>
    public static IReadOnlyList<List<HookStep>> Of(Ruleset ruleset, FilterContext context)
    {
        var (chains, translates) = Chains(ruleset, context);
        if (chains is [] && !IsTracked(context))
        {
            return Nothing;
        }

        if (!chains.Exists(IsOld))
        {
            return Orders(ruleset, context, chains, translates);
        }

        var (old, others) = (chains.Where(IsOld).ToList(), chains.Where(chain => !IsOld(chain)).ToList());
        var isOpen = old.Exists(one => others.Exists(other => other.Of.Hook!.Type == one.Of.Hook!.Type && (other.Priority == one.Priority || one.Of.Hook.Type == "nat")));
        return isOpen
            ? [.. Orders(ruleset, context, [.. old, .. others], translates), .. Orders(ruleset, context, [.. others, .. old], translates)]
            : Orders(ruleset, context, chains, translates);
    }

    /// <summary>The later registered ones first.</summary>
    private static (List<HookStep.Chain> Chains, bool Translates) Chains(Ruleset ruleset, FilterContext context)
    {
        var (chains, translates) = (new List<HookStep.Chain>(), false);
        foreach (var step in Hooked.GetValue(ruleset, HookedChains))
        {
            var hook = step.Of.Hook!;
            var serves = Serves(step.Table.Family, context.Family, hook);
            translates |= hook.Type == "nat" && serves;
            if (serves && IsAt(hook, context))
            {
                chains.Add(step);
            }
        }

        chains.Reverse();
        return (chains, translates);
    }

    /// <summary>A host's rules have hundreds of chains, a handful of which the kernel itself calls; each packet asks for those at each device.</summary>
    private static List<HookStep.Chain> HookedChains(Ruleset ruleset) =>
        [.. from table in ruleset.Tables from chain in table.Chains where chain.Hook is not null select new HookStep.Chain(table, chain)];

    private static bool IsTracked(FilterContext context) => context.Family is "ip" or "ip6";

    private static bool IsOld(HookStep.Chain chain) => chain.Table.Program.EndsWith("-legacy", StringComparison.Ordinal);

    /// <summary>With the kernel's own steps before chains of their priority, and where there are such, also behind them.</summary>
    private static List<List<HookStep>> Orders(Ruleset ruleset, FilterContext context, List<HookStep.Chain> chains, bool translates)
    {
        List<HookStep> own = IsTracked(context) && ConntrackUse.Of(ruleset, context.Family) ? [.. OwnSteps(chains, translates, context.Hook)] : [];
        List<HookStep> others = [.. chains.Where(chain => chain.Of.Hook!.Type != "nat")];
        List<List<HookStep>> orders = [Sorted([.. own, .. others])];
        if (own.Exists(step => others.Exists(chain => chain.Priority == step.Priority)))
        {
            orders.Add(Sorted([.. others, .. own]));
        }

        return orders;
    }

    private static List<HookStep> Sorted(IEnumerable<HookStep> steps) => [.. steps.OrderBy(step => step.Priority)];

    /// <summary>A family's first nat chain anywhere brings translation to all its hooks.</summary>
    private static IEnumerable<HookStep> OwnSteps(List<HookStep.Chain> chains, bool translates, HookPoint hook)
    {
        if (hook is HookPoint.Prerouting or HookPoint.Output)
        {
            yield return new HookStep.Track();
        }

        if (translates && hook != HookPoint.Forward)
        {
            yield return new HookStep.Nat(hook, [.. chains.Where(chain => chain.Of.Hook!.Type == "nat").OrderBy(chain => chain.Priority)]);
        }

        if (hook is HookPoint.Input or HookPoint.Postrouting)
        {
            yield return new HookStep.Confirm();
        }
    }

    private static bool Serves(string table, string family, ChainHook hook) => hook.Point is HookPoint.Ingress or HookPoint.Egress
        ? family == "netdev" && table is "netdev" or "inet"
        : table == family || (table == "inet" && family is "ip" or "ip6");

    private static bool IsAt(ChainHook hook, FilterContext context) =>
        hook.Point == context.Hook
        && (hook.Device is not { } devices || devices.Split(',').Contains(context.Hook == HookPoint.Egress ? context.Out : context.In));
}

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
    /// <summary>
    /// One order, or two: of two chains with one priority the one that was registered later is called first, and whether that is one of
    /// the old iptables or of nftables, nothing tells.
    /// </summary>
    public static IReadOnlyList<List<HookStep>> Of(Ruleset ruleset, FilterContext context)
    {
        var (chains, translates) = Chains(ruleset, context);
        var (old, others) = (chains.Where(IsOld).ToList(), chains.Where(chain => !IsOld(chain)).ToList());
        var isOpen = old.Exists(one => others.Exists(other => other.Of.Hook!.Type == one.Of.Hook!.Type && (other.Priority == one.Priority || one.Of.Hook.Type == "nat")));
        return isOpen
            ? [Steps(ruleset, context, [.. old, .. others], translates), Steps(ruleset, context, [.. others, .. old], translates)]
            : [Steps(ruleset, context, chains, translates)];
    }

    /// <summary>The later registered ones first.</summary>
    private static (List<HookStep.Chain> Chains, bool Translates) Chains(Ruleset ruleset, FilterContext context)
    {
        var chains = new List<HookStep.Chain>();
        var translates = false;
        foreach (var table in ruleset.Tables)
        {
            foreach (var chain in table.Chains.Where(chain => chain.Hook is not null))
            {
                var serves = Serves(table.Family, context.Family, chain.Hook!);
                translates |= chain.Hook!.Type == "nat" && serves;
                if (serves && IsAt(chain.Hook, context))
                {
                    chains.Add(new HookStep.Chain(table, chain));
                }
            }
        }

        chains.Reverse();
        return (chains, translates);
    }

    private static bool IsOld(HookStep.Chain chain) => chain.Table.Program.EndsWith("-legacy", StringComparison.Ordinal);

    private static List<HookStep> Steps(Ruleset ruleset, FilterContext context, List<HookStep.Chain> chains, bool translates)
    {
        var steps = new List<HookStep>();
        if (context.Family is "ip" or "ip6" && ConntrackUse.Of(ruleset, context.Family))
        {
            AddOwnSteps(steps, chains, translates, context.Hook);
        }

        steps.AddRange(chains.Where(chain => chain.Of.Hook!.Type != "nat"));
        return [.. steps.OrderBy(step => step.Priority)];
    }

    /// <summary>A family's first nat chain anywhere brings translation to all its hooks.</summary>
    private static void AddOwnSteps(List<HookStep> steps, List<HookStep.Chain> chains, bool translates, HookPoint hook)
    {
        if (hook is HookPoint.Prerouting or HookPoint.Output)
        {
            steps.Add(new HookStep.Track());
        }

        if (translates && hook != HookPoint.Forward)
        {
            steps.Add(new HookStep.Nat(hook, [.. chains.Where(chain => chain.Of.Hook!.Type == "nat").OrderBy(chain => chain.Priority)]));
        }

        if (hook is HookPoint.Input or HookPoint.Postrouting)
        {
            steps.Add(new HookStep.Confirm());
        }
    }

    private static bool Serves(string table, string family, ChainHook hook) => hook.Point is HookPoint.Ingress or HookPoint.Egress
        ? family == "netdev" && table is "netdev" or "inet"
        : table == family || (table == "inet" && family is "ip" or "ip6");

    private static bool IsAt(ChainHook hook, FilterContext context) =>
        hook.Point == context.Hook
        && (hook.Device is not { } devices || devices.Split(',').Contains(context.Hook == HookPoint.Egress ? context.Out : context.In));
}

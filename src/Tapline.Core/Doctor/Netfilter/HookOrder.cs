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
    public static List<HookStep> Of(Ruleset ruleset, FilterContext context)
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

        // Of two with one priority, the one that was registered later is called first.
        chains.Reverse();
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

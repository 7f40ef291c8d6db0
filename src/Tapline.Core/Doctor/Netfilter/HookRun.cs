using System.Collections.Immutable;

namespace Tapline.Core.Doctor.Netfilter;

/// <summary>
/// What becomes of a packet at one hook: the chains of all tables there and the kernel's own steps, in the kernel's order. Where a
/// condition can not be told, both answers are tried; only if they lead to different ends is the fate unknown.
/// </summary>
public static class HookRun
{
    /// <summary>Ways tried before giving up: what can not be told is rare, and rarely decides.</summary>
    private const int MostWays = 128;

    private const string OpenOrder = "which comes first of what has one priority at a hook: rules of the old iptables, of nftables, or the kernel's own connection tracking and address translation";

    public static FilterResult Run(Ruleset ruleset, FilterContext context)
    {
        ArgumentNullException.ThrowIfNull(ruleset);
        ArgumentNullException.ThrowIfNull(context);
        FilterResult? first = null;
        (string Why, FilterStep Step)? question = null;
        var orders = HookOrder.Of(ruleset, context);
        if (orders is [[]])
        {
            return new FilterResult { Fate = FilterFate.Accept, Packet = context.Packet, Tracking = context.Tracking, Connections = context.Connections };
        }

        foreach (var steps in orders)
        {
            var ways = new Stack<ImmutableArray<bool>>([[]]);
            for (var tried = 0; ways.TryPop(out var assumed); tried++)
            {
                var state = new WalkState(context);
                var walk = new ChainWalk(state, assumed);
                var result = new HookWalk(state, walk).Through(steps);
                question ??= walk.Question;
                first ??= result;
                if (tried >= MostWays || !EndsAlike(first, result))
                {
                    return Undecided(first, question?.Why ?? first.Unknown ?? OpenOrder, question?.Step);
                }

                for (var next = assumed.Length; next < walk.Answers.Count; next++)
                {
                    ways.Push([.. walk.Answers.Take(next), true]);
                }
            }
        }

        return first!; // there is an order, and its first way is always tried
    }

    private static bool EndsAlike(FilterResult one, FilterResult other) =>
        Passes(one) || Passes(other)
            ? one.Fate == other.Fate && one.Packet == other.Packet && one.Tracking == other.Tracking
            : (one.Fate == FilterFate.Unknown) == (other.Fate == FilterFate.Unknown);

    private static bool Passes(FilterResult result) => result.Fate == FilterFate.Accept;

    private static FilterResult Undecided(FilterResult first, string why, FilterStep? step) => first with
    {
        Fate = FilterFate.Unknown,
        Unknown = why,
        Decision = step ?? first.Decision,
    };
}

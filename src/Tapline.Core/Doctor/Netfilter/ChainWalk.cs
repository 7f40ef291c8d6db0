using System.Collections.Immutable;

namespace Tapline.Core.Doctor.Netfilter;

/// <summary>A packet among the rules of chains, with given answers to what can not be told.</summary>
internal sealed class ChainWalk(WalkState state, ImmutableArray<bool> assumed)
{
    /// <summary>The kernel refuses loops; legacy rule sets with more than this are broken.</summary>
    private const int DeepestJump = 64;

    private readonly List<FilterStep> _passed = [];
    private readonly List<bool> _answers = [];

    public IReadOnlyList<bool> Answers => _answers;

    public IReadOnlyList<FilterStep> Passed => _passed;

    public FilterStep? Decision { get; private set; }

    /// <summary>Where no answer helps: what could not be told.</summary>
    public string? Unknown { get; private set; }

    /// <summary>Whether a rule bound the connection to other addresses.</summary>
    public bool IsBound { get; private set; }

    /// <summary>The first thing that could not be told, and where.</summary>
    public (string Why, FilterStep Step)? Question { get; private set; }

    /// <summary>A base chain's verdict.</summary>
    public FilterFate Run(FilterTable table, FilterChain chain)
    {
        if (chain.Hook is { Point: HookPoint.Ingress or HookPoint.Egress, Device: null }
            && !Ask("which devices the chain is for", new FilterStep(table, chain, null)))
        {
            return FilterFate.Accept;
        }

        var places = new Stack<(FilterChain Chain, int Index)>();
        var place = (Chain: chain, Index: 0);
        while (true)
        {
            if (place.Index >= place.Chain.Rules.Count)
            {
                if (!places.TryPop(out place))
                {
                    return Policy(table, chain);
                }

                continue;
            }

            var rule = place.Chain.Rules[place.Index];
            var step = new FilterStep(table, place.Chain, rule);
            var (fate, verdict) = Meet(step, rule);
            place.Index++;
            if (fate is { } decided)
            {
                Decision = step;
                return decided;
            }

            switch (verdict?.Kind)
            {
                case VerdictKind.Accept:
                    Decision = step;
                    return FilterFate.Accept;
                case VerdictKind.Drop:
                    Decision = step;
                    return FilterFate.Drop;
                case VerdictKind.Queue:
                    return GiveUp("what the program behind a queue says", step);
                case VerdictKind.Return:
                    place.Index = place.Chain.Rules.Count;
                    break;
                case VerdictKind.Jump or VerdictKind.Goto:
                    if (places.Count > DeepestJump || table.Chains.FirstOrDefault(other => other.Name == verdict.Chain) is not { } target)
                    {
                        return GiveUp($"chain {verdict.Chain}", step);
                    }

                    if (verdict.Kind == VerdictKind.Jump)
                    {
                        places.Push(place);
                    }

                    place = (target, 0);
                    break;
            }
        }
    }

    private FilterFate Policy(FilterTable table, FilterChain chain)
    {
        if (chain.Hook is { Drops: true })
        {
            Decision = new FilterStep(table, chain, null);
            return FilterFate.Drop;
        }

        return FilterFate.Accept;
    }

    private FilterFate GiveUp(string why, FilterStep step)
    {
        Unknown = why;
        Decision = step;
        return FilterFate.Unknown;
    }

    /// <summary>A question whose answer is not known: as assumed, else no; the caller tries the other answer too.</summary>
    private bool Ask(string why, FilterStep step)
    {
        Question ??= (why, step);
        var answer = _answers.Count < assumed.Length && assumed[_answers.Count];
        _answers.Add(answer);
        return answer;
    }

    /// <summary>A rule's statements, from left to right.</summary>
    private (FilterFate? Fate, Verdict? Verdict) Meet(FilterStep step, FilterRule rule)
    {
        foreach (var statement in rule.Statements)
        {
            switch (statement)
            {
                case Statement.Match match:
                    var (truth, why) = OperandReader.Holds(match, step.Table, state);
                    if (truth == Truth.No || (truth == Truth.Unknown && !Ask(why!, step)))
                    {
                        return default;
                    }

                    break;
                case Statement.Decide decide:
                    _passed.Add(step);
                    return (null, decide.Verdict);
                case Statement.Dispatch dispatch:
                    var key = OperandReader.Read(dispatch.Key, step.Table, state);
                    if (key.IsAbsent)
                    {
                        return default;
                    }

                    var (found, element) = key.Why is null ? OperandReader.Find(key, dispatch.Map, step.Table) : (Truth.Unknown, null);
                    if (found == Truth.Unknown)
                    {
                        return (GiveUp(key.Why ?? "an element of a map", step), null);
                    }

                    if (found == Truth.No)
                    {
                        return default;
                    }

                    _passed.Add(step);
                    return (null, element!.Verdict);
                case Statement.Translate translate:
                    return Translate(translate, step);
                case Statement.Refuse:
                    _passed.Add(step);
                    return (FilterFate.Reject, null);
                case Statement.Assign assign:
                    var value = OperandReader.Read(assign.Value, step.Table, state);
                    if (value.IsAbsent)
                    {
                        return default;
                    }

                    if (FieldWriter.Write(assign.Field, value, state) is { } refused)
                    {
                        return (GiveUp(refused, step), null);
                    }

                    break;
                case Statement.Untrack:
                    state.Untrack();
                    break;
                case Statement.Opaque opaque:
                    return Ask(opaque.Text, step) ? (GiveUp(opaque.Text, step), null) : default;
            }
        }

        _passed.Add(step);
        return default;
    }

    private (FilterFate? Fate, Verdict? Verdict) Translate(Statement.Translate translate, FilterStep step)
    {
        var address = translate.Address is { } to ? OperandReader.Read(to, step.Table, state) : Reading.Absent;
        var port = translate.Port is { } number ? OperandReader.Read(number, step.Table, state) : Reading.Absent;
        if (translate.Address is not null && address.IsAbsent)
        {
            return default; // a map without an element for it
        }

        _passed.Add(step);
        if (NatStep.LeadsNowhere(state, translate))
        {
            return (FilterFate.Drop, null);
        }

        if (NatStep.Bind(state, translate, address, port) is { } why)
        {
            return (GiveUp(why, step), null);
        }

        IsBound = true;
        return (FilterFate.Accept, null);
    }
}

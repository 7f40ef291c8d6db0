namespace Tapline.Core.Doctor.Netfilter;

/// <summary>One way through a hook's steps.</summary>
internal sealed class HookWalk(WalkState state, ChainWalk chains)
{
    private string? _unknown;

    public FilterResult Through(IEnumerable<HookStep> steps)
    {
        var fate = FilterFate.Accept;
        foreach (var step in steps)
        {
            fate = step switch
            {
                HookStep.Chain chain => chains.Run(chain.Table, chain.Of),
                HookStep.Track => Track(),
                HookStep.Nat nat => Translate(nat.Chains),
                _ => Confirm(),
            };
            if (fate != FilterFate.Accept)
            {
                break;
            }
        }

        return new FilterResult
        {
            Fate = fate,
            Packet = state.Packet,
            Tracking = state.Tracking,
            Connections = state.Connections,
            Decision = chains.Decision,
            Passed = [.. chains.Passed],
            Unknown = _unknown ?? chains.Unknown,
        };
    }

    private FilterFate Track()
    {
        _unknown = ConntrackStep.Track(state);
        return _unknown is null ? FilterFate.Accept : FilterFate.Unknown;
    }

    private FilterFate Confirm()
    {
        ConntrackStep.Confirm(state);
        return FilterFate.Accept;
    }

    private FilterFate Translate(IReadOnlyList<HookStep.Chain> nat)
    {
        if (NatStep.IsOpen(state))
        {
            foreach (var chain in nat)
            {
                var fate = chains.Run(chain.Table, chain.Of);
                if (fate != FilterFate.Accept)
                {
                    return fate;
                }

                if (chains.IsBound)
                {
                    break;
                }
            }

            if (NatStep.Close(state) is { } why)
            {
                _unknown = why;
                return FilterFate.Unknown;
            }
        }

        NatStep.Apply(state);
        return FilterFate.Accept;
    }
}

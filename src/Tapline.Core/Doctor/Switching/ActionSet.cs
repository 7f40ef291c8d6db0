namespace Tapline.Core.Doctor.Switching;

/// <summary>OpenFlow's order of an action set: the written actions, and those of a group's bucket.</summary>
internal static class ActionSet
{
    /// <summary>Tags off, tags on, time to live, fields, and one way out: a group before a port before a table; without one, nothing.</summary>
    internal static IReadOnlyList<FlowAction> Ordered(IReadOnlyList<FlowAction> written)
    {
        var last = written.LastOrDefault(action => action is FlowAction.Group)
            ?? written.LastOrDefault(action => IsOutput(action))
            ?? written.LastOrDefault(action => action is FlowAction.Resubmit)
            ?? written.LastOrDefault(action => action is FlowAction.Track);
        if (last is null)
        {
            return written.Where(action => action is FlowAction.Opaque).ToList();
        }

        FlowAction?[] first =
        [
            written.LastOrDefault(action => action is FlowAction.PopVlan),
            written.LastOrDefault(action => action is FlowAction.PushVlan),
            written.LastOrDefault(action => action is FlowAction.DecrementTtl),
        ];
        return
        [
            .. first.OfType<FlowAction>(),
            .. written.Where(action => action is FlowAction.Assign or FlowAction.SetVlan or FlowAction.Move or FlowAction.Opaque),
            last,
        ];
    }

    private static bool IsOutput(FlowAction action) =>
        action is FlowAction.Output or FlowAction.OutputField or FlowAction.Normal or FlowAction.Flood or FlowAction.InPort;
}

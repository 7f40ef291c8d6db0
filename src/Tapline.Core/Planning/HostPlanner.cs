using Tapline.Core.Host;
using Tapline.Core.Model;

namespace Tapline.Core.Planning;

/// <summary>What a host has to look like. A pure function, recomputed whole with each change.</summary>
public static class HostPlanner
{
    /// <param name="topology">The whole cloud or just the host's slice of it: the plan is the same.</param>
    /// <param name="host">Whose plan.</param>
    /// <param name="sticky">What must be kept because the host already has it.</param>
    public static HostState Plan(Topology topology, string host, Sticky sticky)
    {
        var view = HostView.Of(topology, host, sticky);
        return HostState.Of([
            .. SwitchPlanner.Plan(view),
            .. FirewallPlanner.Plan(view),
            .. VifPlanner.Plan(view),
            .. RouterPlanner.Plan(view),
            .. DhcpPlanner.Plan(view),
            .. InstancePlanner.Plan(view),
        ]);
    }
}

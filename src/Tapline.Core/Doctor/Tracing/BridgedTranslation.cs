using Tapline.Core.Doctor.Netfilter;
using Tapline.Core.Doctor.Routing;
using Tapline.Core.Host.Observed;

namespace Tapline.Core.Doctor.Tracing;

/// <summary>
/// A bridged frame whose destination a rule at prerouting changed: br_netfilter looks for the host's way to the new one
/// (net/bridge/br_netfilter_hooks.c, br_nf_pre_routing_finish), and hands it to the host's stack or throws it away.
/// </summary>
internal static class BridgedTranslation
{
    /// <summary>Null where the frame goes up to the host's stack.</summary>
    public static Step? Ended(Hop hop, ObservedNamespace ns, ObservedLink bridge, FilterContext context, FilterResult result)
    {
        var packet = result.Packet;
        var way = RouteLookup.Find(ns, RouteQuery.For(packet, bridge.Name));
        var leaving = way is { Type: "unicast", Hop: { } next } ? next.Device : null;
        var missing = way.Unknown ?? (leaving == bridge.Name ? $"address translation of a frame that stays on {bridge.Name} (to {packet.Destination})" : null);
        if (missing is not null)
        {
            return Step.Unsure(hop, missing);
        }

        var forwards = (ns.Sysctl($"net/ipv4/conf/{bridge.Name}/forwarding") ?? ns.Sysctl("net/ipv4/ip_forward")) != "0";
        return (way.Type == "local" || (leaving is not null && forwards)) && SourceCheck.Of(ns, bridge.Name, packet, leaving) is null
            ? null
            : Step.Lost(hop, NoWay(ns.Name, bridge.Name, context.Packet, result));
    }

    private static Fault NoWay(string ns, string bridge, Packet packet, FilterResult result)
    {
        var step = result.Passed.LastOrDefault(item => item.TurnsDestination);
        return new Fault
        {
            Code = "firewall.rule",
            Namespace = ns,
            Device = bridge,
            Summary = $"{step?.Words ?? "a rule"} turns {Packets.Words(packet)} to {result.Packet.Destination}, and {StackFaults.Place(ns)} knows no way there by which it may send it on: it is dropped",
            Evidence = [$"address translation of a frame on the bridge {bridge}, to {result.Packet.Destination}"],
            Fix = step is null ? null : FilterFaults.Removal(ns, step, "takes away what turns it; look first whose rule it is and what else it was meant for"),
        };
    }
}

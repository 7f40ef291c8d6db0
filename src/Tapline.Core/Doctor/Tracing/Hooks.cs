using Tapline.Core.Doctor.Netfilter;
using Tapline.Core.Doctor.Routing;

namespace Tapline.Core.Doctor.Tracing;

/// <summary>A packet at netfilter's hooks of a namespace, with the connections that the walk has kept.</summary>
internal static class Hooks
{
    public static FilterResult Run(Walk walk, string ns, FilterContext context)
    {
        var own = walk.World.AddressesOf(ns);
        var result = HookRun.Run(walk.World.Rules(ns), context with
        {
            Connections = walk.ConnectionsOf(ns),
            LocalAddresses = own.All,
            BroadcastAddresses = own.Broadcasts,
            OutAddresses = own.Of(context.Out) is { IsEmpty: false } there ? there : own.MayLeave,
            InAddresses = own.Of(context.In),
            Routes = query => RouteLookup.Find(walk.World.Namespace(ns), query),
        });
        if (result.Packet != context.Packet)
        {
            walk.Rewritten.AddRange(result.Passed.Where(step => step.Rule is not null).Select(step => (ns, step)));
        }

        if (context.Family is "ip" or "ip6")
        {
            walk.Keep(ns, result.Connections);
        }

        return result;
    }

    public static string FamilyOf(Packet packet) => packet.IsArp ? "arp" : packet.IsV6 ? "ip6" : "ip";

    /// <summary>Null where it goes on.</summary>
    public static Step? Refused(Hop hop, FilterContext context, FilterResult result) => result.Fate switch
    {
        FilterFate.Accept => null,
        FilterFate.Unknown => Step.Unsure(hop, result.Unknown ?? "a rule that is not understood"),
        _ => Step.Lost(hop, FilterFaults.Of(hop.Namespace, hop.Device, context, result)),
    };

    /// <summary>What rules did to it, in words; empty where they did nothing worth telling.</summary>
    public static string Told(FilterResult result) => result.Decision is { Rule: { } rule } step
        ? $"{step.Place}: {rule.Text}"
        : "";
}

using Tapline.Core.Doctor.Tracing;
using Tapline.Core.Host.Observed;
using Tapline.Core.Model;

namespace Tapline.Core.Doctor.Examining.Suspecting;

/// <summary>
/// Where a packet ends is not always where something is wrong. What ends there by itself says so (a rule that drops); else each thing of
/// the way that could be otherwise is thought away, one at a time: what is then answered, both ways, would be so without it.
/// </summary>
internal static class RootCause
{
    /// <summary>Ends that follow from something before them, though there is a mend for the end itself.</summary>
    private static readonly string[] Symptoms = ["arp.unanswered", "address.missing", "neighbour.silent", "ovs.vlan-mismatch", "ovs.no-flow"];

    /// <summary>What nothing can be thought away from, or what a mend outside is known for.</summary>
    private static readonly string[] Plain = ["link.missing", "tap.not-attached", "ovs.daemon-dead", "router.namespace-gone", "guest.no-address"];

    private const int Most = 64;

    /// <summary>Null where what was found says it all, or nothing alone is to blame.</summary>
    public static Fault? Of(World world, Topology intent, Inquiry inquiry, Endpoint from, Endpoint to, Walk walk, Fault found, IEnumerable<Hop> hops)
    {
        if (Plain.Contains(found.Code) || (found.Fix is not null && !Symptoms.Contains(found.Code) && !IsNoRouter(world, found)))
        {
            return null;
        }

        var places = hops.Select(hop => hop.Namespace).Concat(walk.Resolutions.Select(asked => asked.Namespace)).Append("").Append(found.Namespace)
            .Distinct().Select(world.FindNamespace).OfType<ObservedNamespace>().Where(ns => !ns.IsPartial).ToList();
        IEnumerable<Suspect> suspects =
        [
            .. places.SelectMany(ns => SuspectLinks.Of(world, ns)),
            .. SuspectSwitch.Of(world, walk.Decisions),
            .. SuspectRules.Of(world, walk.Rewritten),
            .. places.SelectMany(ns => SuspectStack.Of(world, ns, to.Address)),
        ];
        return suspects.Take(Most).FirstOrDefault(suspect => Examination.Works(suspect.Otherwise(), intent, inquiry, from, to)) is not { Fault: var fault } ? null
            : fault with { Evidence = [.. fault.Evidence, $"what it comes to: {found.Summary}", "without it the packet and its answer arrive, as reckoned from what was read"] };
    }

    /// <summary>Nobody expects the host or the outside to pass on what is for others.</summary>
    private static bool IsNoRouter(World world, Fault found) => found.Code == "router.forwarding-off" && Places.Of(world, found.Namespace) is Place.Host or Place.Outside;
}

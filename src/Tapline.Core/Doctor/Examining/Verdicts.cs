using Tapline.Core.Doctor.Tracing;
using Tapline.Core.Model;

namespace Tapline.Core.Doctor.Examining;

/// <summary>From two ways to one verdict.</summary>
internal static class Verdicts
{
    public static Report Of(World world, Topology intent, Inquiry inquiry, Endpoint from, Endpoint to, Walk walk, Passage request, Passage reply, Cause? first, ReturnedFrames? returned, Fault? large, bool goesOn)
    {
        var causes = new List<Cause>();
        if (first is { } found)
        {
            var lost = found.Direction == "request" ? request : reply;
            causes.Add(found with { Fault = CloudMends.Of(world, intent, Relocated(world, SwitchFirst(world, found.Fault)), from.Guest ?? to.Guest, LostOf(lost)) });
        }

        var missing = request.Unknown ?? reply.Unknown ?? returned?.Missing ?? Blindness.Of(world, causes.Count > 0 ? causes[0].Fault : null);
        if (missing is not null)
        {
            causes.Clear();
        }

        var isBroken = causes.Count > 0;
        if (isBroken && goesOn && StaleConnections.Beside(world, causes[0].Fault, inquiry, from.Address, to.Address) is { } stale)
        {
            causes.Add(new Cause(stale, "both"));
        }

        if (returned is not null)
        {
            causes.Add(new Cause(Relocated(world, returned.Fault), "both"));
        }

        if (!isBroken && missing is null)
        {
            if (large is { Code: "link.mtu" or "router.mtu" })
            {
                causes.Add(new Cause(Relocated(world, large with { Evidence = [.. large.Evidence, "small packets pass"] }), "request"));
            }

            causes.AddRange(Caveats.Of(world, intent, from, to, walk, request).Select(fault => new Cause(Relocated(world, fault), "both")));
        }

        return new Report
        {
            Inquiry = inquiry,
            Way = from.Guest is null ? "in" : "out",
            Verdict = isBroken ? (Places.Of(world, causes[0].Fault.Namespace) == Place.Guest ? Verdict.BrokenInGuest : Verdict.Broken)
                : missing is not null ? Verdict.Unknown
                : causes.Count > 0 ? Verdict.WorksBut : Verdict.Works,
            Causes = [.. causes],
            Request = [.. request.Hops],
            Reply = [.. reply.Hops],
            Missing = missing,
        };
    }

    /// <summary>What it dies of; null where it does not.</summary>
    public static Cause? FirstOf(World world, Endpoint from, Passage request, Passage reply) =>
        request.Fault is { } there ? new Cause(there, "request")
        : reply.Fault is not null && TakenAddresses.Of(world, request) is { } taken ? new Cause(taken, "request")
        : reply.Fault is { } back ? new Cause(NatFaults.Explain(world, from, request, back) ?? back, "reply")
        : null;

    /// <summary>The packet at the station that its way ends at.</summary>
    private static Packet? LostOf(Passage passage) => passage.Hops is [.., var last] ? last.Packet : null;

    /// <summary>Of a question for an address; the instance's own state does not matter to it.</summary>
    public static Report OfDhcp(World world, Topology intent, Inquiry inquiry, Endpoint from, Fault? fault, string direction, string? missing, IReadOnlyList<Hop> request, IReadOnlyList<Hop> reply)
    {
        var unread = missing ?? Blindness.Of(world, fault);
        return new Report
        {
            Inquiry = inquiry,
            Way = "out",
            Verdict = unread is not null ? Verdict.Unknown : fault is null ? Verdict.Works : Places.Of(world, fault.Namespace) == Place.Guest ? Verdict.BrokenInGuest : Verdict.Broken,
            Causes = fault is null || unread is not null ? [] : [new Cause(CloudMends.Of(world, intent, Relocated(world, SwitchFirst(world, fault)), from.Guest, null), direction)],
            Request = [.. request],
            Reply = [.. reply],
            Missing = unread,
        };
    }

    /// <summary>Programs that change the switch wait until ovs-vswitchd has carried it out: while that does nothing, their mend would hang.</summary>
    private static Fault SwitchFirst(World world, Fault fault) =>
        world.Seen.Switch is { DaemonAnswers: false } && fault.Fix is { Where: FixPlace.Host } fix && fix.Commands.Any(command => command.StartsWith("ovs-", StringComparison.Ordinal))
            && SwitchFaults.DaemonDead(world) is { Fix: not null } dead
            ? dead with { Evidence = [.. dead.Evidence, $"besides, to be mended after it: {fault.Summary}"] }
            : fault;

    /// <summary>With a device, the kernel has also taken the routes away.</summary>
    private static Fault WithRoute(World world, Fault fault) =>
        fault is { Code: "link.down", Namespace.Length: > 0, Fix: { } fix } && world.FindNamespace(fault.Namespace) is { } ns && DefaultRoutes.Restoring(world, ns, fault.Device) is { } command
            ? fault with { Fix = fix with { Commands = [.. fix.Commands, command], Explanation = $"{fix.Explanation}, and brings the default route back that went with it" } }
            : fault;

    /// <summary>What is to be mended inside a guest or outside is said in commands for there.</summary>
    private static Fault Relocated(World world, Fault fault)
    {
        fault = WithRoute(world, fault);
        if (fault.Namespace.Length == 0 || world.FindNamespace(fault.Namespace) is null)
        {
            return fault;
        }

        var place = Places.Of(world, fault.Namespace);
        if (place is not (Place.Guest or Place.Outside))
        {
            return fault;
        }

        var prefix = Commands.In(fault.Namespace, "");
        var fix = fault.Fix is { Where: FixPlace.Host } host
            ? host with { Where = place == Place.Guest ? FixPlace.Guest : FixPlace.Outside, Commands = [.. host.Commands.Select(command => command.StartsWith(prefix, StringComparison.Ordinal) ? command[prefix.Length..] : command)] }
            : fault.Fix;
        return fault with { Fix = fix, Code = place == Place.Guest && !fault.Code.StartsWith("guest.", StringComparison.Ordinal) ? $"guest.{fault.Code}" : fault.Code };
    }
}

using System.Globalization;
using Tapline.Core.Host.Observed;

namespace Tapline.Core.Doctor.Routing;

/// <summary>
/// What the kernel thinks of a packet's source when it comes in (net/ipv4/fib_frontend.c, fib_validate_source): its own addresses are
/// refused, and with rp_filter those that it would reach another way.
/// </summary>
public static class SourceCheck
{
    private const int BornRules = 3;

    /// <summary>Null: fine. Else why it is dropped, or that it can not be told.</summary>
    /// <param name="ns">Where it came in.</param>
    /// <param name="device">By what.</param>
    /// <param name="packet">As it came; of ARP, the question.</param>
    /// <param name="leavesBy">The device that it is to go on by; null for what is for the namespace itself.</param>
    public static SourceRefusal? Of(ObservedNamespace ns, string device, Packet packet, string? leavesBy)
    {
        var mode = Math.Max(Number(ns, "all", "rp_filter"), Number(ns, device, "rp_filter"));
        var acceptsLocal = Math.Max(Number(ns, "all", "accept_local"), Number(ns, device, "accept_local")) > 0;
        if (packet.Source.IsLoopback && Math.Max(Number(ns, "all", "route_localnet"), Number(ns, device, "route_localnet")) == 0)
        {
            return new SourceRefusal(SourceFault.Martian, mode, null);
        }

        if (mode == 0 && !IsRedirected(ns, device, leavesBy) && (acceptsLocal || !HasOwnWays(ns)))
        {
            return !acceptsLocal && ns.Addresses.Any(address => address.Prefix.Address == packet.Source)
                ? new SourceRefusal(SourceFault.OwnAddress, mode, null)
                : null;
        }

        var back = RouteLookup.Find(ns, RouteQuery.For(packet, leavesBy).Reversed() with { Mark = MarkFor(ns, device, packet) });
        return back switch
        {
            { Type: "unicast" } when mode is 0 or 2 => null,
            { Unknown: not null } => new SourceRefusal(SourceFault.Untold, mode, back),
            { Type: "local" } when !acceptsLocal => new SourceRefusal(SourceFault.OwnAddress, mode, back),
            { Type: "broadcast" or "multicast" } => new SourceRefusal(SourceFault.Martian, mode, back),
            _ when mode == 0 => null,
            { Type: "unicast" or "local" } when mode == 2 || back.Route!.NextHops.Any(hop => hop.Device == device) => null,
            { Type: "unicast" or "local" } => new SourceRefusal(SourceFault.OtherWayBack, mode, back),
            _ => new SourceRefusal(SourceFault.NoWayBack, mode, back),
        };
    }

    /// <summary>What leaves by the device that it came by is looked at more closely where its sender may have to be told of the shorter way.</summary>
    private static bool IsRedirected(ObservedNamespace ns, string device, string? leavesBy) =>
        leavesBy == device && Math.Max(Number(ns, "all", "send_redirects"), Number(ns, device, "send_redirects")) > 0;

    /// <summary>The kernel looks at its addresses alone until somebody adds a policy rule or a local route; from then on, for good, at its routes.</summary>
    private static bool HasOwnWays(ObservedNamespace ns) =>
        ns.ChecksSourcesByRoutes == true
        || ns.Rules.Count(rule => !rule.IsV6) > BornRules
        || ns.Routes.Any(route => route is { Type: "local", Destination.Address.IsV6: false, Protocol: not "kernel" });

    private static uint MarkFor(ObservedNamespace ns, string device, Packet packet) =>
        Math.Max(Number(ns, "all", "src_valid_mark"), Number(ns, device, "src_valid_mark")) > 0 ? packet.Mark : 0;

    private static int Number(ObservedNamespace ns, string device, string name) =>
        int.TryParse(ns.Sysctl($"net/ipv4/conf/{device}/{name}"), NumberStyles.Integer, CultureInfo.InvariantCulture, out var value) ? value : 0;
}

/// <summary>A packet whose source the kernel refuses.</summary>
/// <param name="Fault">Why.</param>
/// <param name="Mode">rp_filter in force: the greater of the device's and of <c>all</c>.</param>
/// <param name="Back">The way that the kernel would take to the source.</param>
public sealed record SourceRefusal(SourceFault Fault, int Mode, RouteAnswer? Back);

/// <summary>Why a source is refused.</summary>
public enum SourceFault
{
    /// <summary>A loopback or broadcast address from a wire.</summary>
    Martian,

    /// <summary>It is the namespace's own address.</summary>
    OwnAddress,

    /// <summary>Something about the way back is not understood: see its <see cref="RouteAnswer.Unknown"/>.</summary>
    Untold,

    /// <summary>rp_filter: no route leads back.</summary>
    NoWayBack,

    /// <summary>rp_filter 1: the route back leaves by another device.</summary>
    OtherWayBack,
}

using System.Globalization;
using Tapline.Core.Host.Observed;

namespace Tapline.Core.Doctor.Routing;

/// <summary>
/// What the kernel thinks of a packet's source when it comes in (net/ipv4/fib_frontend.c, fib_validate_source): its own addresses are
/// refused, and with rp_filter those that it would reach another way.
/// </summary>
public static class SourceCheck
{
    /// <summary>Null: fine. Else why it is dropped.</summary>
    public static SourceRefusal? Of(ObservedNamespace ns, string device, Packet packet)
    {
        var mode = Math.Max(Number(ns, "all", "rp_filter"), Number(ns, device, "rp_filter"));
        var acceptsLocal = Math.Max(Number(ns, "all", "accept_local"), Number(ns, device, "accept_local")) > 0;
        if (packet.Source.IsLoopback && Math.Max(Number(ns, "all", "route_localnet"), Number(ns, device, "route_localnet")) == 0)
        {
            return new SourceRefusal(SourceFault.Martian, mode, null);
        }

        var isOwn = ns.Addresses.Any(address => address.Prefix.Address == packet.Source);
        if (isOwn && !acceptsLocal)
        {
            return new SourceRefusal(SourceFault.OwnAddress, mode, null);
        }

        if (mode == 0)
        {
            return null;
        }

        var back = RouteLookup.Find(ns, new RouteQuery(packet.Source, packet.Destination, device, MarkFor(ns, device, packet)));
        if (back.Type is not ("unicast" or "local") || (back.Type == "local" && !acceptsLocal))
        {
            return new SourceRefusal(SourceFault.NoWayBack, mode, back);
        }

        return back.Route!.NextHops.Any(hop => hop.Device == device) || mode == 2 || back.Type == "local"
            ? null
            : new SourceRefusal(SourceFault.OtherWayBack, mode, back);
    }

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
    /// <summary>A loopback address from a wire.</summary>
    Martian,

    /// <summary>It is the namespace's own address.</summary>
    OwnAddress,

    /// <summary>rp_filter: no route leads back.</summary>
    NoWayBack,

    /// <summary>rp_filter 1: the route back leaves by another device.</summary>
    OtherWayBack,
}

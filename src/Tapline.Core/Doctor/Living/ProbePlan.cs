using Tapline.Core.Doctor.Examining;
using Tapline.Core.Doctor.Tracing;
using Tapline.Core.Host.Observed;
using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Living;

/// <summary>What a live probe is to send, from where, and where to look meanwhile.</summary>
public sealed record ProbePlan
{
    public required Departure Departure { get; init; }

    /// <summary><c>icmp</c>, <c>tcp</c> or <c>udp</c>.</summary>
    public required string Protocol { get; init; }

    public required int Port { get; init; }

    public required IpAddress From { get; init; }

    public required IpAddress To { get; init; }

    /// <summary>All namespaces on whose devices it may come by; the host's own is among them.</summary>
    public required ValueList<string> Namespaces { get; init; }

    /// <summary>Devices that show frames for others to a promiscuous listener only.</summary>
    public required ValueList<(string Namespace, string Device)> Promiscuous { get; init; }

    /// <summary>Namespaces of the way that have rules of nftables (iptables-nft's are), with the families of them.</summary>
    public required ValueList<(string Namespace, bool HasBridgeRules)> Ruled { get; init; }

    /// <summary>What can not be looked at by nature.</summary>
    public ValueList<string> Notes { get; init; }

    /// <summary>Null where nothing on the host tells how to send as the sender.</summary>
    public static ProbePlan? Of(World world, Topology intent, Endpoint from, Endpoint to, Report report)
    {
        ArgumentNullException.ThrowIfNull(world);
        ArgumentNullException.ThrowIfNull(report);
        if (Departure.Of(world, intent, from, to, report) is not { } departure)
        {
            return null;
        }

        var guests = new[] { from, to }.Select(endpoint => Behind(world, endpoint)).OfType<GuestFacts>().ToList();
        var hops = report.Request.Concat(report.Reply).ToList();
        var way = hops.Select(hop => hop.Namespace).Append("").Append(departure.Namespace).Distinct().Where(name => world.FindNamespace(name) is not null).ToList();
        return new ProbePlan
        {
            Departure = departure,
            Protocol = report.Inquiry.Protocol,
            Port = report.Inquiry.Port ?? 0,
            From = from.Address,
            To = to.Address,
            Namespaces = [.. way.Union(Likely(world, guests))],
            Promiscuous = [.. hops.Where(hop => hop.Kind is "bridge" or "nic").Select(hop => (hop.Namespace, hop.Device)).Union(guests.Select(guest => ("", "qbr" + guest.Tap[3..])))],
            Ruled = [.. way.Select(world.Namespace).Where(ns => ns.Nftables is not null).Select(ns => (ns.Name, HasBridgeRules(ns)))],
            Notes = [.. way.Select(world.Namespace).SelectMany(Untraced)],
        };
    }

    /// <summary>Where it may come by although the trace does not go there: it may end early.</summary>
    private static IEnumerable<string> Likely(World world, List<GuestFacts> guests) =>
        world.Seen.Namespaces.Where(ns => Places.Of(world, ns.Name) is Place.Service or Place.Outside).Select(ns => ns.Name)
            .Concat(guests.Select(guest => guest.Inside?.Namespace).OfType<string>());

    /// <summary>The instance that it is, or that a floating IP leads to; null where there is none.</summary>
    private static GuestFacts? Behind(World world, Endpoint endpoint)
    {
        var inside = world.Seen.Namespaces.Where(ns => Places.Of(world, ns.Name) == Place.Service)
            .Select(ns => FloatingIps.FixedOf(world, ns.Name, endpoint.Address)).FirstOrDefault(address => address is not null);
        return endpoint.Guest ?? (inside is { } address ? world.Guests.FirstOrDefault(guest => guest.Addresses.Contains(address)) : null);
    }

    private static bool HasBridgeRules(ObservedNamespace ns) => ns.Nftables!.Contains("\"family\": \"bridge\"", StringComparison.Ordinal) || ns.Nftables.Contains("\"family\":\"bridge\"", StringComparison.Ordinal);

    private static IEnumerable<string> Untraced(ObservedNamespace ns) =>
        ns.Iptables.Where(dump => dump.Program.EndsWith("-legacy", StringComparison.Ordinal) && dump.Program.StartsWith("ip", StringComparison.Ordinal) && dump.Text.Contains("-A ", StringComparison.Ordinal))
            .Select(dump => $"rules of {dump.Program}{LinkFaults.In(ns.Name)} can not be watched one by one: nftrace does not tell of them");
}

using System.Globalization;
using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Tracing;

/// <summary>What a host tells of the instance behind a VIF.</summary>
/// <param name="PortId">OpenStack's port, whole or its first characters.</param>
/// <param name="Tap">The host's end of the VIF.</param>
/// <param name="Mac">Null where nothing tells.</param>
/// <param name="Addresses">The addresses the instance is meant to have.</param>
/// <param name="Inside">Where one can look into the instance (a light one): its namespace and device.</param>
/// <param name="Evidence">What told each.</param>
public sealed record GuestFacts(
    string PortId, string Tap, MacAddress? Mac, ValueList<IpAddress> Addresses, (string Namespace, string Device)? Inside, ValueList<string> Evidence)
{
    private const int ShortId = 11;

    /// <summary>Of every VIF, also of one whose TAP is gone; <see cref="World.Guests"/> keeps them.</summary>
    internal static IEnumerable<GuestFacts> All(World world)
    {
        var taps = from link in world.Seen.Namespaces.Where(ns => ns.Name.Length == 0).SelectMany(ns => ns.Links)
                   where link.Name.StartsWith("tap", StringComparison.Ordinal) && link.Name.Length == 3 + ShortId && world.Port(link.Name) is null
                   select link.Name;
        var plugged = from port in (world.Seen.Switch?.Bridges ?? []).SelectMany(bridge => bridge.Ports)
                      where port.Name.StartsWith("qvo", StringComparison.Ordinal) && port.Name.Length == 3 + ShortId
                      select "tap" + port.Name[3..];
        return taps.Concat(plugged).Distinct().Select(tap => Of(world, tap)!);
    }

    /// <summary>Of the VIF that a device (tap, qbr, qvb, qvo) belongs to; null for other devices.</summary>
    public static GuestFacts? Of(World world, string device) => world.Guest(device);

    /// <summary>The same, found anew; <see cref="World.Guest"/> keeps it.</summary>
    internal static GuestFacts? Find(World world, string device)
    {
        string[] prefixes = ["tap", "qbr", "qvb", "qvo"];
        if (device.Length != 3 + ShortId || !prefixes.Any(prefix => device.StartsWith(prefix, StringComparison.Ordinal)))
        {
            return null;
        }

        var id = device[3..];
        var tap = "tap" + id;
        var row = (world.Port("qvo" + id) ?? world.Port(tap))?.Interface;
        var inside = world.Link("", tap)?.Peer is { In.Length: > 0 } peer ? (peer.In, peer.Name) : default((string, string)?);
        var evidence = new List<string>();
        var mac = MacOf(world, row, tap, inside, evidence);
        var addresses = GuestAddresses.Of(world, tap, mac, evidence);
        return new GuestFacts(row?.ExternalId("iface-id") ?? id, tap, mac, [.. addresses], inside, [.. evidence]);
    }

    private static MacAddress? MacOf(World world, ObservedInterface? row, string tap, (string Namespace, string Device)? inside, List<string> evidence)
    {
        if (MacAddress.TryParse(row?.ExternalId("attached-mac"), out var attached))
        {
            evidence.Add($"Interface {row!.Name}: external_ids attached-mac={attached}");
            return attached;
        }

        return inside is { } at ? world.Link(at.Namespace, at.Device)?.Mac : GuestAddresses.MacOf(world, tap, evidence);
    }

    internal static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}

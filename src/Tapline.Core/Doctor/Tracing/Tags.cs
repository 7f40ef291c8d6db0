using System.Globalization;
using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Tracing;

/// <summary>Which local VLAN a port of br-int should have, by what the host tells itself.</summary>
internal static class Tags
{
    private const int DeadVlan = 4095;

    /// <summary>Null where nothing tells.</summary>
    public static int? Of(World world, ObservedPort port) => Noted(port) ?? OfNetwork(world, port);

    /// <summary>Neutron's agent notes it in other_config.</summary>
    private static int? Noted(ObservedPort port) =>
        int.TryParse(port.OtherConfig.FirstOrDefault(setting => setting.Name == "tag")?.Value, NumberStyles.Integer, CultureInfo.InvariantCulture, out var tag) && tag != DeadVlan ? tag : null;

    /// <summary>The VLAN of the legs whose networks the addresses behind this port are of.</summary>
    private static int? OfNetwork(World world, ObservedPort port)
    {
        var addresses = Behind(world, port).ToList();
        var tags = world.Seen.Switch!.Bridges.SelectMany(bridge => bridge.Ports)
            .Where(other => other.Name != port.Name && other.Tag is not null and not DeadVlan)
            .Where(other => Attachments.AddressesOf(world, other.Name).Any(leg => addresses.Exists(leg.Contains)))
            .Select(other => other.Tag!.Value).Distinct().ToList();
        return tags is [var only] ? only : null;
    }

    private static IEnumerable<IpAddress> Behind(World world, ObservedPort port) =>
        Attachments.AddressesOf(world, port.Name).Select(prefix => prefix.Address)
            .Concat(GuestFacts.Of(world, port.Name)?.Addresses ?? []);
}

using Tapline.Core.Doctor.Tracing;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Examining;

/// <summary>The NICs by which the outside comes to the switch.</summary>
internal static class Uplinks
{
    /// <summary>Devices in bridges other than br-int, behind which nobody of this host is.</summary>
    public static IReadOnlyList<string> Of(World world) =>
    [
        .. from bridge in world.Seen.Switch?.Bridges ?? []
           where bridge.Name is not ("br-int" or "br-tun")
           from port in bridge.Ports
           from device in port.Interfaces
           where device.Type.Length == 0 && world.Link("", device.Name) is { } link && (link.Peer is null || Places.Of(world, link.Peer.In) == Place.Outside)
           select device.Name,
    ];

    /// <summary>The router's own next hop in the network that the address is from: who asks from outside for addresses of ours.</summary>
    public static IpAddress? GatewayNear(World world, IpAddress address) =>
        (from ns in world.Seen.Namespaces
         where ns.Addresses.Any(leg => leg.Prefix.Contains(address) && leg.Prefix.Length < leg.Prefix.Address.Width)
         from route in ns.Routes
         where route.Table == 254 && route.Destination.Length == 0
         from hop in route.NextHops
         where hop.Via is not null
         select hop.Via).FirstOrDefault();
}

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

    /// <summary>
    /// With which VLAN the outside asks for an address of ours: that of the flows between the wire and the local VLAN which the address is
    /// behind, else the only one that there is; null for untagged, and where no flow tells.
    /// </summary>
    public static int? VlanFor(World world, string nic, IpAddress destination)
    {
        var all = Translated(world, nic).ToList();
        var own = all.Where(pair => pair.Local == LocalVlanOf(world, destination)).ToList();
        return own.Count > 0 ? own[0].Wire : all.Select(pair => pair.Wire).Distinct().ToList() is [var only] ? only : null;
    }

    /// <summary>What br-int takes in first, then what the NIC's bridge lets out.</summary>
    private static IEnumerable<(int Local, int? Wire)> Translated(World world, string nic)
    {
        var bridge = world.Port(nic)?.Bridge;
        var patches = (bridge?.Ports ?? []).SelectMany(port => port.Interfaces).Where(device => device.Type == "patch").ToList();
        var taken = from patch in patches
                    let peer = patch.Option("peer") ?? ""
                    from flow in world.Port(peer)?.Bridge.Flows ?? []
                    where Translations.IsFrom(flow, peer)
                    select Translations.FromWire(flow);
        var sent = from patch in patches
                   from flow in bridge!.Flows
                   where Translations.IsFrom(flow, patch.Name)
                   select Translations.ToWire(flow);
        return taken.Concat(sent).OfType<(int Local, int? Wire)>();
    }

    private static int? LocalVlanOf(World world, IpAddress address) =>
        (from owner in world.OwnersOf(address)
         where Places.Of(world, owner.Namespace) is Place.Service or Place.Guest
         select Attachments.Toward(world, owner.Namespace, owner.Device)[^1].Device)
        .Concat(world.Guests.Where(guest => guest.Addresses.Contains(address)).Select(guest => "qvo" + guest.Tap[3..]))
        .Select(device => world.Port(device)?.Port.Tag).FirstOrDefault(tag => tag is not null);
}

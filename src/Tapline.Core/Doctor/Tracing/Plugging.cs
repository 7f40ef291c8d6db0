using Tapline.Core.Host;
using Tapline.Core.Host.Observed;

namespace Tapline.Core.Doctor.Tracing;

/// <summary>Where devices of OpenStack's names belong: what a frame that ends in the wrong place is measured by.</summary>
internal static class Plugging
{
    private const int IdLength = 11;

    /// <summary>The bridge that a tap or qvb belongs to by its name; null for other devices.</summary>
    public static string? BridgeOf(string device) =>
        device.Length == 3 + IdLength && (device.StartsWith("tap", StringComparison.Ordinal) || device.StartsWith("qvb", StringComparison.Ordinal))
            ? "qbr" + device[3..]
            : null;

    /// <summary>Devices that belong to Open vSwitch's integration bridge by their name.</summary>
    public static bool IsForSwitch(string device) =>
        device.StartsWith("qvo", StringComparison.Ordinal) || device.StartsWith("oqr-", StringComparison.Ordinal)
        || device.StartsWith("oqg-", StringComparison.Ordinal) || device.StartsWith("odh-", StringComparison.Ordinal);

    /// <summary>A device outside the bridge it belongs to; null where names tell nothing.</summary>
    public static Fault? Unplugged(World world, ObservedNamespace ns, ObservedLink link) => ns.Name.Length > 0 || world.PortAt(ns.Name, link.Name) is not null ? null
        : BridgeOf(link.Name) is { } bridge && link.Master != bridge ? NotEnslaved(ns, link.Name, bridge)
        : IsForSwitch(link.Name) ? new Fault
        {
            Code = "ovs.port-missing",
            Namespace = ns.Name,
            Device = link.Name,
            Summary = $"{link.Name} is not a port of Open vSwitch: its frames end in the host's own stack",
            Evidence = [$"no port with interface {link.Name} in Open vSwitch's database"],
            Fix = LinkFaults.Host(ns.Name, Replug(world, link.Name), "plugs it in where its network is; the agent adds what else it notes at its ports"),
        }
        : ProviderNics.Missing(world) is { } missing && missing.Device == link.Name ? missing
        : null;

    /// <summary>As the port was, as far as the host still tells: its VLAN, its MAC, and the number that flows know it by.</summary>
    private static string Replug(World world, string device)
    {
        var bridge = world.Seen.Switch?.Bridges.FirstOrDefault(item => item.Name == "br-int");
        var tag = bridge is null ? null : Tags.Of(world, new ObservedPort { Name = device });
        var mac = GuestFacts.Of(world, device)?.Mac;
        Setting[] ids = mac is { } found ? [new("attached-mac", found.ToString()), new("iface-status", "active")] : [];
        return PortCommands.Add("br-int", device, tag, bridge is null ? "" : StaleNumbers.Request(bridge), ids, []);
    }

    /// <summary>The port that a bridge of two lacks, by its name.</summary>
    public static Fault? MissingFrom(World world, ObservedNamespace ns, ObservedLink bridge, ObservedLink? from)
    {
        if (!bridge.Name.StartsWith("qbr", StringComparison.Ordinal) || bridge.Name.Length != 3 + IdLength)
        {
            return null;
        }

        var id = bridge.Name[3..];
        foreach (var name in (string[])["qvb" + id, "tap" + id])
        {
            if (name == from?.Name)
            {
                continue;
            }

            return world.Link(ns.Name, name) switch
            {
                null => LinkFaults.Missing(ns.Name, name),
                { Up: false } link => LinkFaults.Down(ns.Name, link),
                { Master: var master } when master != bridge.Name => NotEnslaved(ns, name, bridge.Name),
                { Carrier: false, Kind: "tun" } link => LinkFaults.NotHeld(ns.Name, link),
                { Carrier: false, Peer: { } peer } when world.Link(peer.In, peer.Name) is { Up: false } far => LinkFaults.Down(peer.In, far),
                { BridgePort.State: not "forwarding" and { } state } link => BridgeFaults.Blocked(ns.Name, link, bridge, state),
                _ => null,
            };
        }

        return null;
    }

    private static Fault NotEnslaved(ObservedNamespace ns, string device, string bridge) => new()
    {
        Code = ns.Link(bridge) is null ? "bridge.missing" : "bridge.port-missing",
        Namespace = ns.Name,
        Device = device,
        Summary = ns.Link(bridge) is null ? $"the bridge {bridge} of {device} does not exist" : $"{device} is not a port of its bridge {bridge}",
        Evidence = [ns.Link(device)?.Master is { } master ? $"link {device}: master {master}" : $"link {device}: no master"],
        Fix = ns.Link(bridge) is null
            ? new Fix(FixPlace.Host, [Commands.In(ns.Name, $"ip link add {bridge} type bridge ageing_time 0 && ip link set {bridge} up && ip link set {device} master {bridge}")], "makes the bridge anew and puts the device into it; the other port belongs there too")
            : LinkFaults.Host(ns.Name, $"ip link set {device} master {bridge}", "puts it back into its bridge"),
    };
}

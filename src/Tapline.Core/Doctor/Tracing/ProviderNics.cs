using Tapline.Core.Host.Observed;

namespace Tapline.Core.Doctor.Tracing;

/// <summary>NICs that provider bridges should own.</summary>
internal static class ProviderNics
{
    /// <summary>A bridge that is joined to br-int by a patch and has no NIC, while one that could be its own is free; null where all have theirs.</summary>
    public static Fault? Missing(World world) =>
        (from bridge in world.Seen.Switch?.Bridges ?? []
         where bridge.Name is not ("br-int" or "br-tun") && bridge.Ports.Any(port => port.Interfaces.Any(device => device.Type == "patch"))
            && !bridge.Ports.Any(port => port.Interfaces.Any(device => device.Type.Length == 0))
         let nic = FreeFor(world, bridge)
         where nic is not null
         select new Fault
         {
             Code = "ovs.port-missing",
             Device = nic.Name,
             Summary = $"{nic.Name} is not a port of {bridge.Name}, which has no NIC at all: nothing of it comes to the wire",
             Evidence = [$"ports of {bridge.Name}: {string.Join(", ", bridge.Ports.Select(port => port.Name))}", $"{nic.Name} is in no bridge and has no address"],
             Fix = new Fix(FixPlace.Host, [$"ovs-vsctl --may-exist add-port {bridge.Name} {nic.Name}"], "gives the bridge its NIC back"),
         }).FirstOrDefault();

    /// <summary>A port of such a bridge whose device does not exist; null where all do.</summary>
    public static Fault? Gone(World world) =>
        (from bridge in world.Seen.Switch?.Bridges ?? []
         where bridge.Name is not ("br-int" or "br-tun")
         from port in bridge.Ports
         from device in port.Interfaces
         where device.Type.Length == 0 && world.Link("", device.Name) is null
         select LinkFaults.Missing("", device.Name)).FirstOrDefault();

    private static ObservedLink? FreeFor(World world, ObservedBridgeOfSwitch bridge)
    {
        var host = world.Namespace("");
        var free = host.Links.Where(link => link.Kind is "" or "veth" or "bond" or "vlan" && link.Name != "lo" && link.Master is null && world.Port(link.Name) is null
            && Plugging.BridgeOf(link.Name) is null && !Plugging.IsForSwitch(link.Name) && host.Addresses.All(address => address.Device != link.Name || address.Prefix.Address.IsLinkLocal)).ToList();
        return free.Find(link => bridge.Name.EndsWith("-" + link.Name, StringComparison.Ordinal)) ?? (free is [var only] ? only : null);
    }
}

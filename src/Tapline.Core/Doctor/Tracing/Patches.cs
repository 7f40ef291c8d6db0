using Tapline.Core.Host.Observed;

namespace Tapline.Core.Doctor.Tracing;

/// <summary>Patch ports between bridges of Open vSwitch: each has a peer that names it.</summary>
internal static class Patches
{
    /// <summary>A peer that is not there, or names another; null where all fit.</summary>
    public static Fault? Broken(World world)
    {
        foreach (var (bridge, patch) in All(world))
        {
            var peer = patch.Option("peer") ?? "";
            if (world.Port(peer) is not { } far)
            {
                return Missing(world, bridge, patch, peer);
            }

            if (far.Interface.Type != "patch" || far.Interface.Option("peer") != patch.Name)
            {
                return WrongPeer(far.Interface, patch);
            }
        }

        return null;
    }

    private static IEnumerable<(ObservedBridgeOfSwitch Bridge, ObservedInterface Patch)> All(World world) =>
        from bridge in world.Seen.Switch?.Bridges ?? []
        from port in bridge.Ports
        from device in port.Interfaces
        where device.Type == "patch"
        select (bridge, device);

    /// <summary>It belongs on br-int, or on the bridge that it is named after.</summary>
    private static Fault Missing(World world, ObservedBridgeOfSwitch near, ObservedInterface patch, string peer)
    {
        var bridges = world.Seen.Switch!.Bridges;
        var home = bridges.FirstOrDefault(bridge => bridge != near && peer.EndsWith("-" + bridge.Name, StringComparison.Ordinal) && peer.StartsWith("phy-", StringComparison.Ordinal))
            ?? bridges.FirstOrDefault(bridge => bridge != near && bridge.Name == "br-int") ?? bridges.FirstOrDefault(bridge => bridge != near);
        var added = home is null || peer.Length == 0 ? null
            : $"ovs-vsctl --may-exist add-port {home.Name} {peer} -- set Interface {peer} type=patch options:peer={patch.Name}{StaleNumbers.Request(home)}";
        return new Fault
        {
            Code = "ovs.patch-missing",
            Device = peer.Length > 0 ? peer : patch.Name,
            Summary = $"the patch port {patch.Name} of {near.Name} leads nowhere: its peer {(peer.Length > 0 ? peer : "is not set")}{(peer.Length > 0 ? " does not exist" : "")}, so nothing passes between the bridges",
            Evidence = [$"Interface {patch.Name}: type patch, options peer={peer}", $"no port {peer} in any bridge"],
            Fix = added is null ? null : new Fix(FixPlace.Host, [added, .. StaleNumbers.Request(home!).Length > 0 ? [] : Translations.Missing(world, near, peer).Select(flow => FlowFaults.AddFlow(home!.Name, flow))],
                "makes the other half of the patch again"),
        };
    }

    private static Fault WrongPeer(ObservedInterface far, ObservedInterface patch) => new()
    {
        Code = "ovs.patch-missing",
        Device = far.Name,
        Summary = $"the patch ports {patch.Name} and {far.Name} are not each other's peers, so nothing passes between their bridges",
        Evidence = [$"Interface {patch.Name}: peer={patch.Option("peer")}", $"Interface {far.Name}: type {far.Type}, peer={far.Option("peer")}"],
        Fix = new Fix(FixPlace.Host, [$"ovs-vsctl set Interface {far.Name} type=patch options:peer={patch.Name}"], "joins the two again"),
    };
}

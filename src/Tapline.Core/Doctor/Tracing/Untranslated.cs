using Tapline.Core.Host.Observed;

namespace Tapline.Core.Doctor.Tracing;

/// <summary>A local VLAN that should come out on a provider's wire, and that no bridge translates, neither there nor back.</summary>
internal static class Untranslated
{
    /// <summary>For a frame that is lost behind a patch: on its way from a port with a VLAN to the wire, or from the wire to any of them.</summary>
    public static Fault? For(World world, Position.AtSwitch at, Switching.SwitchStep lost)
    {
        if (world.Port(lost.Port) is not { Interface.Type: "patch" } || world.Port(at.Device) is not { Port: var port })
        {
            return null;
        }

        var senders = port.Tag is null ? world.Seen.Switch!.Bridges.SelectMany(bridge => bridge.Ports) : [port];
        return senders.Select(sender => Of(world, sender)).FirstOrDefault(fault => fault is not null);
    }

    /// <summary>
    /// For a port whose network is on a wire: a router's outer leg, or one at which that is noted. Null where some flow translates its
    /// VLAN, and where it can not be told by which bridge it should go.
    /// </summary>
    public static Fault? Of(World world, ObservedPort sender)
    {
        if (sender.Tag is not { } local || world.Port(sender.Name) is not { Bridge: var near } || Segments.IsTunnelled(world, local)
            || IsTranslated(world, near, local) || Providers(world, near) is not [var (bridge, inner, outer)])
        {
            return null;
        }

        var (isNoted, wire) = Segments.Noted(world, local);
        if (!isNoted && !sender.Name.Contains("qg-", StringComparison.Ordinal))
        {
            return null;
        }

        return new Fault
        {
            Code = "ovs.translation-missing",
            Device = bridge.Name,
            Summary = $"no flow leads {sender.Name}'s local VLAN {LinkStep.Number(local)} to the wire of {bridge.Name}, nor the wire to it",
            Evidence =
            [
                $"Port {sender.Name}: tag {LinkStep.Number(local)}",
                $"{bridge.Name}: no flow with in_port={outer},dl_vlan={LinkStep.Number(local)}",
                $"{near.Name}: no flow with in_port={inner} that gives VLAN {LinkStep.Number(local)}",
            ],
            Fix = new Fix(FixPlace.Host, [FlowFaults.AddFlow(bridge.Name, Translations.There(outer, local, wire)), FlowFaults.AddFlow(near.Name, Translations.Back(inner, local, wire))], isNoted
                ? "there and back, as the network's type is noted at its ports"
                : "there and back for a flat network; where 'openstack network show' tells a segmentation id, the wire bears that VLAN"),
        };
    }

    private static bool IsTranslated(World world, ObservedBridgeOfSwitch near, int local) =>
        world.Seen.Switch!.Bridges.Any(bridge => bridge.Flows.Any(flow => bridge.Name == near.Name
            ? Translations.FromWire(flow)?.Local == local
            : Translations.ToWire(flow)?.Local == local));

    /// <summary>Bridges with a NIC that a patch joins to that one, with the patch's two ends.</summary>
    private static List<(ObservedBridgeOfSwitch Bridge, string Inner, string Outer)> Providers(World world, ObservedBridgeOfSwitch near) =>
        [.. from bridge in world.Seen.Switch!.Bridges
            where bridge.Name != near.Name && bridge.Ports.Any(port => port.Interfaces.Any(device => device.Type.Length == 0))
            from device in bridge.Ports.SelectMany(port => port.Interfaces)
            where device.Type == "patch" && device.Option("peer") is { } peer && world.Port(peer)?.Bridge.Name == near.Name
            select (bridge, device.Option("peer")!, device.Name)];
}

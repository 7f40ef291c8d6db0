using Tapline.Core.Host.Observed;

namespace Tapline.Core.Doctor.Tracing;

/// <summary>
/// A port of the userspace datapath whose device was made anew: ovs-vswitchd still listens on the one that had the name before, and
/// takes nothing in. Its own tables show the port as healthy.
/// </summary>
internal static class StalePorts
{
    public static Fault Of(World world, ObservedLink link, ObservedBridgeOfSwitch bridge, ObservedPort port, ObservedInterface device) => new()
    {
        Code = "ovs.port-stale",
        Device = link.Name,
        Summary = $"Open vSwitch does not listen on {link.Name}: the device was made anew since the port was added, and ovs-vswitchd still holds the one before",
        Evidence =
        [
            $"/proc/net/packet: no packet socket on {link.Name} (index {LinkStep.Number(link.Index)}), as the userspace datapath has on each of its ports",
            $"Interface {device.Name}: no error, ofport {(device.Ofport is { } known ? LinkStep.Number(known) : "none")}",
        ],
        Fix = new Fix(FixPlace.Host, [$"ovs-vsctl del-port {bridge.Name} {port.Name}", PortCommands.Add(
                bridge.Name, port.Name, port.Tag is null ? null : Tags.Of(world, port) ?? port.Tag, device.Ofport is > 0 and var number ? StaleNumbers.Request(number) : "",
                device.ExternalIds, port.OtherConfig)], "takes the port out and in again as it was, so that Open vSwitch opens the device that is there now"),
    };
}

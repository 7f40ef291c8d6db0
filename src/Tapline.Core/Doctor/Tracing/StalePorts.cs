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
            $"Interface {device.Name}: no error, ofport {(device.Ofport is { } number ? LinkStep.Number(number) : "none")}",
        ],
        Fix = new Fix(FixPlace.Host, [$"ovs-vsctl del-port {bridge.Name} {port.Name}", Added(world, bridge, port, device)], "takes the port out and in again as it was, so that Open vSwitch opens the device that is there now"),
    };

    private static string Added(World world, ObservedBridgeOfSwitch bridge, ObservedPort port, ObservedInterface device)
    {
        var tag = port.Tag is { } vlan ? $" tag={LinkStep.Number(Tags.Of(world, port) ?? vlan)}" : "";
        var settings = string.Concat(device.ExternalIds.Select(setting => $" external_ids:{setting.Name}={Commands.Quoted($"\"{setting.Value}\"")}"));
        var number = device.Ofport is > 0 and var wanted ? $" ofport_request={LinkStep.Number(wanted)}" : "";
        var notes = string.Concat(port.OtherConfig.Select(setting => $" other_config:{setting.Name}={Commands.Quoted($"\"{setting.Value}\"")}"));
        return $"ovs-vsctl add-port {bridge.Name} {port.Name}{tag}"
            + (settings.Length + number.Length > 0 ? $" -- set Interface {device.Name}{number}{settings}" : "")
            + (notes.Length > 0 ? $" -- set Port {port.Name}{notes}" : "");
    }
}

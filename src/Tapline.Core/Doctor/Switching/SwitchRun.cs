using Tapline.Core.Host.Observed;

namespace Tapline.Core.Doctor.Switching;

/// <summary>Traces a frame through Open vSwitch as it was observed: what ovs-vswitchd's own <c>ofproto/trace</c> would say.</summary>
public static class SwitchRun
{
    /// <summary>What becomes of a frame that comes into a bridge by one of its ports; <paramref name="inPort"/> by name, number or <c>LOCAL</c>.</summary>
    public static SwitchResult Forward(ObservedSwitch seen, string bridge, string inPort, Packet packet)
    {
        ArgumentNullException.ThrowIfNull(seen);
        ArgumentNullException.ThrowIfNull(packet);
        if (!seen.DaemonAnswers)
        {
            return new SwitchResult { Unknown = "ovs-vswitchd does not answer: its flows could not be read" };
        }

        var walk = new SwitchWalk(seen);
        walk.Start(bridge, inPort, packet);
        return walk.Result();
    }
}

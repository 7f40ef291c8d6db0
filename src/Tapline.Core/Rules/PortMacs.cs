using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Core.Rules;

/// <summary>The MAC addresses of ports: unique on their network.</summary>
internal static class PortMacs
{
    /// <summary>OpenStack's range: fa:16:3e.</summary>
    private const ulong Prefix = 0xfa16_3e00_0000;

    public static MacAddress New(Draft draft, Id<Network> network)
    {
        while (true)
        {
            var mac = new MacAddress(Prefix | draft.Context.Random(1 << 24));
            if (!draft.Topology.Indexes.PortByMac.ContainsKey((network, mac)))
            {
                return mac;
            }
        }
    }

    /// <summary>The MAC that a user wants, checked.</summary>
    public static void Require(Draft draft, Id<Network> network, MacAddress mac)
    {
        if (mac.IsMulticast || mac.Value == 0)
        {
            draft.Reject(Rejection.BadValue("mac_address", $"'{mac}' is not a valid MAC address"));
        }
        else if (draft.Topology.Indexes.PortByMac.ContainsKey((network, mac)))
        {
            draft.Reject(Rejection.Conflict("MacAddressInUse",
                $"Unable to complete operation for network {network}. The mac address {mac} is in use."));
        }
    }
}

using System.Globalization;
using Tapline.Core.Diff;
using Tapline.Core.Host;
using Tapline.Core.Planning;
using Tapline.Wire.Netlink;

namespace Tapline.Agent;

/// <summary>Conntrack zones are numbers that come back: what a zone's last user left in it must not speak for the next one.</summary>
internal static class ZoneUpkeep
{
    /// <summary>Empties the zones that the map is about to gain. With no map seen the whole table is made anew, under connections that go on.</summary>
    public static void FlushNew(HostChange change)
    {
        if (change is not { After: HostItem.NftSet { In: "", Name: FirewallPlanner.Zones } map, Before: HostItem.NftSet seen }
            || map.Elements.Except(seen.Elements).ToList() is not { Count: > 0 } gained)
        {
            return;
        }

        using var conntrack = ConntrackSocket.Open();
        foreach (var element in gained)
        {
            conntrack.FlushZone(ushort.Parse(element[(element.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
        }
    }
}

using System.Globalization;
using Tapline.Core.Host;
using Tapline.Core.Planning;
using Tapline.Wire.Netlink;

namespace Tapline.Agent;

/// <summary>Conntrack zones are numbers that come back: what a zone's last user left in it must not speak for the next one.</summary>
internal static class ZoneUpkeep
{
    /// <summary>Empties the zones that the map is about to gain.</summary>
    public static void FlushNew(HostItem.NftSet map, HostItem.NftSet? seen)
    {
        if (map is not { In: "", Name: FirewallPlanner.Zones })
        {
            return;
        }

        var gained = seen is null ? [] : map.Elements.Except(seen.Elements).ToList();
        if (gained.Count == 0)
        {
            return; // with no map seen the whole table is made anew, under connections that go on
        }

        using var conntrack = ConntrackSocket.Open();
        foreach (var element in gained)
        {
            conntrack.FlushZone(ushort.Parse(element[(element.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
        }
    }
}

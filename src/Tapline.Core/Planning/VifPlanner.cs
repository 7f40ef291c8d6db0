using System.Globalization;
using Tapline.Core.Host;
using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Core.Planning;

/// <summary>The hybrid plug of each VIF: tap, Linux bridge, veth pair, switch port. os-vif builds the same, and may have done so first.</summary>
internal static class VifPlanner
{
    public static IEnumerable<HostItem> Plan(HostView view) => view.Vifs.SelectMany(port => Plug(view, port));

    private static IEnumerable<HostItem> Plug(HostView view, Port port)
    {
        var owner = port.Key.ToString();
        var network = view.NetworkOf(port);
        var (tap, qbr, qvb, qvo) = (Names.Tap(port.Id), Names.Qbr(port.Id), Names.Qvb(port.Id), Names.Qvo(port.Id));
        var end = new HostItem.Link { Name = "", Kind = LinkKind.Veth, Mtu = network.Mtu, TransmitOffload = false, Owner = owner };
        yield return new HostItem.Link { Name = qbr, Kind = LinkKind.Bridge, Mtu = network.Mtu, Owner = owner };
        yield return end with { Name = qvb, Peer = new LinkEnd("", qvo), Master = qbr };
        yield return end with { Name = qvo, Peer = new LinkEnd("", qvb) };
        if (view.Sticky.ForeignLinks.Contains(tap))
        {
            yield return new HostItem.Link { Name = tap, Kind = LinkKind.Foreign, Mtu = network.Mtu, Master = qbr, Owner = owner };
            yield return Silent(tap, owner);
        }

        yield return Silent(qbr, owner);
        yield return Silent(qvb, owner);
        yield return Silent(qvo, owner);
        yield return new HostItem.Sysctl("", $"net/ipv4/conf/{qbr}/arp_ignore", "1") { Owner = owner };
        yield return new HostItem.Sysctl("", $"net/ipv4/conf/{qbr}/arp_announce", "2") { Owner = owner };
        if (view.TagOf(port) is { } tag && view.Ids.Zones.TryGetValue(port.Id, out var zone))
        {
            yield return new HostItem.OvsPort
            {
                Name = qvo,
                Bridge = Names.IntegrationBridge,
                Tag = tag,
                ExternalIds = ExternalIds(port, zone),
                Owner = owner,
            };
        }
    }

    /// <summary>Without this the host itself talks (MLD, router solicitations, DAD) into the tenant's network.</summary>
    internal static HostItem.Sysctl Silent(string link, string owner) => new("", $"net/ipv6/conf/{link}/disable_ipv6", "1") { Owner = owner };

    internal static ValueList<Setting> ExternalIds(Port port, int? zone)
    {
        ReadOnlySpan<Setting> settings =
        [
            new("attached-mac", port.Mac.ToString()), new("iface-id", port.Id.ToString()), new("iface-status", "active"),
            new(Sticky.NetworkKey, port.NetworkId.ToString()),
        ];
        return zone is { } number ? [.. settings, new(Sticky.ZoneKey, number.ToString(CultureInfo.InvariantCulture))] : [.. settings];
    }
}

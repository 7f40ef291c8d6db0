using System.Net;
using Tapline.Wire.Interop;
using static Tapline.Wire.Netlink.RouteConstants;

namespace Tapline.Wire.Netlink;

/// <content>Addresses, routes and neighbours.</content>
public sealed partial class RouteSocket
{
    public IReadOnlyList<AddressInfo> Addresses() =>
        _socket.Dump(RouteRequests.Dump(RTM_GETADDR, RouteCodec.AddressHeaderLength), "list addresses", (_, p) => RouteCodec.Address(p));

    /// <summary>The unicast routes of the main table, IPv4 and IPv6.</summary>
    public IReadOnlyList<RouteInfo> Routes() =>
        _socket.Dump(RouteRequests.Dump(RTM_GETROUTE, RouteCodec.RouteHeaderLength), "list routes",
            (_, p) => RouteCodec.Route(p) is { Table: RT_TABLE_MAIN, Type: RTN_UNICAST } route ? route : null);

    public IReadOnlyList<NeighbourInfo> Neighbours() =>
        _socket.Dump(RouteRequests.Dump(RTM_GETNEIGH, RouteCodec.NeighbourHeaderLength), "list neighbours",
            (_, p) => RouteCodec.Neighbour(p));

    /// <summary>Adds or refreshes an address; IPv4 gets its broadcast address, IPv6 is usable at once (no duplicate detection).</summary>
    public void AddAddress(string link, IPAddress address, int prefixLength)
    {
        ArgumentNullException.ThrowIfNull(address);
        var request = RouteRequests.Address(RTM_NEWADDR, IndexOf(link), address, prefixLength);
        _socket.Execute(request, $"add address {address}/{prefixLength} to {link}");
    }

    public void DeleteAddress(string link, IPAddress address, int prefixLength)
    {
        ArgumentNullException.ThrowIfNull(address);
        var request = RouteRequests.Address(RTM_DELADDR, IndexOf(link), address, prefixLength);
        _socket.Execute(request, $"delete address {address}/{prefixLength} from {link}");
    }

    /// <summary>
    /// Adds a route of the main table or replaces the one with the same destination. No destination is the default route of
    /// the gateway's family; the IPv6 default without a gateway is written as ::/0.
    /// </summary>
    public void AddRoute(
        IPAddress? destination, int prefixLength, IPAddress? via, string? link, byte protocol,
        IPAddress? preferredSource = null, bool onLink = false)
    {
        var spec = Spec(destination, prefixLength, via, link) with
        {
            Protocol = protocol,
            PreferredSource = preferredSource,
            OnLink = onLink,
        };
        _socket.Execute(RouteRequests.Route(RTM_NEWROUTE, spec), $"add route {Describe(destination, prefixLength, via, link)}");
    }

    /// <summary>Deletes the first route of the main table that fits what is given; protocol 0 fits any.</summary>
    public void DeleteRoute(IPAddress? destination, int prefixLength, IPAddress? via = null, string? link = null, byte protocol = 0)
    {
        var spec = Spec(destination, prefixLength, via, link) with { Protocol = protocol };
        _socket.Execute(RouteRequests.Route(RTM_DELROUTE, spec), $"delete route {Describe(destination, prefixLength, via, link)}");
    }

    public void DeleteNeighbour(string link, IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        _socket.Execute(RouteRequests.DeleteNeighbour(IndexOf(link), address), $"delete neighbour {address} of {link}");
    }

    /// <summary>Forgets what the link's neighbours are, except what was set for good or needs no resolution.</summary>
    public void FlushNeighbours(string link)
    {
        var index = IndexOf(link);
        foreach (var entry in Neighbours())
        {
            if (entry.LinkIndex == index && (entry.State & (NeighbourState.Permanent | NeighbourState.NoArp)) == 0)
            {
                Absent(() => _socket.Execute(
                    RouteRequests.DeleteNeighbour(index, entry.Address), $"delete neighbour {entry.Address} of {link}"));
            }
        }
    }

    private RouteRequests.RouteSpec Spec(IPAddress? destination, int prefixLength, IPAddress? via, string? link)
    {
        var family = (destination ?? via) is { } known ? RouteRequests.Family(known) : (byte)Posix.AF_INET;
        return new RouteRequests.RouteSpec(family, destination, prefixLength)
        {
            Via = via,
            LinkIndex = link is null ? null : IndexOf(link),
        };
    }

    private static string Describe(IPAddress? destination, int prefixLength, IPAddress? via, string? link) =>
        (destination is null || prefixLength == 0 ? "default" : $"{destination}/{prefixLength}")
        + (via is null ? "" : $" via {via}") + (link is null ? "" : $" dev {link}");
}

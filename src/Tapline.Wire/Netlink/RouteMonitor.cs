using Tapline.Wire.Namespaces;
using static Tapline.Wire.Netlink.RouteConstants;

namespace Tapline.Wire.Netlink;

/// <summary>Tells of every change to links, addresses and routes of one namespace, from the moment of opening.</summary>
public sealed class RouteMonitor : IDisposable
{
    private const byte AF_BRIDGE = 7;

    private static readonly int[] Groups =
        [RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV6_ROUTE];

    private readonly NetlinkListener _listener;

    private RouteMonitor(NetlinkListener listener) => _listener = listener;

    /// <summary>Opens in the given namespace, or in that of the calling thread.</summary>
    public static RouteMonitor Open(NetNamespace? ns = null) => Open(ns, Groups);

    /// <summary>The same with changes of the ARP and neighbour discovery caches.</summary>
    public static RouteMonitor OpenWithNeighbours(NetNamespace? ns = null) => Open(ns, [.. Groups, RTNLGRP_NEIGH]);

    /// <summary>The changes in order, until cancelled. One reader at a time.</summary>
    public IAsyncEnumerable<RouteEvent> EventsAsync(CancellationToken cancellationToken) =>
        _listener.ReadAsync(Read, new RouteEvent(RouteEventKind.Overrun), cancellationToken);

    public void Dispose() => _listener.Dispose();

    internal static void Read(NetlinkMessage message, List<RouteEvent> into)
    {
        var payload = message.Payload;
        switch (message.Type)
        {
            case RTM_NEWLINK or RTM_DELLINK when RouteCodec.Link(payload) is { } link:
                // In the bridge's family "deleted" says that the port left its bridge; the link is still there.
                var deleted = message.Type == RTM_DELLINK && payload[0] != AF_BRIDGE;
                into.Add(new RouteEvent(RouteEventKind.Link) { Deleted = deleted, Link = link });
                break;
            case RTM_NEWADDR or RTM_DELADDR when RouteCodec.Address(payload) is { } address:
                into.Add(new RouteEvent(RouteEventKind.Address) { Deleted = message.Type == RTM_DELADDR, Address = address });
                break;
            case RTM_NEWROUTE or RTM_DELROUTE when RouteCodec.Route(payload) is { } route:
                into.Add(new RouteEvent(RouteEventKind.Route) { Deleted = message.Type == RTM_DELROUTE, Route = route });
                break;
            case RTM_NEWNEIGH or RTM_DELNEIGH when RouteCodec.Neighbour(payload) is { } neighbour:
                into.Add(new RouteEvent(RouteEventKind.Neighbour) { Deleted = message.Type == RTM_DELNEIGH, Neighbour = neighbour });
                break;
        }
    }

    private static RouteMonitor Open(NetNamespace? ns, int[] groups) =>
        new(NetlinkListener.Open(ns, NETLINK_ROUTE, groups, "a route monitor"));
}

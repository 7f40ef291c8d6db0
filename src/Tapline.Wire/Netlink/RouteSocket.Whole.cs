using System.Net;
using Tapline.Wire.Interop;
using Tapline.Wire.Namespaces;
using static Tapline.Wire.Netlink.RouteConstants;

namespace Tapline.Wire.Netlink;

/// <content>Reading a namespace whole.</content>
public sealed partial class RouteSocket
{
    private const int GenericHeaderLength = 4; // struct rtgenmsg, padded

    /// <summary>Every link with all that the kernel tells of it in one dump, its counters and its sysctls among it.</summary>
    public IReadOnlyList<LinkDetail> LinkDetails()
    {
        var request = new MessageWriter(RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP);
        request.Raw(new byte[RouteCodec.LinkHeaderLength]);
        return _socket.Dump(request, "list links", (_, p) => LinkDetailCodec.Detail(p));
    }

    /// <summary>The VLANs of bridges that filter by VLAN, and of their ports.</summary>
    public IReadOnlyList<BridgeVlan> BridgeVlans()
    {
        var request = new MessageWriter(RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP);
        request.Raw([AF_BRIDGE, .. new byte[RouteCodec.LinkHeaderLength - 1]]);
        request.UInt32(IFLA_EXT_MASK, RTEXT_FILTER_BRVLAN);
        return
        [
            .. _socket.Dump(request, "list VLANs of bridges", (_, p) =>
            {
                var vlans = new List<BridgeVlan>();
                LinkDetailCodec.Vlans(p, vlans);
                return vlans;
            }).SelectMany(vlans => vlans),
        ];
    }

    /// <summary>Routes of all tables and types, IPv4 and IPv6.</summary>
    public IReadOnlyList<RouteInfo> AllRoutes() =>
        _socket.Dump(RouteRequests.Dump(RTM_GETROUTE, RouteCodec.RouteHeaderLength), "list routes", (_, p) => RouteCodec.Route(p));

    /// <summary>
    /// The way that the kernel finds for what this namespace sends there (ip route get): in which table, by which link, and to which gateway;
    /// null where it finds none.
    /// </summary>
    public RouteInfo? Way(IPAddress destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        RouteInfo? way = null;
        try
        {
            _socket.Query(RouteRequests.Way(destination), $"ask for the way to {destination}", (_, p) => way = RouteCodec.AnyRoute(p));
        }
        catch (NetlinkException e) when (e.Errno is Posix.ENETUNREACH or Posix.EHOSTUNREACH or Posix.EINVAL or Posix.EACCES)
        {
            return null;
        }

        return way;
    }

    /// <summary>
    /// Whether the kernel takes in a packet that comes by the link from <paramref name="source"/> to an address of this namespace (ip route get … from …
    /// iif …): false where it refuses the source; null where something else keeps it from answering.
    /// </summary>
    public bool? TakesIn(int linkIndex, IPAddress source, IPAddress destination)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(destination);
        try
        {
            _socket.Query(RouteRequests.Way(destination, source, linkIndex), $"ask whether what {source} sends to {destination} is taken in", (_, _) => { });
        }
        catch (NetlinkException e)
        {
            return e.Errno == Posix.EINVAL ? false : null;
        }

        return true;
    }

    /// <summary>Policy rules, IPv4 and IPv6, in the order of their priority within each.</summary>
    public IReadOnlyList<RuleInfo> Rules() =>
        _socket.Dump(RouteRequests.Dump(RTM_GETRULE, RuleCodec.HeaderLength), "list rules", (_, p) => RuleCodec.Rule(p));

    /// <summary>The machine's neighbour tables: each namespace may ask for them.</summary>
    public IReadOnlyList<NeighbourTableInfo> NeighbourTables() =>
        _socket.Dump(RouteRequests.Dump(RTM_GETNEIGHTBL, NeighbourTableCodec.HeaderLength), "list neighbour tables", (_, p) => NeighbourTableCodec.Table(p));

    /// <summary>The addresses that the kernel answers for on behalf of others.</summary>
    public IReadOnlyList<NeighbourInfo> Proxies()
    {
        var request = new MessageWriter(RTM_GETNEIGH, NLM_F_REQUEST | NLM_F_DUMP);
        var header = new byte[RouteCodec.NeighbourHeaderLength];
        header[10] = NTF_PROXY;
        request.Raw(header);
        return _socket.Dump(request, "list neighbour proxies", (_, p) => RouteCodec.Neighbour(p) is { IsProxy: true } proxy ? proxy : null);
    }

    /// <summary>What the Linux bridges know of where addresses are.</summary>
    public IReadOnlyList<BridgeForwarding> BridgeForwarding()
    {
        var request = new MessageWriter(RTM_GETNEIGH, NLM_F_REQUEST | NLM_F_DUMP);
        request.Raw([AF_BRIDGE, .. new byte[RouteCodec.NeighbourHeaderLength - 1]]);
        return _socket.Dump(request, "list forwarding entries of bridges", (_, p) => RouteCodec.Forwarding(p));
    }

    public IReadOnlyList<QdiscInfo> Qdiscs() =>
        _socket.Dump(RouteRequests.Dump(RTM_GETQDISC, RouteCodec.QdiscHeaderLength), "list queueing disciplines", (_, p) => RouteCodec.Qdisc(p));

    /// <summary>
    /// This namespace's number for another one, as <see cref="LinkInfo.LinkNetNsId"/> has it; null where it has none. Numbers are given
    /// when the kernel first tells of a link whose other end is there, never by asking.
    /// </summary>
    public int? NamespaceIdOf(NetNamespace other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var request = new MessageWriter(RTM_GETNSID, NLM_F_REQUEST | NLM_F_ACK);
        request.Raw(new byte[GenericHeaderLength]);
        request.UInt32(NETNSA_FD, (uint)other.Descriptor);
        int? id = null;
        try
        {
            _socket.Query(request, $"ask for the number of namespace {other.Inode}", (_, p) => id = RouteCodec.NamespaceId(p));
        }
        catch (NetlinkException e) when (e.Errno == Posix.ENOENT)
        {
            return null;
        }

        return id is >= 0 ? id : null;
    }
}

using Tapline.Wire.Interop;
using Tapline.Wire.Namespaces;
using static Tapline.Wire.Netlink.RouteConstants;

namespace Tapline.Wire.Netlink;

/// <summary>The connections that one namespace tracks. Synchronous; any thread may call.</summary>
public sealed class ConntrackSocket : IDisposable
{
    private readonly NetlinkSocket _socket;

    private ConntrackSocket(NetlinkSocket socket) => _socket = socket;

    /// <summary>Opens in the given namespace, or in that of the calling thread.</summary>
    public static ConntrackSocket Open(NetNamespace? ns = null) =>
        new(NetlinkSocket.Open(ns, NETLINK_NETFILTER, "a conntrack netlink socket"));

    /// <summary>All entries, or those of one zone.</summary>
    public IReadOnlyList<ConntrackEntry> Dump(ushort? zone = null) =>
        _socket.Dump(ConntrackCodec.Dump(zone), "list conntrack entries",
            (type, payload) => type == ConntrackCodec.IPCTNL_MSG_CT_NEW
                && ConntrackCodec.Entry(payload) is { } entry && (zone is null || entry.Zone == zone) ? entry : null);

    /// <summary>At most so many entries, and whether there are more. The socket is good for nothing else afterwards.</summary>
    public (IReadOnlyList<ConntrackEntry> Entries, bool HasMore) DumpAtMost(int limit)
    {
        var entries = new List<ConntrackEntry>();
        var whole = _socket.Visit(ConntrackCodec.Dump(zone: null), "list conntrack entries", (type, payload) =>
        {
            if (entries.Count == limit)
            {
                return false;
            }

            if (type == ConntrackCodec.IPCTNL_MSG_CT_NEW && ConntrackCodec.Entry(payload) is { } entry)
            {
                entries.Add(entry);
            }

            return true;
        });
        return (entries, !whole);
    }

    /// <summary>Deletes this entry; that it is gone already is success.</summary>
    public void Delete(ConntrackEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        try
        {
            var (source, destination) = (entry.Original.Source, entry.Original.Destination);
            _socket.Execute(ConntrackCodec.Delete(entry), $"delete conntrack entry {source} → {destination}");
        }
        catch (NetlinkException e) when (e.Errno == Posix.ENOENT)
        {
        }
    }

    /// <summary>Deletes the entries of one zone and says how many were found.</summary>
    public int FlushZone(ushort zone)
    {
        var entries = Dump(zone);
        foreach (var entry in entries)
        {
            Delete(entry);
        }

        return entries.Count;
    }

    public void Dispose() => _socket.Dispose();
}

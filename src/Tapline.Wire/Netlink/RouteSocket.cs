using Tapline.Wire.Interop;
using Tapline.Wire.Namespaces;
using static Tapline.Wire.Netlink.RouteConstants;

namespace Tapline.Wire.Netlink;

/// <summary>
/// rtnetlink over one socket of one namespace. Every call is synchronous (tens of microseconds) and may come from any thread;
/// refusals are <see cref="NetlinkException"/>. Names are resolved anew in each call: nothing is cached.
/// </summary>
public sealed partial class RouteSocket : IDisposable
{
    // Any number that nobody uses for a group of their own; links carry it only between marking and deletion.
    private const uint DeletionGroup = 0x54_50_4c_57;

    private readonly NetlinkSocket _socket;

    private RouteSocket(NetlinkSocket socket) => _socket = socket;

    /// <summary>Opens in the given namespace, or in that of the calling thread.</summary>
    public static RouteSocket Open(NetNamespace? ns = null) => new(NetlinkSocket.Open(ns, NETLINK_ROUTE, "a route netlink socket"));

    public IReadOnlyList<LinkInfo> Links() =>
        _socket.Dump(RouteRequests.Dump(RTM_GETLINK, RouteCodec.LinkHeaderLength), "list links", (_, p) => RouteCodec.Link(p));

    /// <summary>The link of that name, or null.</summary>
    public LinkInfo? Link(string name)
    {
        CheckName(name);
        LinkInfo? found = null;
        try
        {
            _socket.Query(RouteRequests.GetLink(name), $"look up link {name}", (_, p) => found = RouteCodec.Link(p));
        }
        catch (NetlinkException e) when (e.Errno == Posix.ENODEV)
        {
            return null;
        }

        return found;
    }

    /// <summary>
    /// Makes a veth pair; the peer is born in its own namespace if one is given (moving it later costs 50 times more). Both ends are of
    /// the group from the first moment; the kernel passes over an alias in this request.
    /// </summary>
    public void AddVeth(string name, string peerName, NetNamespace? peerNs, byte[]? mac, byte[]? peerMac, int mtu, int peerMtu, uint group = 0)
    {
        CheckName(name);
        CheckName(peerName);
        var request = RouteRequests.NewVeth(new(name, mac, mtu, group), new(peerName, peerMac, peerMtu, group), peerNs?.Descriptor);
        _socket.Execute(request, $"add veth {name} with peer {peerName}");
    }

    /// <summary>Makes a bridge that learns nothing (ageing 0), without STP, forward delay and multicast snooping.</summary>
    public void AddBridge(string name, int mtu, uint group = 0)
    {
        CheckName(name);
        _socket.Execute(RouteRequests.NewBridge(name, group), $"add bridge {name}");

        // Not in the request above: only a later change counts as the user's and outlives the joining of ports.
        SetLink(name, new LinkChange { Mtu = mtu });
    }

    public void DeleteLink(string name)
    {
        CheckName(name);
        _socket.Execute(RouteRequests.DeleteLink(name), $"delete link {name}");
    }

    /// <summary>
    /// Deletes many links for the price of one: marked with a group number, then deleted by it (the kernel waits once and not
    /// once a link). Absent links are passed over; one that cannot be deleted (a NIC, lo) lets the whole call fail.
    /// </summary>
    public void DeleteLinks(IEnumerable<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        var marked = new List<string>();
        foreach (var name in names)
        {
            CheckName(name);
            if (!Absent(() => _socket.Execute(RouteRequests.SetGroup(name, DeletionGroup), $"mark link {name} for deletion")))
            {
                marked.Add(name);
            }
        }

        if (marked.Count > 0)
        {
            DeleteMarked(marked);
        }
    }

    /// <summary>Makes the changes asked for in one request.</summary>
    public void SetLink(string name, LinkChange change)
    {
        var index = IndexOf(name);
        int? master = change.Master is null ? null : change.Master.Length == 0 ? 0 : IndexOf(change.Master);
        if (change.Rename is { } rename)
        {
            CheckName(rename);
        }

        _socket.Execute(RouteRequests.SetLink(index, change, master), $"set link {name}: {Describe(change)}");
    }

    public void Dispose() => _socket.Dispose();

    private void DeleteMarked(List<string> marked)
    {
        try
        {
            Absent(() => _socket.Execute(RouteRequests.DeleteGroup(DeletionGroup), $"delete links {string.Join(", ", marked)}"));
        }
        catch (NetlinkException)
        {
            // One that cannot be deleted (a NIC, lo) spares all of the group, and would spare those of the next call too.
            foreach (var name in marked)
            {
                Absent(() => _socket.Execute(RouteRequests.SetGroup(name, 0), $"unmark link {name}"));
            }

            throw;
        }
    }

    /// <summary>True if the kernel said that the thing is not there.</summary>
    private static bool Absent(Action attempt)
    {
        try
        {
            attempt();
            return false;
        }
        catch (NetlinkException e) when (e.IsAbsent)
        {
            return true;
        }
    }

    private int IndexOf(string name) =>
        Link(name)?.Index ?? throw new NetlinkException($"look up link {name}", Posix.ENODEV, null);

    private static void CheckName(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name.Length > 15 || name.AsSpan().ContainsAny("/ \t\n\0"))
        {
            throw new ArgumentException($"\"{name}\" cannot name a link: 1 to 15 characters, no slash or blank", nameof(name));
        }
    }

    private static string Describe(LinkChange change) => string.Join(", ", new[]
    {
        change.Up is { } up ? (up ? "up" : "down") : null,
        change.Mtu is { } mtu ? $"mtu {mtu}" : null,
        change.Mac is { } mac ? $"address {Convert.ToHexStringLower(mac)}" : null,
        change.Master is { } master ? (master.Length == 0 ? "no master" : $"master {master}") : null,
        change.Alias is { } alias ? $"alias \"{alias}\"" : null,
        change.Rename is { } name ? $"name {name}" : null,
        change.NetNsFd is not null ? "another namespace" : null,
    }.Where(part => part is not null));
}

using Tapline.Agent.Apply;
using Tapline.Core.Host;
using Tapline.Core.Primitives;
using Tapline.Wire.Namespaces;
using Tapline.Wire.Netlink;

namespace Tapline.Agent.Observe;

/// <summary>Namespaces, links, addresses and routes, as rtnetlink tells them.</summary>
internal sealed class DeviceObserver(NamespaceHandles handles, HostPaths paths)
{
    private readonly HashSet<(long Namespace, int Link)> _withoutOffload = [];

    /// <param name="offloads">Whether to read again what was off: hundreds of calls, each of which waits for the kernel's lock on all devices.</param>
    public IEnumerable<HostItem> Observe(bool offloads)
    {
        if (offloads)
        {
            _withoutOffload.Clear();
        }

        var names = OwnNamespaces();
        var all = new List<Seen> { Read("") };
        all.AddRange(names.Select(Read));
        return
        [
            .. names.Select(name => new HostItem.Namespace(name) { Owner = Marks.ByPlace }),
            .. all.SelectMany(seen => LinksOf(seen, all)),
            .. all.Where(seen => seen.In.Length > 0).SelectMany(AddressesOf),
            .. all.Where(seen => seen.In.Length > 0).SelectMany(RoutesOf),
        ];
    }

    /// <summary>Marked and really there.</summary>
    private List<string> OwnNamespaces() =>
        !Directory.Exists(paths.NamespaceMarks)
            ? []
            : [.. Directory.EnumerateFiles(paths.NamespaceMarks).Select(file => Path.GetFileName(file)!)
                .Where(NamespaceApplier.Exists).Order(StringComparer.Ordinal)];

    private Seen Read(string name)
    {
        var open = handles.Of(name);
        var links = open.Route.Links();
        return new Seen(name, links.ToDictionary(link => link.Index), TransmitOffload(open.Namespace, links.Where(link => link.Kind == "veth")), open.Route);
    }

    private Dictionary<int, bool> TransmitOffload(NetNamespace ns, IEnumerable<LinkInfo> veths)
    {
        var known = veths.ToLookup(link => _withoutOffload.Contains((ns.Inode, link.Index)));
        var read = Offload.TransmitIsOn(ns, known[false].Select(link => link.Name));
        var result = known[true].ToDictionary(link => link.Index, _ => false);
        foreach (var link in known[false].Where(link => read.ContainsKey(link.Name)))
        {
            result[link.Index] = read[link.Name];
            if (!read[link.Name])
            {
                _withoutOffload.Add((ns.Inode, link.Index));
            }
        }

        return result;
    }

    private static IEnumerable<HostItem> LinksOf(Seen seen, List<Seen> all) =>
        from link in seen.Links.Values
        where link.Name != "lo"
        select new HostItem.Link
        {
            In = seen.In,
            Name = link.Name,
            Kind = link.Kind switch { "veth" => LinkKind.Veth, "bridge" => LinkKind.Bridge, _ => LinkKind.Foreign },
            Peer = PeerOf(link, seen, all),
            Mac = MacAddress.FromBytes(link.Mac),
            Mtu = link.Mtu,
            Master = seen.Links.TryGetValue(link.MasterIndex, out var master) ? master.Name : "",
            Up = link.Up,
            TransmitOffload = seen.Offload.TryGetValue(link.Index, out var offload) ? offload : null,
            Owner = Marks.OwnerOf(link),
        };

    /// <summary>Two ends in different namespaces name each other's index; that pair of numbers finds the other end.</summary>
    private static LinkEnd? PeerOf(LinkInfo link, Seen seen, List<Seen> all)
    {
        if (link.Kind != "veth" || link.PeerIndex == 0)
        {
            return null;
        }

        var candidates = link.LinkNetNsId is null ? [seen] : all.Where(other => other != seen);
        foreach (var other in candidates)
        {
            if (other.Links.TryGetValue(link.PeerIndex, out var peer) && peer.Kind == "veth" && peer.PeerIndex == link.Index
                && (peer.LinkNetNsId is null) == (link.LinkNetNsId is null))
            {
                return new LinkEnd(other.In, peer.Name);
            }
        }

        return null;
    }

    private static IEnumerable<HostItem> AddressesOf(Seen seen) =>
        from address in seen.Route.Addresses()
        let value = IpAddress.From(address.Address)
        where seen.Links.ContainsKey(address.LinkIndex) && seen.Links[address.LinkIndex].Name != "lo" && !(value.IsV6 && value.IsLinkLocal)
        where !IsGuest(seen.In)
        select new HostItem.Address(seen.In, seen.Links[address.LinkIndex].Name, new IpPrefix(value, address.PrefixLength)) { Owner = Marks.ByPlace };

    /// <summary>An instance's addresses and routes are its own affair.</summary>
    private static bool IsGuest(string ns) => ns.StartsWith("instance-", StringComparison.Ordinal);

    private static IEnumerable<HostItem> RoutesOf(Seen seen) =>
        from route in seen.Route.Routes()
        where route.Protocol != RouteProtocols.Kernel && !IsGuest(seen.In)
        orderby route.Protocol == OwnMarks.RouteProtocol
        select new HostItem.Route(
            seen.In,
            new IpPrefix(IpAddress.From(route.Destination), route.PrefixLength),
            route.Gateway is { } gateway ? IpAddress.From(gateway) : null,
            seen.Links.TryGetValue(route.LinkIndex, out var link) ? link.Name : "")
        {
            Owner = route.Protocol == OwnMarks.RouteProtocol ? Marks.ByPlace : "",
        };

    private sealed record Seen(
        string In, Dictionary<int, LinkInfo> Links, Dictionary<int, bool> Offload, RouteSocket Route);

    private static class RouteProtocols
    {
        public const byte Kernel = 2; // RTPROT_KERNEL
    }
}

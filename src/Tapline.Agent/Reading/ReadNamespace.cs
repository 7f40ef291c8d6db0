using Tapline.Core.Host;
using Tapline.Core.Host.Observed;
using Tapline.Wire.Netlink;

namespace Tapline.Agent.Reading;

/// <summary>A namespace whose links still lack their other ends.</summary>
internal sealed record ReadNamespace
{
    public required ObservedNamespace Observed { get; init; }

    /// <summary>By index.</summary>
    public required IReadOnlyDictionary<int, LinkDetail> Links { get; init; }

    /// <summary>This namespace's number for another one → that one's name.</summary>
    public required IReadOnlyDictionary<int, string> Numbers { get; init; }

    public IReadOnlyDictionary<string, bool> Offload { get; init; } = new Dictionary<string, bool>();

    /// <summary>Large receive offload of NICs, by name.</summary>
    public IReadOnlyDictionary<string, bool> Joins { get; init; } = new Dictionary<string, bool>();

    /// <summary>Indexes of links that a packet socket is bound to; null where it was not asked.</summary>
    public IReadOnlySet<int>? Listened { get; init; }

    public IReadOnlyList<BridgeVlan> Vlans { get; init; } = [];

    public static ReadNamespace Nothing(FoundNamespace found) => new()
    {
        Observed = new ObservedNamespace { Name = found.Name, Inode = (ulong)found.Handle.Inode, IsPartial = true },
        Links = new Dictionary<int, LinkDetail>(),
        Numbers = new Dictionary<int, string>(),
    };

    /// <summary>With links, now that all namespaces are read.</summary>
    public ObservedNamespace Finish(IReadOnlyDictionary<string, ReadNamespace> all) =>
        Observed with { Links = LinkReading.Of(Links, Offload, Joins, Listened, Vlans, link => PeerOf(link, all)) };

    /// <summary>IFLA_LINK is the other end's index, counted in the namespace that the number means, or in this one without a number.</summary>
    private LinkEnd? PeerOf(LinkInfo link, IReadOnlyDictionary<string, ReadNamespace> all)
    {
        if (link.Kind != "veth" || link.PeerIndex == 0)
        {
            return null;
        }

        var there = link.LinkNetNsId is not { } number ? this
            : Numbers.TryGetValue(number, out var name) ? all.GetValueOrDefault(name)
            : null;
        return there is not null && there.Links.TryGetValue(link.PeerIndex, out var peer) && peer.Link.Kind == "veth"
            ? new LinkEnd(there.Observed.Name, peer.Link.Name)
            : null;
    }
}

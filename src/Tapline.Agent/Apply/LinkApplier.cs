using Tapline.Core.Host;
using Tapline.Wire.Netlink;

namespace Tapline.Agent.Apply;

/// <summary>Links: made if missing, set to what is wanted, removed.</summary>
internal sealed class LinkApplier(NamespaceHandles handles, SwitchApplier switchApplier)
{
    private const int NoSuchDevice = 19; // ENODEV

    public async Task EnsureAsync(HostItem.Link wanted, HostItem.Link? seen, CancellationToken cancellationToken)
    {
        var open = handles.Of(wanted.In);
        var link = open.Route.Link(wanted.Name);
        if (link is not null && wanted.Kind != LinkKind.Foreign && IsAnother(wanted, seen, link))
        {
            if (wanted.In.Length == 0 && Marks.OwnerOf(link).Length == 0)
            {
                throw new HostException($"{wanted.Key}: another device has that name and is not Tapline's: remove or rename it");
            }

            open.Route.DeleteLink(wanted.Name);
            link = null;
        }

        if (link is null)
        {
            await DetachAsync(wanted, cancellationToken).ConfigureAwait(false);
            Create(wanted, open.Route);
        }

        open.Route.SetLink(wanted.Name, new LinkChange
        {
            Mac = wanted.Mac?.ToBytes(),
            Mtu = wanted.Mtu,
            Master = wanted.Master,
            Alias = wanted.Kind == LinkKind.Foreign ? null : OwnMarks.Alias + wanted.Owner,
        });
        if (wanted.TransmitOffload == false)
        {
            Offload.TransmitOff(open.Namespace, wanted.Name);
        }

        open.Route.SetLink(wanted.Name, new LinkChange { Up = wanted.Up });
    }

    public void Delete(HostItem.Link item)
    {
        try
        {
            handles.Of(item.In).Route.DeleteLink(item.Name);
        }
        catch (NetlinkException error) when (error.Errno == NoSuchDevice)
        {
            // Gone with its other end.
        }
    }

    /// <summary>The name is taken by a device of another kind, or by a veth whose other end is not where it should be.</summary>
    private static bool IsAnother(HostItem.Link wanted, HostItem.Link? seen, LinkInfo link) =>
        link.Kind != (wanted.Kind == LinkKind.Bridge ? "bridge" : "veth")
        || (wanted.Kind == LinkKind.Veth && seen is not null && seen.Peer != wanted.Peer);

    /// <summary>
    /// ovs-vswitchd's sockets stay with the device that has gone, and never read from a new one of its name: a port that is left from
    /// before goes first. It is missed then, and added again.
    /// </summary>
    private async Task DetachAsync(HostItem.Link wanted, CancellationToken cancellationToken)
    {
        LinkEnd?[] ends = [new LinkEnd(wanted.In, wanted.Name), wanted.Peer];
        foreach (var end in ends.OfType<LinkEnd>().Where(end => end.In.Length == 0))
        {
            await switchApplier.DetachAsync(end.Name, cancellationToken).ConfigureAwait(false);
        }
    }

    private void Create(HostItem.Link wanted, RouteSocket route)
    {
        switch (wanted)
        {
            case { Kind: LinkKind.Bridge }:
                route.AddBridge(wanted.Name, wanted.Mtu ?? 1500, Marks.LinkGroup);
                break;
            case { Kind: LinkKind.Veth, Peer: { } peer }:
                var far = peer.In == wanted.In ? null : handles.Of(peer.In).Namespace;
                route.AddVeth(wanted.Name, peer.Name, far, wanted.Mac?.ToBytes(), null, wanted.Mtu ?? 1500, wanted.Mtu ?? 1500, Marks.LinkGroup);
                break;
            default:
                throw new HostException($"link {wanted.Name} is not there; it is made by whoever runs the instance or owns the NIC");
        }
    }
}

using System.Globalization;
using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Tracing;

/// <summary>How a namespace comes to know a neighbour's hardware address: an entry that it has, or ARP's question and answer as packets of their own.</summary>
public sealed class Neighbourhood(string ns, string device, IpAddress neighbour)
{
    private static readonly string[] Valid = ["reachable", "stale", "delay", "probe", "permanent", "noarp"];

    public string Namespace { get; } = ns;

    public string Device { get; } = device;

    public IpAddress Neighbour { get; } = neighbour;

    /// <summary>The entry that answered without asking.</summary>
    public ObservedNeighbour? Entry { get; private init; }

    /// <summary>The device has no hardware addresses: nothing to resolve.</summary>
    public bool NeedsNone { get; private init; }

    /// <summary>Where the question comes from, if not from the namespace's stack: a guest behind its TAP, or the outside behind a NIC.</summary>
    private Packet? Foreign { get; init; }

    /// <summary>The ways of the ARP request's copies.</summary>
    public List<Branch> Requests { get; } = [];

    /// <summary>The ways of the answers.</summary>
    public List<Branch> Replies { get; } = [];

    /// <summary>Set where the answer comes from beyond the host, where nobody looks: it is taken for granted.</summary>
    public bool IsOutside => Entry is null && Mac is null && Requests.Any(branch => branch.End is End.ToOutside) && !IsUnsure;

    public bool IsUnsure => Entry is null && !NeedsNone && Mac is null
        && Requests.Concat(Replies).Any(branch => branch.End is End.Unsure);

    /// <summary>What was learned; null where nobody answered who can be seen.</summary>
    public MacAddress? Mac => Entry?.Mac ?? Macs.Select(mac => (MacAddress?)mac).FirstOrDefault();

    /// <summary>Several that answer for one address: the fastest wins.</summary>
    public IReadOnlyList<MacAddress> Macs => [.. Replies.Select(branch => Heard(branch.End)).OfType<MacAddress>().Distinct()];

    /// <summary>What whoever answers an ARP request learns of the asker (net/ipv4/arp.c, arp_process).</summary>
    public static Neighbourhood Learned(string ns, string device, IpAddress address, MacAddress mac) =>
        new(ns, device, address) { Entry = new ObservedNeighbour(device, address, mac, "reachable", Proxy: false) };

    /// <summary>The namespace's own stack asks, not a guest or the outside.</summary>
    public bool IsOwn => Foreign is null;

    /// <summary>A question that a guest asks, into which nobody looks.</summary>
    public static Neighbourhood OfGuest(string tap, MacAddress mac, IpAddress address, IpAddress neighbour) =>
        new("", tap, neighbour) { Foreign = Arp.Request(mac, address, neighbour) };

    /// <summary>A question that comes in by a NIC, with that VLAN on the wire (null: untagged).</summary>
    public static Neighbourhood OfOutside(string nic, IpAddress address, IpAddress neighbour, int? vlan) =>
        new("", nic, neighbour) { Foreign = Arp.Request(NeighbourStep.Outside, address, neighbour) with { Vlan = vlan } };

    /// <summary>Without a question on the wire; null where one is needed.</summary>
    public static Neighbourhood? Known(World world, Position.ToNeighbour at)
    {
        if (world.Link(at.Namespace, at.Device) is { NoArp: true } or { Name: "lo" })
        {
            return new Neighbourhood(at.Namespace, at.Device, at.Neighbour) { NeedsNone = true };
        }

        var entry = world.Namespace(at.Namespace).Neighbours.FirstOrDefault(item =>
            !item.Proxy && item.Device == at.Device && item.Address == at.Neighbour && item.Mac is not null && Valid.Contains(item.State));
        return entry is null ? null : new Neighbourhood(at.Namespace, at.Device, at.Neighbour) { Entry = entry };
    }

    /// <summary>The ARP request; the sender's address is the packet's if it is an own one and arp_announce lets it, else the device's first that fits (arp_solicit).</summary>
    public Position Question(World world, IpAddress source)
    {
        if (Foreign is { } asked)
        {
            return new Position.Arriving(Namespace, Device, asked);
        }

        var own = world.Link(Namespace, Device);
        var ns = world.Namespace(Namespace);
        var addresses = ns.Addresses.Where(address => address.Device == Device && address.Prefix.Address.IsV6 == Neighbour.IsV6).ToList();
        var sender = ns.Addresses.Any(address => address.Prefix.Address == source) && IsAnnounced(ns, addresses, source) ? source
            : addresses.FirstOrDefault(address => address.Prefix.Contains(Neighbour))?.Prefix.Address
                ?? addresses.FirstOrDefault()?.Prefix.Address ?? new IpAddress(0, IsV6: false);
        return new Position.Leaving(Namespace, Device, Arp.Request(own?.Mac ?? default, sender, Neighbour));
    }

    /// <summary>arp_announce: 0 any own address, 1 one of a subnet that the neighbour is in too, 2 none but the device's first.</summary>
    private bool IsAnnounced(ObservedNamespace ns, List<ObservedAddress> addresses, IpAddress source) => Announces(ns) switch
    {
        0 => true,
        1 => addresses.Exists(address => address.Prefix.Contains(source) && address.Prefix.Contains(Neighbour)),
        _ => false,
    };

    private int Announces(ObservedNamespace ns) => Math.Max(Number(ns.Sysctl("net/ipv4/conf/all/arp_announce")), Number(ns.Sysctl($"net/ipv4/conf/{Device}/arp_announce")));

    private static int Number(string? value) => int.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private MacAddress? Heard(End end) => end switch
    {
        End.Learned learned when Foreign is null && learned.Namespace == Namespace && learned.Device == Device => learned.Mac,
        End.ToGuest guest when Foreign is not null && guest.Device == Device => guest.Packet.ArpSender,
        End.ToOutside outside when Foreign is not null && outside.Device == Device => outside.Packet.ArpSender,
        _ => null,
    };
}

using System.Net;
using System.Net.Sockets;
using Tapline.Core.Host;
using Tapline.Core.Planning;
using Tapline.Wire.Netlink;
using Tapline.Wire.Packets;

namespace Tapline.Agent;

/// <summary>What a router's change must do beyond configuration: tell neighbours of moved addresses, end translations that are no more.</summary>
internal sealed class RouterUpkeep(NamespaceHandles handles)
{
    private static readonly string[] Legs = ["qg-", "qr-"];

    // The first announcement of a new leg may come before ovs-vswitchd has made its port; any may be lost.
    private static readonly TimeSpan[] Repeats = [TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3)];
    private readonly List<(HostItem.Address Address, DateTimeOffset Due)> _repeats = [];

    /// <summary>Neighbours with an old entry would send elsewhere until it ages: outside, and the instances of a network with a new leg.</summary>
    public void AddressAdded(HostItem.Address address)
    {
        if (IsAnnounced(address))
        {
            Announce(address);
            var now = TimeProvider.System.GetUtcNow();
            _repeats.AddRange(Repeats.Select(pause => (address, now + pause)));
        }
    }

    /// <summary>Says again what is due, unless the address has gone since.</summary>
    public void AnnounceAgain(HostState seen)
    {
        var now = TimeProvider.System.GetUtcNow();
        foreach (var (address, _) in _repeats.Where(repeat => repeat.Due <= now && seen.Find(repeat.Address.Key) is not null))
        {
            Announce(address);
        }

        _repeats.RemoveAll(repeat => repeat.Due <= now);
    }

    public void AnnounceAll(HostState seen)
    {
        foreach (var address in seen.OfType<HostItem.Address>().Where(IsAnnounced))
        {
            Announce(address);
        }
    }

    private static bool IsAnnounced(HostItem.Address address) =>
        Array.Exists(Legs, leg => address.Device.StartsWith(leg, StringComparison.Ordinal)) && !address.Prefix.Address.IsV6;

    /// <summary>Gratuitous ARP, in both forms that are about.</summary>
    private void Announce(HostItem.Address address)
    {
        var open = handles.Of(address.In);
        if (open.Route.Link(address.Device) is { } link)
        {
            using var socket = PacketSocket.Open(open.Namespace, address.Device, promiscuous: false);
            var ip = address.Prefix.Address.ToIPAddress();
            socket.Send(Frames.GratuitousArpRequest(link.Mac, ip));
            socket.Send(Frames.GratuitousArpReply(link.Mac, ip));
        }
    }

    /// <summary>Compares the router's connections with the map that was just set, so that nothing depends on having seen the change.</summary>
    public void MapChanged(HostItem.NftSet map)
    {
        if (map.In.Length == 0 || map.Name is not (NatPlanner.ToFixed or NatPlanner.ToFloating))
        {
            return;
        }

        var open = handles.Of(map.In);
        var pairs = map.Elements.Select(element => element.Split(" : ")).ToDictionary(pair => IPAddress.Parse(pair[0]), pair => IPAddress.Parse(pair[1]));
        var gateways = open.Route.Addresses().Where(address => address.PrefixLength < 32).Select(address => address.Address).ToHashSet();
        using var conntrack = ConntrackSocket.Open(open.Namespace);
        foreach (var entry in conntrack.Dump().Where(entry => entry.Original.Source.AddressFamily == AddressFamily.InterNetwork))
        {
            if (map.Name == NatPlanner.ToFixed ? IsStaleDestination(entry, pairs) : IsStaleSource(entry, pairs, gateways))
            {
                conntrack.Delete(entry);
            }
        }
    }

    public void PurgeAll(HostState wanted)
    {
        foreach (var map in wanted.OfType<HostItem.NftSet>())
        {
            MapChanged(map);
        }
    }

    private static bool IsStaleDestination(ConntrackEntry entry, Dictionary<IPAddress, IPAddress> toFixed) =>
        entry.Status.HasFlag(ConntrackStatus.DestinationNat)
        && !(toFixed.TryGetValue(entry.Original.Destination, out var target) && target.Equals(entry.Reply.Source));

    private static bool IsStaleSource(ConntrackEntry entry, Dictionary<IPAddress, IPAddress> toFloating, HashSet<IPAddress> gateways) =>
        entry.Status.HasFlag(ConntrackStatus.SourceNat)
        && !gateways.Contains(entry.Reply.Destination)
        && !(toFloating.TryGetValue(entry.Original.Source, out var floating) && floating.Equals(entry.Reply.Destination));
}

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
    private const string ExternalLeg = "qg-";

    /// <summary>Gratuitous ARP, in both forms that are about: neighbours with an old entry would send elsewhere until it ages.</summary>
    public void AddressAdded(HostItem.Address address)
    {
        if (!address.Device.StartsWith(ExternalLeg, StringComparison.Ordinal) || address.Prefix.Address.IsV6)
        {
            return;
        }

        var open = handles.Of(address.In);
        if (open.Route.Link(address.Device) is { } link)
        {
            using var socket = PacketSocket.Open(open.Namespace, address.Device, promiscuous: false);
            var ip = address.Prefix.Address.ToIPAddress();
            socket.Send(Frames.GratuitousArpRequest(link.Mac, ip));
            socket.Send(Frames.GratuitousArpReply(link.Mac, ip));
        }
    }

    public void AnnounceAll(HostState seen)
    {
        foreach (var address in seen.OfType<HostItem.Address>())
        {
            AddressAdded(address);
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

using Tapline.Core.Doctor;
using Tapline.Core.Primitives;
using Tapline.HostTests.Doctor.Oracle;

namespace Tapline.HostTests.Doctor;

/// <summary>What <c>ip route get</c> is asked, and the packet that would ask it.</summary>
/// <param name="Namespace">Where.</param>
/// <param name="Text">The words behind <c>ip</c>.</param>
/// <param name="In">The device it comes by; null for what the namespace sends.</param>
/// <param name="Packet">The packet.</param>
internal sealed record RouteQuestion(string Namespace, string Text, string? In, Packet Packet)
{
    public static RouteQuestion Make(string ns, Chance chance, string[] devices, string[] own, string[] others)
    {
        var device = chance.OneIn(3) ? null : chance.Of(devices);
        var to = chance.Of(chance.OneIn(6) ? own : others);
        var from = device is null ? chance.OneIn(2) ? null : chance.Of(own) : chance.Of(chance.OneIn(10) ? own : others);
        var (mark, dscp, protocol) = (chance.OneIn(4) ? 1u : chance.OneIn(6) ? 2u : 0u, chance.OneIn(5) ? 4 : 0, chance.Of("icmp", "tcp", "udp"));
        var (source, destination) = protocol == "icmp" ? (0, 0) : (chance.OneIn(2) ? 1500 : 40000, chance.OneIn(2) ? 53 : 80);
        var text = $"route get {to}{(from is null ? "" : $" from {from}")}{(device is null ? "" : $" iif {device}")}{(mark == 0 ? "" : $" mark {mark}")}{(dscp == 0 ? "" : " tos 0x10")} ipproto {protocol}"
            + (protocol == "icmp" ? "" : $" sport {source} dport {destination}");
        return new RouteQuestion(ns, text, device, new Packet
        {
            EtherSource = default,
            EtherDestination = default,
            EtherType = Packet.EtherIpv4,
            Source = from is null ? IpAddress.Parse("0.0.0.0") : IpAddress.Parse(from),
            Destination = IpAddress.Parse(to),
            Mark = mark,
            Dscp = dscp,
            Protocol = protocol switch { "icmp" => Packet.Icmp, "tcp" => Packet.Tcp, _ => Packet.Udp },
            SourcePort = source,
            DestinationPort = destination,
        });
    }
}

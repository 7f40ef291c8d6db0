using System.Globalization;

namespace Tapline.Core.Doctor;

/// <summary>Packets in words.</summary>
public static class Packets
{
    /// <summary>A sentence's subject: <c>the echo request from 10.0.0.5 to 8.8.8.8</c>.</summary>
    public static string Words(Packet packet) => packet switch
    {
        { ArpOperation: 1 } => $"the ARP request of {packet.Source} for {packet.Destination}",
        { IsArp: true } => $"the ARP answer that {packet.Source} is at {packet.ArpSender}",
        _ => $"the {Name(packet)} from {packet.Source} to {packet.Destination}",
    };

    /// <summary>Short: <c>arp</c>, <c>icmp</c>, <c>tcp/22</c>.</summary>
    public static string Short(Packet packet) => packet switch
    {
        { ArpOperation: 1 } => "arp-request",
        { IsArp: true } => "arp-reply",
        { Protocol: Packet.Icmp, IcmpType: 8 } => "icmp-request",
        { Protocol: Packet.Icmp, IcmpType: 0 } => "icmp-reply",
        { Protocol: Packet.Icmp or Packet.Icmpv6 } => "icmp",
        { Protocol: Packet.Tcp } => $"tcp/{Number(Port(packet))}",
        { Protocol: Packet.Udp } => $"udp/{Number(Port(packet))}",
        _ => $"ip/{Number(packet.Protocol)}",
    };

    private static string Name(Packet packet) => packet switch
    {
        { Protocol: Packet.Icmp, IcmpType: 8 } or { Protocol: Packet.Icmpv6, IcmpType: 128 } => "echo request",
        { Protocol: Packet.Icmp, IcmpType: 0 } or { Protocol: Packet.Icmpv6, IcmpType: 129 } => "echo reply",
        { Protocol: Packet.Icmp or Packet.Icmpv6 } => $"ICMP message (type {Number(packet.IcmpType)})",
        { Protocol: Packet.Tcp } => $"TCP packet (port {Number(Port(packet))})",
        { Protocol: Packet.Udp } => $"UDP packet (port {Number(Port(packet))})",
        _ => $"packet (protocol {Number(packet.Protocol)})",
    };

    private static int Port(Packet packet) => Math.Min(packet.SourcePort, packet.DestinationPort);

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}

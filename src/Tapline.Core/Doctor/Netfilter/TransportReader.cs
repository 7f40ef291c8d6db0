namespace Tapline.Core.Doctor.Netfilter;

/// <summary>Fields behind the IP header.</summary>
internal static class TransportReader
{
    private const int Dccp = 33;
    private const int Sctp = 132;
    private const int UdpLite = 136;

    public static Reading Ports(string group, string name, Packet packet)
    {
        var has = group switch
        {
            "tcp" => packet.Protocol == Packet.Tcp,
            "udp" => packet.Protocol == Packet.Udp,
            "sctp" => packet.Protocol == Sctp,
            "dccp" => packet.Protocol == Dccp,
            "udplite" => packet.Protocol == UdpLite,
            _ => true,
        };
        if (!packet.IsIp || !has)
        {
            return Reading.Absent;
        }

        return name switch
        {
            "sport" when HasPorts(packet) => Reading.Of(packet.SourcePort),
            "dport" when HasPorts(packet) => Reading.Of(packet.DestinationPort),
            "flags" when group == "tcp" => Reading.Of(packet.TcpFlags),
            "length" when group == "udp" => Reading.Of((packet.Length - (packet.IsV6 ? 40 : 20))),
            _ => Reading.Unknown($"{group} {name}"),
        };
    }

    public static Reading Icmp(string group, string name, Packet packet)
    {
        if (!packet.IsIp || packet.Protocol != (group == "icmp" ? Packet.Icmp : Packet.Icmpv6))
        {
            return Reading.Absent;
        }

        return name switch
        {
            "type" => Reading.Of(packet.IcmpType),
            "code" => Reading.Of(packet.IcmpCode),
            "id" => Reading.Of(packet.SourcePort),
            _ => Reading.Unknown($"{group} {name}"),
        };
    }

    /// <summary>What ipset takes for a port: ICMP's type and code too.</summary>
    public static Reading SetPort(string name, Packet packet) =>
        !packet.IsIp ? Reading.Absent
        : HasPorts(packet) ? Reading.Of((name == "sport" ? packet.SourcePort : packet.DestinationPort))
        : packet.Protocol is Packet.Icmp or Packet.Icmpv6 ? Reading.Of((packet.IcmpType << 8) | packet.IcmpCode)
        : Reading.Absent;

    private static bool HasPorts(Packet packet) => packet.Protocol is Packet.Tcp or Packet.Udp or Dccp or Sctp or UdpLite;
}

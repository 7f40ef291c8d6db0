using System.Globalization;

namespace Tapline.Core.Doctor.Examining;

/// <summary>What the doctor is asked.</summary>
/// <param name="From">As the user named it.</param>
/// <param name="To">As the user named it.</param>
/// <param name="Protocol"><c>icmp</c>, <c>tcp</c>, <c>udp</c> or <c>dhcp</c>.</param>
/// <param name="Port">Of TCP and UDP.</param>
public sealed record Inquiry(string From, string To, string Protocol, int? Port)
{
    /// <summary>Of a fresh ping, unlike those of pings that run already.</summary>
    private const int Identifier = 0x7a91;
    private const int EphemeralPort = 47_817;

    /// <summary>The packet asked about, without hardware addresses.</summary>
    public Packet Probe(Primitives.IpAddress source, Primitives.IpAddress destination) => new()
    {
        EtherSource = default,
        EtherDestination = default,
        EtherType = destination.IsV6 ? Packet.EtherIpv6 : Packet.EtherIpv4,
        Source = source,
        Destination = destination,
        Protocol = Protocol switch { "tcp" => Packet.Tcp, "udp" => Packet.Udp, _ => Packet.Icmp },
        SourcePort = Protocol == "icmp" ? Identifier : EphemeralPort,
        DestinationPort = Port ?? 0,
        IcmpType = Protocol == "icmp" ? 8 : 0,
        TcpFlags = Protocol == "tcp" ? 2 : 0,
    };

    /// <summary>What answers it.</summary>
    public static Packet Answer(Packet request) => request with
    {
        EtherSource = default,
        EtherDestination = default,
        Source = request.Destination,
        Destination = request.Source,
        SourcePort = request.Protocol == Packet.Icmp ? request.SourcePort : request.DestinationPort,
        DestinationPort = request.Protocol == Packet.Icmp ? request.DestinationPort : request.SourcePort,
        IcmpType = request.Protocol == Packet.Icmp ? 0 : request.IcmpType,
        TcpFlags = request.Protocol == Packet.Tcp ? 18 : 0,
        TimeToLive = 64,
        Mark = 0,
        Vlan = null,
    };

    public override string ToString() => $"{Protocol}{(Port is { } port ? $"/{port.ToString(CultureInfo.InvariantCulture)}" : "")} from {From} to {To}";
}

using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor;

/// <summary>A frame on its way, as far as anything on the way looks at it.</summary>
public sealed record Packet
{
    public const int EtherIpv4 = 0x0800;
    public const int EtherArp = 0x0806;
    public const int EtherVlan = 0x8100;
    public const int EtherIpv6 = 0x86dd;
    public const int Icmp = 1;
    public const int Tcp = 6;
    public const int Udp = 17;
    public const int Icmpv6 = 58;

    public required MacAddress EtherSource { get; init; }

    public required MacAddress EtherDestination { get; init; }

    /// <summary>Of what is inside the tags, if there are any.</summary>
    public required int EtherType { get; init; }

    /// <summary>The 802.1Q tag's VLAN; null untagged.</summary>
    public int? Vlan { get; init; }

    /// <summary>A second tag inside the first; null for none.</summary>
    public int? InnerVlan { get; init; }

    /// <summary>IP: from. ARP: the sender's protocol address.</summary>
    public required IpAddress Source { get; init; }

    /// <summary>IP: to. ARP: the target's protocol address.</summary>
    public required IpAddress Destination { get; init; }

    /// <summary>ARP: 1 request, 2 reply; 0 for what is no ARP.</summary>
    public int ArpOperation { get; init; }

    /// <summary>ARP: the sender's hardware address inside, which a spoofer makes another than the frame's.</summary>
    public MacAddress ArpSender { get; init; }

    public MacAddress ArpTarget { get; init; }

    /// <summary>IP protocol number.</summary>
    public int Protocol { get; init; }

    /// <summary>TCP, UDP, SCTP; ICMP echo: the identifier.</summary>
    public int SourcePort { get; init; }

    public int DestinationPort { get; init; }

    public int IcmpType { get; init; }

    public int IcmpCode { get; init; }

    /// <summary>ICMP errors: the packet that they complain of, as far as they quote it; conntrack finds the connection by it.</summary>
    public Packet? Quoted { get; init; }

    /// <summary>Neighbour solicitations and advertisements: whose address it is about.</summary>
    public IpAddress? NeighbourTarget { get; init; }

    /// <summary>TCP flags as in the header: 2 SYN, 16 ACK.</summary>
    public int TcpFlags { get; init; }

    public int TimeToLive { get; init; } = 64;

    /// <summary>Bytes of the IP packet, header included.</summary>
    public int Length { get; init; } = 84;

    public bool DontFragment { get; init; }

    public int Dscp { get; init; }

    /// <summary>skb mark: travels with the packet inside a namespace, and over veth on some kernels.</summary>
    public uint Mark { get; init; }

    /// <summary>A rule set the mark to something that can not be told: what asks for it is unknown.</summary>
    public bool IsMarkUnknown { get; init; }

    public bool IsArp => EtherType == EtherArp;

    public bool IsIp => EtherType is EtherIpv4 or EtherIpv6;

    public bool IsV6 => EtherType == EtherIpv6;

    public bool IsBroadcast => EtherDestination.Value == 0xffff_ffff_ffff;
}

using System.Net;

namespace Tapline.Wire.Packets;

/// <summary>
/// What a frame says, as far as it can be read: a frame cut short or of another protocol leaves the rest null. A later
/// fragment has no ports. Only a frame shorter than an Ethernet header is refused, with <see cref="WireFormatException"/>.
/// </summary>
public sealed record ParsedFrame
{
    public required byte[] Destination { get; init; }

    public required byte[] Source { get; init; }

    /// <summary>The outermost VLAN id; 0 is a tag that names no VLAN, null no tag.</summary>
    public ushort? Vlan { get; init; }

    /// <summary>What follows the tag, if there is one; a second tag shows here as 0x8100.</summary>
    public required ushort EtherType { get; init; }

    public ArpFields? Arp { get; init; }

    public IPAddress? SourceIp { get; init; }

    public IPAddress? DestinationIp { get; init; }

    /// <summary>The IP protocol, behind IPv6's extension headers.</summary>
    public byte? Protocol { get; init; }

    /// <summary>Time to live, or hop limit.</summary>
    public byte? Ttl { get; init; }

    public bool DontFragment { get; init; }

    /// <summary>Where this fragment lies in its packet, in bytes; 0 for the first and for whole packets.</summary>
    public int FragmentOffset { get; init; }

    public bool MoreFragments { get; init; }

    /// <summary>The identification that a packet's fragments share; IPv4 always, IPv6 only where fragmented.</summary>
    public uint? Identification { get; init; }

    public ushort? SourcePort { get; init; }

    public ushort? DestinationPort { get; init; }

    /// <summary>The flags byte of TCP (FIN 1, SYN 2, RST 4, PSH 8, ACK 16).</summary>
    public byte? TcpFlags { get; init; }

    /// <summary>Of ICMP or ICMPv6, by <see cref="Protocol"/>.</summary>
    public byte? IcmpType { get; init; }

    public byte? IcmpCode { get; init; }

    /// <summary>Of echo requests and replies only.</summary>
    public ushort? IcmpId { get; init; }

    public ushort? IcmpSequence { get; init; }

    /// <summary>The target of a neighbour solicitation or advertisement.</summary>
    public IPAddress? NeighbourTarget { get; init; }

    /// <summary>The link-layer address option of a neighbour solicitation or advertisement.</summary>
    public byte[]? NeighbourMac { get; init; }

    /// <summary>What UDP, TCP or an ICMP echo carries.</summary>
    public byte[] Payload { get; init; } = [];

    public bool IsFragment => MoreFragments || FragmentOffset > 0;

    public static ParsedFrame Parse(ReadOnlySpan<byte> frame) => FrameParser.Parse(frame);
}

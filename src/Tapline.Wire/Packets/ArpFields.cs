using System.Net;

namespace Tapline.Wire.Packets;

/// <summary>An ARP packet for IPv4 over Ethernet; operation 1 asks, 2 answers.</summary>
public sealed record ArpFields(ushort Operation, byte[] SenderMac, IPAddress SenderIp, byte[] TargetMac, IPAddress TargetIp)
{
    public const ushort Request = 1;
    public const ushort Reply = 2;
}

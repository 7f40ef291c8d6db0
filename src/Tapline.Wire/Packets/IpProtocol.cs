namespace Tapline.Wire.Packets;

/// <summary>The protocol numbers of IP packets that are dealt with here.</summary>
public static class IpProtocol
{
    public const byte Icmp = 1;
    public const byte Tcp = 6;
    public const byte Udp = 17;
    public const byte IcmpV6 = 58;
}

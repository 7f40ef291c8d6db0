namespace Tapline.Wire.Packets;

/// <summary>The protocol numbers of Ethernet frames that are dealt with here.</summary>
public static class EtherType
{
    public const ushort IPv4 = 0x0800;
    public const ushort Arp = 0x0806;
    public const ushort Vlan = 0x8100;
    public const ushort IPv6 = 0x86dd;
    public const ushort ServiceVlan = 0x88a8;
}

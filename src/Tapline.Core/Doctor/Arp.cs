using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor;

/// <summary>ARP frames (RFC 826).</summary>
public static class Arp
{
    private static readonly MacAddress Broadcast = new(0xffff_ffff_ffff);

    public static Packet Request(MacAddress sender, IpAddress from, IpAddress target) => new()
    {
        EtherSource = sender,
        EtherDestination = Broadcast,
        EtherType = Packet.EtherArp,
        Source = from,
        Destination = target,
        ArpOperation = 1,
        ArpSender = sender,
        Length = 28,
    };

    /// <summary>The answer of who has <paramref name="mac"/>.</summary>
    public static Packet Reply(Packet request, MacAddress mac) => new()
    {
        EtherSource = mac,
        EtherDestination = request.ArpSender,
        EtherType = Packet.EtherArp,
        Source = request.Destination,
        Destination = request.Source,
        ArpOperation = 2,
        ArpSender = mac,
        ArpTarget = request.ArpSender,
        Length = 28,
    };
}

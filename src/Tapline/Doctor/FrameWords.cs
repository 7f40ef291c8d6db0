using System.Globalization;
using Tapline.Wire.Packets;

namespace Tapline.Doctor;

/// <summary>Frames in a line.</summary>
internal static class FrameWords
{
    public static string Of(ParsedFrame frame) => (frame.Vlan is { } vlan and not 0 ? string.Create(CultureInfo.InvariantCulture, $"vlan {vlan} ") : "") + frame switch
    {
        { Arp: { Operation: ArpFields.Request } arp } => $"arp {arp.SenderIp} asks for {arp.TargetIp}",
        { Arp: { } arp } => $"arp {arp.SenderIp} is at {string.Join(':', arp.SenderMac.Select(octet => octet.ToString("x2", CultureInfo.InvariantCulture)))}, to {arp.TargetIp}",
        { Protocol: IpProtocol.Icmp, IcmpType: 8 or 0 } => Invariant($"icmp {(frame.IcmpType == 8 ? "request" : "reply")} {frame.SourceIp} → {frame.DestinationIp} id {frame.IcmpId} seq {frame.IcmpSequence}"),
        { Protocol: IpProtocol.Icmp } => Invariant($"icmp {frame.SourceIp} → {frame.DestinationIp} type {frame.IcmpType} code {frame.IcmpCode}"),
        { Protocol: IpProtocol.Tcp } => Invariant($"tcp {frame.SourceIp}:{frame.SourcePort} → {frame.DestinationIp}:{frame.DestinationPort} {Flags(frame.TcpFlags ?? 0)}"),
        { Protocol: IpProtocol.Udp } => Invariant($"udp {frame.SourceIp}:{frame.SourcePort} → {frame.DestinationIp}:{frame.DestinationPort}"),
        _ => Invariant($"ip {frame.SourceIp} → {frame.DestinationIp} protocol {frame.Protocol}"),
    };

    private static string Flags(byte flags)
    {
        (int Bit, string Name)[] names = [(2, "syn"), (1, "fin"), (4, "rst"), (8, "psh"), (16, "ack")];
        return string.Join(',', names.Where(item => (flags & item.Bit) != 0).Select(item => item.Name));
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

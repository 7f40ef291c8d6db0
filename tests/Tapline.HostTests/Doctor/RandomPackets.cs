using CsCheck;
using Tapline.Core.Doctor;
using Tapline.Core.Primitives;
using Tapline.Wire.Packets;

namespace Tapline.HostTests.Doctor;

/// <summary>One step of a conversation through the bed.</summary>
internal enum Turn
{
    /// <summary>A packet of its own.</summary>
    First,

    /// <summary>The last packet that came out, answered.</summary>
    Answer,

    /// <summary>The last packet that came out could not be delivered, somebody says.</summary>
    Error,

    /// <summary>The last packet of its own, once more.</summary>
    Again,
}

/// <param name="Turn">What it is.</param>
/// <param name="Side">0: it comes in at the left.</param>
/// <param name="Kind">Which protocol and flags.</param>
/// <param name="Host">Which addresses of the two nets.</param>
/// <param name="Port">Which destination port.</param>
internal sealed record PacketPlan(Turn Turn, int Side, int Kind, int Host, int Port);

/// <summary>Packets that try rule sets.</summary>
internal static class RandomPackets
{
    public static readonly Gen<PacketPlan[]> Conversation = Gen.Select(
        Gens.Weighted((5, Gen.Const(Turn.First)), (4, Gen.Const(Turn.Answer)), (1, Gen.Const(Turn.Error)), (2, Gen.Const(Turn.Again))),
        Gens.Weighted((3, Gen.Const(0)), (1, Gen.Const(1))),
        Gen.Int[0, 9],
        Gen.Int[0, 15],
        Gen.Int[0, 3],
        (turn, side, kind, host, port) => new PacketPlan(turn, side, kind, host, port)).Array[4, 10];

    private static readonly int[] Ports = [22, 80, 443, 53];

    /// <param name="plan">Of which kind.</param>
    /// <param name="number">Makes ports and identifiers differ: clashes are another matter.</param>
    public static Packet First(PacketPlan plan, int number)
    {
        var (from, to) = plan.Side == 0 ? (1, 2) : (2, 1);
        var packet = new Packet
        {
            EtherSource = RouterBed.Peer,
            EtherDestination = RouterBed.MacOf(plan.Side == 0 ? RouterBed.Left : RouterBed.Right),
            EtherType = Packet.EtherIpv4,
            Source = IpAddress.Parse($"10.{from}.0.{10 + (plan.Host & 3)}"),
            Destination = IpAddress.Parse($"10.{to}.0.{10 + (plan.Host >> 2)}"),
        };
        return plan.Kind switch
        {
            <= 2 => packet with { Protocol = Packet.Icmp, IcmpType = 8, SourcePort = 2000 + number, Length = 36 },
            3 => packet with { Protocol = Packet.Icmp, IcmpType = 0, SourcePort = 2000 + number, Length = 36 },
            <= 5 => packet with { Protocol = Packet.Udp, SourcePort = 2000 + number, DestinationPort = Ports[plan.Port], Length = 36 },
            _ => packet with { Protocol = Packet.Tcp, SourcePort = 2000 + number, DestinationPort = Ports[plan.Port], Length = 40, TcpFlags = Flags(plan.Kind) },
        };
    }

    /// <summary>To what came out, back into the leg that it came out of.</summary>
    public static Packet Answer(string device, ParsedFrame frame, Packet sent) => Back(device, frame, sent) with
    {
        SourcePort = sent.Protocol == Packet.Icmp ? (frame.IcmpId ?? 0) : (frame.DestinationPort ?? 0),
        DestinationPort = sent.Protocol == Packet.Icmp ? 0 : (frame.SourcePort ?? 0),
        IcmpType = 0,
        TcpFlags = sent.TcpFlags switch { 2 => 0x12, 0 => 0, _ => 0x10 },
    };

    /// <summary>Port unreachable, from a router beyond.</summary>
    public static Packet Error(string device, ParsedFrame frame, Packet sent) => Back(device, frame, sent) with
    {
        Source = IpAddress.Parse(device == RouterBed.Left ? "10.1.0.77" : "10.2.0.77"),
        Protocol = Packet.Icmp,
        IcmpType = 3,
        IcmpCode = 3,
        SourcePort = 0,
        DestinationPort = 0,
        TcpFlags = 0,
        Length = 28 + sent.Length,
        Quoted = sent with
        {
            Source = IpAddress.From(frame.SourceIp!),
            Destination = IpAddress.From(frame.DestinationIp!),
            SourcePort = frame.IcmpId ?? frame.SourcePort ?? 0,
            DestinationPort = frame.DestinationPort ?? 0,
            TimeToLive = 60,
        },
    };

    private static Packet Back(string device, ParsedFrame frame, Packet sent) => sent with
    {
        EtherDestination = RouterBed.MacOf(device),
        Source = IpAddress.From(frame.DestinationIp!),
        Destination = IpAddress.From(frame.SourceIp!),
        TimeToLive = 64,
        Quoted = null,
    };

    /// <summary>SYN; a running connection's ACK; what no connection begins with.</summary>
    private static int Flags(int kind) => kind switch { 6 or 7 => 2, 8 => 0x10, _ => 0x12 };
}

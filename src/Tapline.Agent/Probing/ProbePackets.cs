using System.Buffers.Binary;
using System.Security.Cryptography;
using Tapline.Core.Doctor.Living;
using Tapline.Wire.Packets;

namespace Tapline.Agent.Probing;

/// <summary>The packets of one probe: how they look, and how they and what answers them are known again behind any translation of addresses.</summary>
internal sealed class ProbePackets(ProbePlan plan)
{
    public const int Count = 3;
    private const int SequenceStep = 16;
    private const byte Syn = 2;
    private const byte Reset = 4;
    private const byte Acknowledge = 16;
    private const int PayloadLength = 56;

    private readonly uint _cookie = BinaryPrimitives.ReadUInt32BigEndian(RandomNumberGenerator.GetBytes(4)) | 1;
    private readonly ushort _port = (ushort)RandomNumberGenerator.GetInt32(40_000, 60_000);

    /// <summary>Of echo requests.</summary>
    public ushort Id { get; } = (ushort)RandomNumberGenerator.GetInt32(1, 65_536);

    public FrameFilter Filter => plan.Protocol switch
    {
        "tcp" => FrameFilter.Tcp(Sequences.Select(SequenceOf)),
        "udp" => FrameFilter.Udp(Sequences.Select(PortOf)),
        _ => FrameFilter.Icmp(),
    };

    /// <summary>What of nftables matches them and their answers, a match a line.</summary>
    public IEnumerable<string> Matches => plan.Protocol switch
    {
        "tcp" => Sequences.SelectMany(n => new[] { $"tcp sequence {SequenceOf(n)}", $"tcp ackseq {SequenceOf(n) + 1}" }),
        "udp" => [$"udp sport {PortOf(1)}-{PortOf(Count)}", $"udp dport {PortOf(1)}-{PortOf(Count)}"],
        _ => [$"icmp id {Id}"],
    };

    private static IEnumerable<int> Sequences => Enumerable.Range(1, Count);

    /// <summary>The whole frame of packet number <paramref name="sequence"/>.</summary>
    public byte[] Frame(int sequence, byte[] source, byte[] destination)
    {
        var addresses = new FrameAddresses(source, destination, plan.From.ToIPAddress(), plan.To.ToIPAddress());
        var payload = new byte[PayloadLength];
        BinaryPrimitives.WriteUInt32BigEndian(payload, _cookie);
        BinaryPrimitives.WriteInt32BigEndian(payload.AsSpan(4), sequence);
        return plan.Protocol switch
        {
            "tcp" => Frames.Tcp(addresses, PortOf(sequence), (ushort)plan.Port, SequenceOf(sequence), 0, Syn, []),
            "udp" => Frames.Udp(addresses, PortOf(sequence), (ushort)plan.Port, payload),
            _ => Frames.IcmpEchoRequest(addresses, Id, (ushort)sequence, payload),
        };
    }

    /// <summary>What the frame is to the probe, and about which of its packets; null for all others.</summary>
    public (Leg Leg, int Sequence, string Says)? Recognise(ReadOnlySpan<byte> frame, ParsedFrame parsed) => parsed switch
    {
        { Arp.Operation: ArpFields.Request } => (Leg.ArpRequest, 0, ""),
        { Arp: not null } => (Leg.ArpReply, 0, ""),
        { Protocol: IpProtocol.Icmp, IcmpType: 8 or 0 } => IsOurs(parsed.Payload) ? (parsed.IcmpType == 8 ? Leg.Request : Leg.Reply, SequenceIn(parsed.Payload), "") : null,
        { Protocol: IpProtocol.Icmp, IcmpType: { } type } => Quoted(frame, type, parsed.IcmpCode ?? 0),
        { Protocol: IpProtocol.Tcp, TcpFlags: { } flags } when plan.Protocol == "tcp" => Segment(frame, parsed, flags),
        { Protocol: IpProtocol.Udp } when plan.Protocol == "udp" => Datagram(parsed),
        _ => null,
    };

    private (Leg, int, string)? Datagram(ParsedFrame parsed)
    {
        var number = (parsed.DestinationPort ?? 0) - _port;
        return IsOurs(parsed.Payload) && parsed.DestinationPort == plan.Port ? (Leg.Request, SequenceIn(parsed.Payload), "")
            : number is >= 1 and <= Count && parsed.SourcePort == plan.Port ? (Leg.Reply, number, "")
            : null;
    }

    private (Leg, int, string)? Segment(ReadOnlySpan<byte> frame, ParsedFrame parsed, byte flags)
    {
        var ip = frame[(parsed.Vlan is null ? 14 : 18)..];
        var header = ip[((ip[0] & 15) * 4)..];
        var (sequence, acknowledged) = (BinaryPrimitives.ReadUInt32BigEndian(header[4..]), BinaryPrimitives.ReadUInt32BigEndian(header[8..]));
        foreach (var number in Sequences)
        {
            if ((flags & (Syn | Acknowledge)) == Syn && sequence == SequenceOf(number))
            {
                return (Leg.Request, number, "");
            }

            if ((flags & Acknowledge) != 0 && (flags & (Syn | Reset)) != 0 && acknowledged == SequenceOf(number) + 1)
            {
                return ((flags & Reset) != 0 ? Leg.Refusal : Leg.Reply, number, "");
            }
        }

        return null;
    }

    /// <summary>An ICMP error that quotes one of them: of TCP the eight bytes that every router quotes, else what is carried.</summary>
    private (Leg, int, string)? Quoted(ReadOnlySpan<byte> frame, byte type, byte code)
    {
        Span<byte> mark = stackalloc byte[4];
        foreach (var number in Sequences)
        {
            BinaryPrimitives.WriteUInt32BigEndian(mark, plan.Protocol == "tcp" ? SequenceOf(number) : _cookie);
            var at = frame.IndexOf(mark);
            if (at >= 0 && (plan.Protocol == "tcp" || frame.Length < at + 8 || BinaryPrimitives.ReadInt32BigEndian(frame[(at + 4)..]) == number))
            {
                return (type == 3 && code == 3 && plan.Protocol == "udp" ? Leg.Refusal : Leg.Error, number, IcmpWords.Of(type, code));
            }
        }

        return null;
    }

    private bool IsOurs(byte[] payload) => payload.Length >= 8 && BinaryPrimitives.ReadUInt32BigEndian(payload) == _cookie;

    private static int SequenceIn(byte[] payload) => BinaryPrimitives.ReadInt32BigEndian(payload.AsSpan(4));

    private uint SequenceOf(int number) => unchecked(_cookie + (uint)(SequenceStep * number));

    private ushort PortOf(int number) => (ushort)(_port + number);
}

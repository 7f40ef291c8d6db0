using System.Buffers.Binary;
using System.Text;

namespace Tapline.Wire.Ovs;

/// <summary>The few messages of OpenFlow 1.3 that reading flows, ports and their counters takes. Everything is big endian.</summary>
internal static class OpenFlowCodec
{
    internal const byte Version = 4;
    internal const int HeaderLength = 8;
    internal const byte OFPT_HELLO = 0;
    internal const byte OFPT_ERROR = 1;
    internal const byte OFPT_ECHO_REQUEST = 2;
    internal const byte OFPT_ECHO_REPLY = 3;
    internal const byte OFPT_MULTIPART_REQUEST = 18;
    internal const byte OFPT_MULTIPART_REPLY = 19;
    internal const ushort OFPMP_FLOW = 1;
    internal const ushort OFPMP_PORT_STATS = 4;
    internal const ushort OFPMP_PORT_DESC = 13;
    internal const int MultipartHeaderLength = 16;
    private const ushort OFPMPF_REPLY_MORE = 1;
    private const byte OFPTT_ALL = 0xff;
    private const uint OFPP_ANY = 0xffffffff;
    private const uint OFPPS_LINK_DOWN = 1;
    private const int FlowHeaderLength = 48; // struct ofp_flow_stats up to the match
    private const int PortLength = 64; // struct ofp_port
    private const int PortStatsLength = 112; // struct ofp_port_stats
    private const ulong NotCounted = ulong.MaxValue;

    internal static byte[] Message(byte type, uint transaction, ReadOnlySpan<byte> body)
    {
        var message = new byte[HeaderLength + body.Length];
        message[0] = Version;
        message[1] = type;
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), (ushort)message.Length);
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(4), transaction);
        body.CopyTo(message.AsSpan(HeaderLength));
        return message;
    }

    /// <summary>Asks for all flows of all tables.</summary>
    internal static byte[] FlowsRequest(uint transaction)
    {
        Span<byte> body = stackalloc byte[8 + 40];
        body.Clear();
        BinaryPrimitives.WriteUInt16BigEndian(body, OFPMP_FLOW);
        var request = body[8..];
        request[0] = OFPTT_ALL;
        BinaryPrimitives.WriteUInt32BigEndian(request[4..], OFPP_ANY);
        BinaryPrimitives.WriteUInt32BigEndian(request[8..], OFPP_ANY); // OFPG_ANY has the same value
        BinaryPrimitives.WriteUInt16BigEndian(request[32..], 1); // OFPMT_OXM with no field: matches all
        BinaryPrimitives.WriteUInt16BigEndian(request[34..], 4);
        return Message(OFPT_MULTIPART_REQUEST, transaction, body);
    }

    internal static byte[] PortsRequest(uint transaction)
    {
        Span<byte> body = stackalloc byte[8];
        body.Clear();
        BinaryPrimitives.WriteUInt16BigEndian(body, OFPMP_PORT_DESC);
        return Message(OFPT_MULTIPART_REQUEST, transaction, body);
    }

    /// <summary>Asks for the counters of all ports.</summary>
    internal static byte[] PortCountersRequest(uint transaction)
    {
        Span<byte> body = stackalloc byte[8 + 8];
        body.Clear();
        BinaryPrimitives.WriteUInt16BigEndian(body, OFPMP_PORT_STATS);
        BinaryPrimitives.WriteUInt32BigEndian(body[8..], OFPP_ANY);
        return Message(OFPT_MULTIPART_REQUEST, transaction, body);
    }

    internal static bool HasMore(ReadOnlySpan<byte> multipartReply)
    {
        Require(multipartReply, 0, MultipartHeaderLength, "multipart header");
        return (BinaryPrimitives.ReadUInt16BigEndian(multipartReply[10..]) & OFPMPF_REPLY_MORE) != 0;
    }

    /// <summary>The flows in one multipart reply (the whole message).</summary>
    internal static void ReadFlows(ReadOnlySpan<byte> message, List<FlowStats> into)
    {
        var at = MultipartHeaderLength;
        while (at < message.Length)
        {
            Require(message, at, FlowHeaderLength + 4, "flow statistics");
            var length = BinaryPrimitives.ReadUInt16BigEndian(message[at..]);
            var matchLength = BinaryPrimitives.ReadUInt16BigEndian(message[(at + FlowHeaderLength + 2)..]);
            var instructionsAt = FlowHeaderLength + ((matchLength + 7) & ~7);
            if (matchLength < 4 || length < instructionsAt)
            {
                throw new WireFormatException($"flow statistics of {length} bytes with a match of {matchLength}", at);
            }

            Require(message, at, length, "flow statistics");
            var flow = message.Slice(at, length);
            into.Add(new FlowStats
            {
                Table = flow[2],
                Priority = BinaryPrimitives.ReadUInt16BigEndian(flow[12..]),
                Cookie = BinaryPrimitives.ReadUInt64BigEndian(flow[24..]),
                PacketCount = BinaryPrimitives.ReadUInt64BigEndian(flow[32..]),
                ByteCount = BinaryPrimitives.ReadUInt64BigEndian(flow[40..]),
                Match = flow[(FlowHeaderLength + 4)..(FlowHeaderLength + matchLength)].ToArray(),
                Instructions = flow[instructionsAt..].ToArray(),
            });
            at += length;
        }
    }

    /// <summary>The ports in one multipart reply (the whole message).</summary>
    internal static void ReadPorts(ReadOnlySpan<byte> message, List<SwitchPort> into)
    {
        for (var at = MultipartHeaderLength; at < message.Length; at += PortLength)
        {
            Require(message, at, PortLength, "port description");
            var port = message.Slice(at, PortLength);
            var name = port.Slice(16, 16);
            var end = name.IndexOf((byte)0);
            into.Add(new SwitchPort(
                BinaryPrimitives.ReadUInt32BigEndian(port),
                Encoding.ASCII.GetString(end < 0 ? name : name[..end]),
                port.Slice(8, 6).ToArray(),
                (BinaryPrimitives.ReadUInt32BigEndian(port[36..]) & OFPPS_LINK_DOWN) != 0));
        }
    }

    /// <summary>The counters in one multipart reply (the whole message). A counter that the switch does not keep is 0.</summary>
    internal static void ReadPortCounters(ReadOnlySpan<byte> message, List<PortCounters> into)
    {
        for (var at = MultipartHeaderLength; at < message.Length; at += PortStatsLength)
        {
            Require(message, at, PortStatsLength, "port statistics");
            var stats = message.Slice(at, PortStatsLength);
            into.Add(new PortCounters(BinaryPrimitives.ReadUInt32BigEndian(stats), Counter(stats[8..]), Counter(stats[16..])));
        }
    }

    private static ulong Counter(ReadOnlySpan<byte> bytes) =>
        BinaryPrimitives.ReadUInt64BigEndian(bytes) is var count and not NotCounted ? count : 0;

    private static void Require(ReadOnlySpan<byte> message, int at, int length, string what)
    {
        if (message.Length - at < length)
        {
            throw new WireFormatException($"{what} has {length} bytes, {message.Length - at} are here", at);
        }
    }
}

using Tapline.Core.Host.Observed;

namespace Tapline.Core.Doctor.Netfilter;

/// <summary>Conntrack's own work at the hooks: which connection a packet belongs to, and when a new one counts as begun.</summary>
internal static class ConntrackStep
{
    /// <summary>NF_IP_PRI_CONNTRACK, at prerouting and output.</summary>
    public const int Priority = -200;

    public const uint Expected = 1 << 0;
    public const uint SeenReply = 1 << 1;
    public const uint Confirmed = 1 << 3;

    private const int SynAck = 0x12;

    /// <summary>Finds or makes the packet's connection; a text where that can not be told.</summary>
    public static string? Track(WalkState state)
    {
        if (state.Tracking is not null)
        {
            return null; // looped back: it keeps what it had
        }

        var packet = state.Packet;
        if (state.IsUntracked || IsNeighbourDiscovery(packet))
        {
            state.Tracking = new Tracking("untracked", IsReply: false, null) { Zone = state.Zone };
            return null;
        }

        if (IsError(packet))
        {
            return TrackError(state);
        }

        var tuple = TupleOf(packet);
        state.Tracking = state.Connections.Find(state.Zone, packet.Protocol, tuple) is { } found
            ? IsOutOfTurn(packet, found.Connection, found.IsReply) ? Invalid(state) : Known(state, found.Connection, found.IsReply)
            : CanBegin(packet) ? Begin(state, tuple)
            : Invalid(state);
        return null;
    }

    /// <summary>At the end of input and postrouting a new connection enters the table.</summary>
    public static void Confirm(WalkState state)
    {
        if (state.Tracking is not { Connection: { } connection } tracking || (connection.Status & Confirmed) != 0 || tracking.State == "related")
        {
            return;
        }

        var confirmed = connection with { Status = connection.Status | Confirmed };
        state.Tracking = tracking with { Connection = confirmed };
        state.Connections = state.Connections.With(confirmed);
    }

    /// <summary>The other direction's tuple, as an answer to this one would bear it.</summary>
    public static FlowTuple Invert(FlowTuple tuple, int protocol) => protocol is Packet.Icmp or Packet.Icmpv6
        ? new FlowTuple(tuple.Destination, tuple.Source, tuple.SourcePort, InvertType(tuple.DestinationPort))
        : new FlowTuple(tuple.Destination, tuple.Source, tuple.DestinationPort, tuple.SourcePort);

    public static FlowTuple TupleOf(Packet packet) => packet.Protocol is Packet.Icmp or Packet.Icmpv6
        ? new FlowTuple(packet.Source, packet.Destination, packet.SourcePort, (packet.IcmpType << 8) | packet.IcmpCode)
        : new FlowTuple(packet.Source, packet.Destination, packet.SourcePort, packet.DestinationPort);

    /// <summary>An ICMP message about another packet.</summary>
    public static bool IsError(Packet packet) => packet.Protocol switch
    {
        Packet.Icmp => packet.IcmpType is 3 or 4 or 5 or 11 or 12,
        Packet.Icmpv6 => packet.IcmpType < 128,
        _ => false,
    };

    /// <summary>Multicast listener and neighbour discovery (and MLDv2): never tracked.</summary>
    private static bool IsNeighbourDiscovery(Packet packet) =>
        packet is { Protocol: Packet.Icmpv6, IcmpType: (>= 130 and <= 136) or 143 };

    private static Tracking Known(WalkState state, ObservedConnection connection, bool isReply)
    {
        if (isReply && (connection.Status & SeenReply) == 0)
        {
            var answered = connection with { Status = connection.Status | SeenReply };
            state.Connections = state.Connections.Replace(connection, answered);
            connection = answered;
        }

        var kind = isReply || (connection.Status & SeenReply) != 0 ? "established"
            : (connection.Status & Expected) != 0 ? "related" : "new";
        return new Tracking(kind, isReply, connection) { Zone = state.Zone };
    }

    private static Tracking Begin(WalkState state, FlowTuple tuple)
    {
        var protocol = state.Packet.Protocol;
        var connection = new ObservedConnection
        {
            Zone = state.Zone,
            Protocol = protocol,
            Original = tuple,
            Reply = Invert(tuple, protocol),
            Midstream = protocol == Packet.Tcp && IsAckAlone(state.Packet) ? true : null,
        };
        return new Tracking("new", IsReply: false, connection) { Zone = state.Zone };
    }

    private static Tracking Invalid(WalkState state) => new("invalid", IsReply: false, null) { Zone = state.Zone };

    private static string? TrackError(WalkState state)
    {
        if (state.Packet.Quoted is not { } quoted)
        {
            return "which packet an ICMP error is about";
        }

        // The quoted packet went the other way; what the error belongs to is the answer's direction to it.
        var tuple = Invert(TupleOf(quoted), quoted.Protocol);
        state.Tracking = state.Connections.Find(state.Zone, quoted.Protocol, tuple) is { } found
            ? new Tracking("related", found.IsReply, found.Connection) { Zone = state.Zone }
            : Invalid(state);
        return null;
    }

    /// <summary>What the protocol lets a connection begin with; TCP picks up a running one at an ACK (nf_conntrack_tcp_loose).</summary>
    private static bool CanBegin(Packet packet) => packet.Protocol switch
    {
        Packet.Icmp => packet.IcmpType is 8 or 13 or 15 or 17,
        Packet.Icmpv6 => packet.IcmpType is 128 or 139,
        Packet.Tcp => (packet.TcpFlags & 4) == 0 && (packet.TcpFlags & SynAck) is 2 || IsAckAlone(packet),
        _ => true,
    };

    /// <summary>The third step of TCP's handshake, where the second has not been seen (tcp_conntracks: an ACK in SYN_SENT).</summary>
    private static bool IsOutOfTurn(Packet packet, ObservedConnection connection, bool isReply) =>
        packet.Protocol == Packet.Tcp && !isReply && (connection.Status & SeenReply) == 0 && connection.Midstream != true && IsAckAlone(packet);

    private static bool IsAckAlone(Packet packet) => (packet.TcpFlags & 0x17) == 0x10;

    private static int InvertType(int typeAndCode) => (typeAndCode >> 8) switch
    {
        8 => 0,
        0 => 8,
        13 => 14,
        14 => 13,
        15 => 16,
        16 => 15,
        17 => 18,
        18 => 17,
        128 => 129,
        129 => 128,
        139 => 140,
        140 => 139,
        var other => other,
    } << 8 | (typeAndCode & 0xff);
}

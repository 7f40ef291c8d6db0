using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Netfilter;

/// <summary>
/// Address translation at the hooks. All nat chains of a hook, whatever their priority, run as one step at a fixed place, and only for
/// the first packet of a connection; what they bind is then done to every packet, and undone for answers at the opposite hooks.
/// </summary>
internal static class NatStep
{
    public const uint SourceTranslated = 1 << 4;
    public const uint DestinationTranslated = 1 << 5;
    private const uint SourceDone = 1 << 7;
    private const uint DestinationDone = 1 << 8;

    /// <summary>NF_IP_PRI_NAT_DST at prerouting and output, NF_IP_PRI_NAT_SRC at input and postrouting.</summary>
    public static int PriorityAt(HookPoint hook) => IsSourceHook(hook) ? 100 : -100;

    /// <summary>Whether a hook's nat chains are run for this packet: its connection is new, and nothing is bound here yet.</summary>
    public static bool IsOpen(WalkState state) =>
        state.Tracking is { Connection: { } connection, State: "new" }
        && (connection.Status & (DoneAt(state.Context.Hook) | ConntrackStep.Confirmed)) == 0;

    /// <summary>What no chain bound stays as it is, for the whole connection; a text where that can not be told.</summary>
    public static string? Close(WalkState state)
    {
        Mark(state, DoneAt(state.Context.Hook));
        var connection = state.Tracking!.Connection!; // IsOpen asked for it

        // With the same first direction it is this connection itself: a bridge has sent copies of its first packet, which share it.
        var isTaken = state.Connections.Items.Any(other => other.Zone == connection.Zone && other.Protocol == connection.Protocol
            && other.Original != connection.Original && (other.Reply == connection.Reply || other.Original == connection.Reply));
        return isTaken ? "the port that translation takes instead of one in use" : null;
    }

    /// <summary>Redirected to the device's own address, or given one to leave with, where there is none: dropped (nf_nat_redirect_ipv4, nf_nat_masquerade_ipv4).</summary>
    public static bool LeadsNowhere(WalkState state, Statement.Translate translate) => (translate.Kind, state.Context) switch
    {
        (TranslationKind.Redirect, { Hook: HookPoint.Prerouting, In: not null, InAddresses: var own }) => own.All(address => address.IsV6 != state.Packet.IsV6),
        (TranslationKind.Masquerade, { Out: not null, OutAddresses: var own }) => !state.Packet.IsV6 && own.All(address => address.IsV6),
        _ => false,
    };

    /// <summary>Binds the connection to new addresses; a text where they can not be told.</summary>
    public static string? Bind(WalkState state, Statement.Translate translate, Reading address, Reading port)
    {
        var source = IsSourceHook(state.Context.Hook);
        var to = translate.Kind switch
        {
            TranslationKind.Masquerade => First(state.Context.OutAddresses, state.Packet.IsV6),
            TranslationKind.Redirect when state.Context.Hook == HookPoint.Output => Reading.Of(state.Packet.IsV6 ? 1 : 0x7f00_0001),
            TranslationKind.Redirect => First(state.Context.InAddresses, state.Packet.IsV6),
            _ => address,
        };
        if ((to.Why ?? port.Why) is { } why)
        {
            return why;
        }

        var tracking = state.Tracking!; // IsOpen asked for it
        var connection = tracking.Connection!;
        var now = ConntrackStep.Invert(connection.Reply, connection.Protocol);
        var moved = source
            ? now with { Source = Or(to, now.Source), SourcePort = Or(port, to, now.SourcePort, connection.Protocol) }
            : now with { Destination = Or(to, now.Destination), DestinationPort = Or(port, to, now.DestinationPort, connection.Protocol) };
        state.Tracking = tracking with
        {
            Connection = connection with
            {
                Reply = ConntrackStep.Invert(moved, connection.Protocol),
                Status = connection.Status | DoneAt(state.Context.Hook)
                    | (moved == now ? 0 : source ? SourceTranslated : DestinationTranslated),
            },
        };
        return null;
    }

    /// <summary>Rewrites the packet as its connection is bound.</summary>
    public static void Apply(WalkState state)
    {
        if (state.Tracking is not { Connection: { } connection } tracking)
        {
            return;
        }

        var source = IsSourceHook(state.Context.Hook);
        var bit = source != tracking.IsReply ? SourceTranslated : DestinationTranslated;
        if ((connection.Status & bit) == 0)
        {
            return;
        }

        // The other direction's tuple turned round is how this direction looks behind the translation.
        var target = ConntrackStep.Invert(tracking.IsReply ? connection.Original : connection.Reply, connection.Protocol);
        state.Packet = tracking.State == "related" && ConntrackStep.IsError(state.Packet)
            ? Rewritten(state.Packet, target, source, portsToo: false) with { Quoted = QuotedBack(state.Packet.Quoted, target, source) }
            : Rewritten(state.Packet, target, source, portsToo: true);
    }

    private static Packet Rewritten(Packet packet, FlowTuple target, bool source, bool portsToo)
    {
        var icmp = packet.Protocol is Packet.Icmp or Packet.Icmpv6;
        return source
            ? packet with { Source = target.Source, SourcePort = portsToo ? target.SourcePort : packet.SourcePort }
            : packet with
            {
                Destination = target.Destination,
                DestinationPort = portsToo && !icmp ? target.DestinationPort : packet.DestinationPort,
                SourcePort = portsToo && icmp ? target.SourcePort : packet.SourcePort,
            };
    }

    /// <summary>The packet that an error quotes went the other way, so its other end is rewritten.</summary>
    private static Packet? QuotedBack(Packet? quoted, FlowTuple target, bool source) => quoted is null ? null
        : source ? quoted with { Destination = target.Source }
        : quoted with { Source = target.Destination };

    private static bool IsSourceHook(HookPoint hook) => hook is HookPoint.Input or HookPoint.Postrouting;

    private static uint DoneAt(HookPoint hook) => IsSourceHook(hook) ? SourceDone : DestinationDone;

    private static void Mark(WalkState state, uint bit)
    {
        var tracking = state.Tracking!; // IsOpen asked for it
        state.Tracking = tracking with { Connection = tracking.Connection! with { Status = tracking.Connection!.Status | bit } };
    }

    private static Reading First(ValueList<IpAddress> addresses, bool v6) =>
        addresses.Where(address => address.IsV6 == v6 && !(v6 && address.IsLinkLocal)).Select(address => Reading.Of(address.Bits))
            .DefaultIfEmpty(Reading.Unknown("the device's own address")).First();

    private static IpAddress Or(Reading reading, IpAddress otherwise) =>
        reading.IsAbsent ? otherwise : otherwise with { Bits = reading.Number };

    /// <summary>The port as given, or as the second part of what a map gave (<c>address . port</c>).</summary>
    private static int Or(Reading port, Reading to, int otherwise, int protocol) =>
        protocol is Packet.Icmp or Packet.Icmpv6 ? otherwise
        : !port.IsAbsent ? (int)port.Number
        : !to.IsAbsent && to.Values.Length > 1 ? (int)to.Values[1].Number
        : otherwise;
}

using Tapline.Core.Host.Observed;

namespace Tapline.Core.Doctor.Netfilter;

/// <summary>What <c>ct</c> reads; the numbers are those of linux/netfilter/nf_conntrack_common.h.</summary>
internal static class TrackingReader
{
    public static Reading Read(string name, FilterTable table, WalkState state)
    {
        var tracking = state.Tracking;

        // A bridge tracks only where nf_conntrack_bridge is loaded, which can not be seen.
        if (tracking is null && state.Context.Family == "bridge")
        {
            return Reading.Unknown("ct " + name);
        }

        if (name == "state")
        {
            // What has no connection is invalid, but for what is meant to have none.
            return Reading.Of(StateBit(tracking?.State ?? (state.HasTemplate ? "new" : state.IsUntracked ? "untracked" : "invalid")));
        }

        if (tracking is null && state.HasTemplate)
        {
            // nft_ct reads nothing but the state of a template; xt_conntrack takes it for a connection.
            if (table.Program == "nft")
            {
                return Reading.Absent;
            }

            return name switch { "zone" => Reading.Of(state.Zone), "direction" => Reading.Of(0), _ => Reading.Unknown($"ct {name} before conntrack looked") };
        }

        if (tracking?.Connection is not { } connection)
        {
            return Reading.Absent;
        }

        return name switch
        {
            "direction" => Reading.Of(tracking.IsReply),
            "status" => Reading.Of(connection.Status),
            "mark" => Reading.Of(connection.Mark),
            "zone" => Reading.Of(connection.Zone),
            "protocol" => Reading.Of(connection.Protocol),
            _ when name.StartsWith("original ", StringComparison.Ordinal) => OfTuple(name, connection, connection.Original),
            _ when name.StartsWith("reply ", StringComparison.Ordinal) => OfTuple(name, connection, connection.Reply),
            _ => Reading.Unknown("ct " + name),
        };
    }

    public static uint StateBit(string state) => state switch
    {
        "invalid" => 1,
        "established" => 2,
        "related" => 4,
        "new" => 8,
        _ => 64, // untracked
    };

    private static Reading OfTuple(string name, ObservedConnection connection, FlowTuple tuple) => name[(name.IndexOf(' ', StringComparison.Ordinal) + 1)..] switch
    {
        "saddr" => Reading.Of(tuple.Source.Bits),
        "daddr" => Reading.Of(tuple.Destination.Bits),
        "ip saddr" => tuple.Source.IsV6 ? Reading.Absent : Reading.Of(tuple.Source.Bits),
        "ip daddr" => tuple.Source.IsV6 ? Reading.Absent : Reading.Of(tuple.Destination.Bits),
        "ip6 saddr" => tuple.Source.IsV6 ? Reading.Of(tuple.Source.Bits) : Reading.Absent,
        "ip6 daddr" => tuple.Source.IsV6 ? Reading.Of(tuple.Destination.Bits) : Reading.Absent,
        "proto-src" => Reading.Of(tuple.SourcePort),
        "proto-dst" => Reading.Of(tuple.DestinationPort),
        "protocol" => Reading.Of(connection.Protocol),
        "zone" => Reading.Of(connection.Zone),
        _ => Reading.Unknown("ct " + name),
    };
}

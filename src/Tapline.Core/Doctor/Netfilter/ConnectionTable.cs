using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Netfilter;

/// <summary>Tracked connections of one namespace.</summary>
/// <param name="Items">Those that were observed, and those that a trace began; the latter last.</param>
public sealed record ConnectionTable(ValueList<ObservedConnection> Items)
{
    public static ConnectionTable Empty { get; } = new([]);

    /// <summary>The connection that a packet with this tuple belongs to, and whether it goes in reply direction; null for none.</summary>
    public (ObservedConnection Connection, bool IsReply)? Find(int zone, int protocol, FlowTuple tuple)
    {
        foreach (var item in Items)
        {
            if (item.Zone == zone && item.Protocol == protocol && (item.Original == tuple || item.Reply == tuple))
            {
                return (item, item.Original != tuple);
            }
        }

        return null;
    }

    public ConnectionTable With(ObservedConnection connection) => new([.. Items, connection]);

    public ConnectionTable Replace(ObservedConnection old, ObservedConnection now) =>
        new([.. Items.Select(item => ReferenceEquals(item, old) ? now : item)]);
}

/// <summary>What a packet is to conntrack.</summary>
/// <param name="State"><c>new</c>, <c>established</c>, <c>related</c>, <c>invalid</c> or <c>untracked</c>.</param>
/// <param name="IsReply">It goes against the direction of the connection's first packet.</param>
/// <param name="Connection">As it will be confirmed; null for what is not tracked.</param>
public sealed record Tracking(string State, bool IsReply, ObservedConnection? Connection)
{
    /// <summary>The zone that a rule gave this packet before conntrack looked at it.</summary>
    public int Zone { get; init; }
}

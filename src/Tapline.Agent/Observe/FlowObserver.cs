using System.Buffers.Binary;
using Tapline.Core.Host;
using Tapline.Core.Primitives;
using Tapline.Wire.Ovs;

namespace Tapline.Agent.Observe;

/// <summary>Our flows on a bridge, by their marks.</summary>
internal static class FlowObserver
{
    private const uint InPort = 0x80000004; // OXM_OF_IN_PORT, four bytes (OpenFlow 1.3, 7.2.3.7)

    public static async Task<HostItem> ObserveAsync(string bridge, OpenFlowConnection connection, CancellationToken cancellationToken)
    {
        var flows = await connection.FlowsAsync(cancellationToken).ConfigureAwait(false);
        var ports = (await connection.PortsAsync(cancellationToken).ConfigureAwait(false)).ToDictionary(port => port.Number, port => port.Name);
        var marks = from flow in flows
                    where flow.Cookie >> 48 == Flow.CookiePrefix
                    let port = InPortOf(flow.Match)
                    let name = port is { } number ? ports.GetValueOrDefault(number, "?") : ""
                    select Flow.MarkOf(flow.Table, flow.Priority, flow.Cookie, name);
        return new HostItem.FlowTable(bridge, [], marks.Order(StringComparer.Ordinal).ToValueList()) { Owner = Marks.ByPlace };
    }

    /// <summary>The ingress port among a match's fields: header (class, field, length), then the value.</summary>
    private static uint? InPortOf(ReadOnlySpan<byte> match)
    {
        while (match.Length >= 8)
        {
            var header = BinaryPrimitives.ReadUInt32BigEndian(match);
            if (header == InPort)
            {
                return BinaryPrimitives.ReadUInt32BigEndian(match[4..]);
            }

            match = match[Math.Min(match.Length, 4 + (int)(header & 0xff))..];
        }

        return null;
    }
}

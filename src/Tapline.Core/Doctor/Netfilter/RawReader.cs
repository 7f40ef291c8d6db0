using System.Globalization;

namespace Tapline.Core.Doctor.Netfilter;

/// <summary>Raw payload, <c>@BASE,OFFSET,BITS</c>: what lies within one field that is known.</summary>
internal static class RawReader
{
    public static Reading Read(string field, WalkState state)
    {
        var parts = field.Split(',');
        if (parts.Length != 3 || !int.TryParse(parts[1], CultureInfo.InvariantCulture, out var offset)
            || !int.TryParse(parts[2], CultureInfo.InvariantCulture, out var length))
        {
            return Reading.Unknown(field);
        }

        var packet = state.Packet;
        var fields = parts[0] switch
        {
            "@ll" => Link(packet),
            "@nh" => packet.IsIp ? Network(packet) : [],
            "@th" => packet.IsIp ? Transport(packet) : null,
            _ => [],
        };
        if (fields is null)
        {
            return Reading.Absent;
        }

        foreach (var (start, width, value) in fields)
        {
            if (start <= offset && offset + length <= start + width)
            {
                var below = start + width - offset - length;
                var mask = length == 128 ? UInt128.MaxValue : (UInt128.One << length) - 1;
                return Reading.Of((value >> below) & mask);
            }
        }

        return Reading.Unknown(field);
    }

    private static List<(int Start, int Width, UInt128 Value)> Link(Packet packet) =>
    [
        (0, 48, packet.EtherDestination.Value),
        (48, 48, packet.EtherSource.Value),
        (96, 16, (UInt128)(packet.Vlan is null ? packet.EtherType : Packet.EtherVlan)),
    ];

    private static List<(int Start, int Width, UInt128 Value)> Network(Packet packet) => packet.IsV6
        ? [(48, 8, (UInt128)packet.Protocol), (56, 8, (UInt128)packet.TimeToLive), (64, 128, packet.Source.Bits), (192, 128, packet.Destination.Bits)]
        :
        [
            (16, 16, (UInt128)packet.Length),
            (64, 8, (UInt128)packet.TimeToLive),
            (72, 8, (UInt128)packet.Protocol),
            (96, 32, packet.Source.Bits),
            (128, 32, packet.Destination.Bits),
        ];

    private static List<(int Start, int Width, UInt128 Value)> Transport(Packet packet) => packet.Protocol switch
    {
        Packet.Icmp or Packet.Icmpv6 =>
        [
            (0, 8, (UInt128)packet.IcmpType),
            (8, 8, (UInt128)packet.IcmpCode),
            (32, 16, (UInt128)packet.SourcePort),
            .. packet.NeighbourTarget is { } target ? [(64, 128, target.Bits)] : Array.Empty<(int, int, UInt128)>(),
        ],
        Packet.Tcp => [(0, 16, (UInt128)packet.SourcePort), (16, 16, (UInt128)packet.DestinationPort), (104, 8, (UInt128)packet.TcpFlags)],
        _ => [(0, 16, (UInt128)packet.SourcePort), (16, 16, (UInt128)packet.DestinationPort)],
    };
}

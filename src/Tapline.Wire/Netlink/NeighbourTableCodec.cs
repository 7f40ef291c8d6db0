using System.Buffers.Binary;

namespace Tapline.Wire.Netlink;

/// <summary>Neighbour tables (struct ndtmsg of linux/neighbour.h).</summary>
internal static class NeighbourTableCodec
{
    internal const int HeaderLength = 4; // struct ndtmsg
    private const ushort NDTA_NAME = 1;
    private const ushort NDTA_THRESH3 = 4;
    private const ushort NDTA_CONFIG = 5;
    private const int EntriesOffset = 4; // in struct ndt_config

    /// <summary>A table; null for a message about its parameters for one device.</summary>
    internal static NeighbourTableInfo? Table(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < HeaderLength)
        {
            throw new WireFormatException($"ndtmsg has {HeaderLength} bytes, {payload.Length} are here", 0);
        }

        var (name, limit, entries) = ("", (uint?)null, 0u);
        var attributes = new AttributeReader(payload[HeaderLength..], HeaderLength);
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case NDTA_NAME:
                    name = attributes.Text();
                    break;
                case NDTA_THRESH3:
                    limit = attributes.UInt32();
                    break;
                case NDTA_CONFIG when attributes.Value.Length >= EntriesOffset + sizeof(uint):
                    entries = BinaryPrimitives.ReadUInt32LittleEndian(attributes.Value[EntriesOffset..]);
                    break;
            }
        }

        return limit is { } most ? new NeighbourTableInfo(name, most, entries) : null;
    }
}

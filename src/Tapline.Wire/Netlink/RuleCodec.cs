using System.Buffers.Binary;
using System.Net;
using Tapline.Wire.Interop;
using static Tapline.Wire.Netlink.RouteConstants;

namespace Tapline.Wire.Netlink;

/// <summary>Policy rules (linux/fib_rules.h).</summary>
internal static class RuleCodec
{
    internal const int HeaderLength = 12; // struct fib_rule_hdr

    /// <summary>A rule, or null for other families (multicast routing has rules of its own).</summary>
    internal static RuleInfo? Rule(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < HeaderLength)
        {
            throw new WireFormatException($"fib_rule_hdr has {HeaderLength} bytes, {payload.Length} are here", 0);
        }

        if (payload[0] is not (Posix.AF_INET or Posix.AF_INET6))
        {
            return null;
        }

        var none = payload[0] == Posix.AF_INET ? IPAddress.Any : IPAddress.IPv6Any;
        var rule = new RuleInfo
        {
            IsV6 = payload[0] == Posix.AF_INET6,
            Priority = 0,
            Action = payload[7],
            DestinationPrefixLength = payload[1],
            SourcePrefixLength = payload[2],
            Tos = payload[3],
            Table = payload[4],
            Invert = (BinaryPrimitives.ReadUInt32LittleEndian(payload[8..]) & FIB_RULE_INVERT) != 0,
        };
        var attributes = new AttributeReader(payload[HeaderLength..], HeaderLength);
        while (attributes.MoveNext())
        {
            rule = attributes.Type switch
            {
                FRA_DST => rule with { Destination = attributes.Address() },
                FRA_SRC => rule with { Source = attributes.Address() },
                FRA_IIFNAME => rule with { InputLink = attributes.Text() },
                FRA_OIFNAME => rule with { OutputLink = attributes.Text() },
                FRA_GOTO => rule with { GotoPriority = attributes.Int32() },
                FRA_PRIORITY => rule with { Priority = attributes.Int32() },
                FRA_FWMARK => rule with { Mark = attributes.UInt32() },
                FRA_FWMASK => rule with { Mark = rule.Mark ?? 0, Mask = attributes.UInt32() },
                FRA_TABLE => rule with { Table = attributes.Int32() },
                FRA_SUPPRESS_PREFIXLEN => rule with { SuppressPrefixLength = attributes.Int32() is >= 0 and var length ? length : null },
                FRA_IP_PROTO => rule with { IpProtocol = attributes.UInt8() },
                FRA_SPORT_RANGE => rule with { SourcePorts = Ports(attributes.Value) },
                FRA_DPORT_RANGE => rule with { DestinationPorts = Ports(attributes.Value) },
                FRA_FLOW or FRA_PAD or FRA_PROTOCOL => rule,
                var other => IsNothing(other, attributes.Value) ? rule : rule with { OtherConditions = [.. rule.OtherConditions ?? [], other] },
            };
        }

        // A prefix of length 0 that is spelled out is the same as none.
        return rule with
        {
            Source = rule.SourcePrefixLength > 0 ? rule.Source ?? none : null,
            Destination = rule.DestinationPrefixLength > 0 ? rule.Destination ?? none : null,
        };
    }

    /// <summary>struct fib_rule_port_range.</summary>
    private static (int First, int Last) Ports(ReadOnlySpan<byte> value) => value.Length == 4
        ? (BinaryPrimitives.ReadUInt16LittleEndian(value), BinaryPrimitives.ReadUInt16LittleEndian(value[2..]))
        : throw new WireFormatException($"fib_rule_port_range has 4 bytes, {value.Length} are here", 0);

    /// <summary>FRA_SUPPRESS_IFGROUP is told as -1 where there is none; a port's mask of all bits says what the range says.</summary>
    private static bool IsNothing(ushort type, ReadOnlySpan<byte> value) => type switch
    {
        FRA_SUPPRESS_IFGROUP => value.Length == 4 && BinaryPrimitives.ReadInt32LittleEndian(value) == -1,
        FRA_SPORT_MASK or FRA_DPORT_MASK => value.Length == 2 && BinaryPrimitives.ReadUInt16LittleEndian(value) == ushort.MaxValue,
        _ => false,
    };
}

using System.Net;

namespace Tapline.Wire.Netlink;

/// <summary>A policy routing rule.</summary>
public sealed record RuleInfo
{
    public required bool IsV6 { get; init; }

    public required int Priority { get; init; }

    /// <summary>FR_ACT_* of linux/fib_rules.h: 1 look up in the table, 2 go to another rule, 3 nothing, 6 blackhole, 7 unreachable, 8 prohibit.</summary>
    public required byte Action { get; init; }

    public int Table { get; init; }

    public int GotoPriority { get; init; }

    public IPAddress? Source { get; init; }

    public int SourcePrefixLength { get; init; }

    public IPAddress? Destination { get; init; }

    public int DestinationPrefixLength { get; init; }

    public string? InputLink { get; init; }

    public string? OutputLink { get; init; }

    public uint? Mark { get; init; }

    public uint Mask { get; init; } = uint.MaxValue;

    public byte Tos { get; init; }

    public bool Invert { get; init; }

    /// <summary>A route found that is no longer than this does not count; null for none.</summary>
    public int? SuppressPrefixLength { get; init; }

    /// <summary>The IP protocol's number; null for any.</summary>
    public int? IpProtocol { get; init; }

    /// <summary>First and last; null for any.</summary>
    public (int First, int Last)? SourcePorts { get; init; }

    /// <summary>First and last; null for any.</summary>
    public (int First, int Last)? DestinationPorts { get; init; }

    /// <summary>Numbers (FRA_*) of conditions that are not among the above.</summary>
    public IReadOnlyList<ushort>? OtherConditions { get; init; }
}

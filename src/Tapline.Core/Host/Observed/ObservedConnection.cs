using Tapline.Core.Primitives;

namespace Tapline.Core.Host.Observed;

/// <summary>A connection that the kernel tracks.</summary>
public sealed record ObservedConnection
{
    public int Zone { get; init; }

    /// <summary>IP protocol number.</summary>
    public required int Protocol { get; init; }

    /// <summary>As the first packet went.</summary>
    public required FlowTuple Original { get; init; }

    /// <summary>As answers are expected.</summary>
    public required FlowTuple Reply { get; init; }

    public uint Mark { get; init; }

    /// <summary>IPS_* of linux/netfilter/nf_conntrack_common.h.</summary>
    public uint Status { get; init; }

    public uint TimeoutSeconds { get; init; }

    /// <summary>TCP: true where it was picked up in its midst; null where that is not known (it is taken to have begun with a SYN).</summary>
    public bool? Midstream { get; init; }
}

/// <summary>One direction of a connection.</summary>
/// <param name="Source">From.</param>
/// <param name="Destination">To.</param>
/// <param name="SourcePort">Of ICMP: the identifier.</param>
/// <param name="DestinationPort">Of ICMP: type times 256 plus code.</param>
public sealed record FlowTuple(IpAddress Source, IpAddress Destination, int SourcePort, int DestinationPort);

namespace Tapline.Wire.Netlink;

/// <summary>One change to the nftables of a namespace.</summary>
public sealed record NftablesEvent(NftablesEventKind Kind)
{
    public bool Deleted { get; init; }

    /// <summary>NFPROTO_*: 1 inet, 2 ip, 3 arp, 5 netdev, 7 bridge, 10 ip6.</summary>
    public byte Family { get; init; }

    /// <summary>The table it happened in; empty for a generation and an overrun.</summary>
    public string Table { get; init; } = "";

    /// <summary>The chain, set or object; for a rule its chain, for an element its set.</summary>
    public string Name { get; init; } = "";

    /// <summary>The netlink port of the socket that made the change (<see cref="Nftables.NftablesContext.PortId"/> for own ones).</summary>
    public uint PortId { get; init; }

    /// <summary>Of a generation: its number.</summary>
    public uint GenerationId { get; init; }

    /// <summary>Of a generation: the task that committed it, as numbered in the initial pid namespace.</summary>
    public uint ProcessId { get; init; }

    public string ProcessName { get; init; } = "";
}

namespace Tapline.Wire.Netlink;

/// <summary>All that one dump tells of a link.</summary>
public sealed record LinkDetail
{
    public required LinkInfo Link { get; init; }

    public LinkStatistics Statistics { get; init; } = new(0, 0, 0, 0);

    /// <summary>An XDP program is attached.</summary>
    public bool HasXdp { get; init; }

    /// <summary>Set on Linux bridges.</summary>
    public BridgeDetail? Bridge { get; init; }

    /// <summary>Set on ports of Linux bridges.</summary>
    public BridgePortDetail? BridgePort { get; init; }

    /// <summary>IPV4_DEVCONF_* of linux/ip.h, at their number minus one: what net/ipv4/conf/LINK holds. Empty where IPv4 is not on the link.</summary>
    public IReadOnlyList<int> Ipv4Settings { get; init; } = [];

    /// <summary>DEVCONF_* of linux/ipv6.h, at their number: what net/ipv6/conf/LINK holds.</summary>
    public IReadOnlyList<int> Ipv6Settings { get; init; } = [];
}

/// <summary>Packets since the link was made.</summary>
public sealed record LinkStatistics(long Received, long Transmitted, long ReceiveDropped, long TransmitDropped);

/// <summary>IFLA_BR_*.</summary>
public sealed record BridgeDetail
{
    public bool Stp { get; init; }

    public bool VlanFiltering { get; init; }

    public int AgeingCentiseconds { get; init; }

    public int ForwardDelayCentiseconds { get; init; }

    public bool CallIptables { get; init; }

    public bool CallIp6tables { get; init; }

    public bool CallArptables { get; init; }
}

/// <summary>IFLA_BRPORT_*.</summary>
public sealed record BridgePortDetail
{
    /// <summary>BR_STATE_* of linux/if_bridge.h: 0 disabled, 1 listening, 2 learning, 3 forwarding, 4 blocking.</summary>
    public byte State { get; init; }

    public bool Hairpin { get; init; }

    public bool Isolated { get; init; }

    public bool Learning { get; init; } = true;

    public bool UnicastFlood { get; init; } = true;

    public bool MulticastFlood { get; init; } = true;

    public bool BroadcastFlood { get; init; } = true;

    public bool Locked { get; init; }

    public bool NeighbourSuppression { get; init; }
}

/// <summary>A VLAN of a bridge's port or of the bridge itself.</summary>
public sealed record BridgeVlan(int LinkIndex, int Vlan, bool IsPvid, bool IsUntagged);

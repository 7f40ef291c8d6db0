using Tapline.Core.Primitives;

namespace Tapline.Core.Host.Observed;

/// <summary>A network device.</summary>
public sealed record ObservedLink
{
    public required int Index { get; init; }

    public required string Name { get; init; }

    /// <summary><c>veth</c>, <c>bridge</c>, <c>tun</c>, <c>vxlan</c> …; empty for a NIC and lo.</summary>
    public required string Kind { get; init; }

    public MacAddress Mac { get; init; }

    public int Mtu { get; init; }

    /// <summary>Someone wants it up.</summary>
    public bool Up { get; init; }

    /// <summary>Its other side is there: a veth's peer is up, a TAP is held open, a cable is in.</summary>
    public bool Carrier { get; init; }

    public bool Promiscuous { get; init; }

    /// <summary>IFF_NOARP.</summary>
    public bool NoArp { get; init; }

    /// <summary>The bridge it is a port of; null for none.</summary>
    public string? Master { get; init; }

    /// <summary>A veth's other end; null where it is none, or in a namespace that could not be read.</summary>
    public LinkEnd? Peer { get; init; }

    public string? Alias { get; init; }

    /// <summary>Transmit checksum offload; null where it was not asked.</summary>
    public bool? TransmitChecksum { get; init; }

    /// <summary>The NIC joins received packets into larger ones (LRO), which cannot be passed on; null where it was not asked.</summary>
    public bool? LargeReceiveOffload { get; init; }

    /// <summary>A packet socket takes in what comes by it, as Open vSwitch's userspace datapath has one on each port; null where it was not asked.</summary>
    public bool? Listened { get; init; }

    /// <summary>An XDP program is attached, which may do anything.</summary>
    public bool Xdp { get; init; }

    /// <summary>Set on ports of a Linux bridge.</summary>
    public ObservedBridgePort? BridgePort { get; init; }

    /// <summary>Set on Linux bridges.</summary>
    public ObservedBridge? Bridge { get; init; }

    public LinkCounters Counters { get; init; } = new(0, 0, 0, 0);
}

/// <summary>Packets since the device was made.</summary>
public sealed record LinkCounters(long Received, long Transmitted, long ReceiveDropped, long TransmitDropped);

/// <summary>How a Linux bridge treats one of its ports (IFLA_BRPORT_*).</summary>
public sealed record ObservedBridgePort
{
    /// <summary><c>disabled</c>, <c>listening</c>, <c>learning</c>, <c>forwarding</c> or <c>blocking</c>.</summary>
    public required string State { get; init; }

    public bool Hairpin { get; init; }

    public bool Isolated { get; init; }

    public bool Learning { get; init; } = true;

    /// <summary>Frames to unknown addresses go out here.</summary>
    public bool Flood { get; init; } = true;

    public bool MulticastFlood { get; init; } = true;

    public bool BroadcastFlood { get; init; } = true;

    /// <summary>Only known source addresses may send (MAB).</summary>
    public bool Locked { get; init; }

    /// <summary>The bridge answers ARP for neighbours on it.</summary>
    public bool NeighbourSuppression { get; init; }
}

/// <summary>A Linux bridge's own settings (IFLA_BR_*).</summary>
public sealed record ObservedBridge
{
    public bool Stp { get; init; }

    public bool VlanFiltering { get; init; }

    /// <summary>Learned entries live this long; 0: nothing is learned.</summary>
    public int AgeingSeconds { get; init; }

    public int ForwardDelaySeconds { get; init; }

    /// <summary>The bridge's own switches for br_netfilter; the namespace's sysctls turn it on as well.</summary>
    public bool CallIptables { get; init; }

    public bool CallIp6tables { get; init; }

    public bool CallArptables { get; init; }

    /// <summary>VLANs by port (the bridge itself by its own name): <c>1 PVID untagged</c>; only with <see cref="VlanFiltering"/>.</summary>
    public ValueList<Setting> Vlans { get; init; }
}

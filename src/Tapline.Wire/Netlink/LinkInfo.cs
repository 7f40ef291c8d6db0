namespace Tapline.Wire.Netlink;

/// <summary>A network device as the kernel reports it.</summary>
public sealed record LinkInfo
{
    public required int Index { get; init; }

    public required string Name { get; init; }

    /// <summary>"veth", "bridge", "tun" and so on; empty for devices without a kind, such as lo or a NIC.</summary>
    public required string Kind { get; init; }

    /// <summary>Six bytes on Ethernet; empty where the device has no address.</summary>
    public required byte[] Mac { get; init; }

    public required int Mtu { get; init; }

    /// <summary>IFF_UP: someone wants the device up.</summary>
    public required bool Up { get; init; }

    /// <summary>The other side is there: a veth's peer is up, a TAP is held open, a cable is in.</summary>
    public required bool Carrier { get; init; }

    public required OperationalState OperationalState { get; init; }

    /// <summary>The bridge (or other master) it belongs to; 0 for none.</summary>
    public required int MasterIndex { get; init; }

    /// <summary>IFLA_LINK: a veth's peer, counted in the peer's namespace; 0 for none.</summary>
    public required int PeerIndex { get; init; }

    /// <summary>Set if the peer lives in another namespace: this namespace's number for that one.</summary>
    public required int? LinkNetNsId { get; init; }

    public required string? Alias { get; init; }

    /// <summary>A number that others give it; unlike an alias it can be given at birth.</summary>
    public required uint Group { get; init; }

    /// <summary>IFF_* of linux/if.h.</summary>
    public required uint Flags { get; init; }

    public bool IsPromiscuous => (Flags & 0x100) != 0;

    public bool IsNoArp => (Flags & 0x80) != 0;
}

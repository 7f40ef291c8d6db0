namespace Tapline.Wire.Netlink;

/// <summary>A forwarding entry of a Linux bridge.</summary>
/// <param name="BridgeIndex">Whose.</param>
/// <param name="LinkIndex">Where the address is; the bridge's own number for its own.</param>
/// <param name="Mac">Six bytes.</param>
/// <param name="Vlan">Null outside VLAN filtering.</param>
/// <param name="State">NUD_*: permanent for the host's own, noarp for static ones, reachable or stale for learned ones.</param>
public sealed record BridgeForwarding(int BridgeIndex, int LinkIndex, byte[] Mac, int? Vlan, NeighbourState State);

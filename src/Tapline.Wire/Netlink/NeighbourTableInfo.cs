namespace Tapline.Wire.Netlink;

/// <summary>One of the kernel's neighbour tables: it is the machine's, all namespaces share it.</summary>
/// <param name="Name"><c>arp_cache</c> or <c>ndisc_cache</c>.</param>
/// <param name="Limit">gc_thresh3: as many it takes at most.</param>
/// <param name="Entries">How many it has, of all namespaces.</param>
public sealed record NeighbourTableInfo(string Name, uint Limit, uint Entries);

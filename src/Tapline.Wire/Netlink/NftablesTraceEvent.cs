using System.Net;

namespace Tapline.Wire.Netlink;

/// <summary>A traced packet met a rule, or a base chain's policy.</summary>
/// <param name="Family">NFPROTO_*: 1 inet, 2 ip, 7 bridge.</param>
/// <param name="Table">The table's name; empty where events were lost.</param>
/// <param name="Chain">The chain's name.</param>
/// <param name="Rule">The rule's handle; 0 for a policy.</param>
/// <param name="IsPolicy">It is the chain's policy that decided.</param>
/// <param name="IsDrop">The packet ends there.</param>
/// <param name="Source">Of the packet, where it was told.</param>
/// <param name="Destination">Of the packet, where it was told.</param>
public sealed record NftablesTraceEvent(
    byte Family, string Table, string Chain, ulong Rule, bool IsPolicy, bool IsDrop, IPAddress? Source, IPAddress? Destination)
{
    internal static NftablesTraceEvent Lost { get; } = new(0, "", "", 0, false, false, null, null);
}

using System.Collections.Immutable;
using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Core.Rules;

/// <summary>Which address a port gets.</summary>
public static class AddressAllocation
{
    /// <summary>The lowest free address of the subnet's pools, in their order; null where all are in use or among the reserved.</summary>
    public static IpAddress? FirstFree(Topology topology, Subnet subnet, params IEnumerable<IpAddress> reserved)
    {
        var used = topology.Indexes.AddressesBySubnet.GetValueOrDefault(subnet.Id, []).Union(reserved.Where(subnet.Cidr.Contains));
        foreach (var pool in subnet.AllocationPools)
        {
            if (FirstGap(used, pool) is { } free)
            {
                return free;
            }
        }

        return null;
    }

    /// <summary>The address that a host forms by itself: modified EUI-64 (RFC 4291, appendix A).</summary>
    public static IpAddress Eui64(IpPrefix prefix, MacAddress mac) =>
        prefix.First with { Bits = prefix.First.Bits | (mac.LinkLocal().Bits & ulong.MaxValue) };

    /// <summary>Whether hosts form their addresses in this subnet by themselves.</summary>
    public static bool IsAutomatic(Subnet subnet) => subnet.Ipv6AddressMode is "slaac" or "dhcpv6-stateless";

    /// <summary>
    /// In a sorted set the address of rank r lies n further on than that of rank r - n, or beyond a gap. So the gap is found by halving,
    /// not by counting: ten thousand ports cost fourteen looks.
    /// </summary>
    private static IpAddress? FirstGap(ImmutableSortedSet<IpAddress> used, IpRange pool)
    {
        var rank = used.IndexOf(pool.First);
        if (rank < 0)
        {
            return pool.First;
        }

        var (inUse, beyond) = (0, used.Count - rank); // pool.First + inUse is in use, pool.First + beyond is not
        if (used[^1] == pool.First.Plus((UInt128)(beyond - 1)))
        {
            inUse = beyond - 1; // no gap, as mostly
        }

        while (beyond - inUse > 1)
        {
            var middle = inUse + ((beyond - inUse) / 2);
            if (used[rank + middle] == pool.First.Plus((UInt128)middle))
            {
                inUse = middle;
            }
            else
            {
                beyond = middle;
            }
        }

        var free = pool.First.Plus((UInt128)beyond);
        return pool.Contains(free) ? free : null;
    }
}

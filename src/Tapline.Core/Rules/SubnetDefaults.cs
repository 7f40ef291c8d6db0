using Tapline.Core.Primitives;

namespace Tapline.Core.Rules;

/// <summary>What a subnet gets where nothing was asked. Without broadcast (/31, /32, /127, /128) every address is a host's.</summary>
internal static class SubnetDefaults
{
    /// <summary>The first address that a host may have; none where the subnet is one address.</summary>
    public static IpAddress? Gateway(IpPrefix cidr)
    {
        var hostBits = cidr.Address.Width - cidr.Length;
        return hostBits switch
        {
            0 => null,
            1 => cidr.First,
            _ => cidr.First.Plus(1),
        };
    }

    /// <summary>Every address a host may have, but for the gateway's.</summary>
    public static ValueList<IpRange> Pools(IpPrefix cidr, IpAddress? gateway)
    {
        var (first, last) = Hosts(cidr);
        if (gateway is not { } taken || taken < first || taken > last)
        {
            return [new IpRange(first, last)];
        }

        var pools = new List<IpRange>();
        if (taken > first)
        {
            pools.Add(new IpRange(first, taken with { Bits = taken.Bits - 1 }));
        }

        if (taken < last)
        {
            pools.Add(new IpRange(taken.Plus(1), last));
        }

        return pools.ToValueList();
    }

    /// <summary>Whether a host may have the address: not the network's own (IPv6: the routers' anycast), not the broadcast.</summary>
    public static bool IsHost(IpPrefix cidr, IpAddress address)
    {
        var (first, last) = Hosts(cidr);
        return cidr.Contains(address) && address >= first && address <= last;
    }

    private static (IpAddress First, IpAddress Last) Hosts(IpPrefix cidr) => cidr.Address.Width - cidr.Length <= 1
        ? (cidr.First, cidr.Last)
        : (cidr.First.Plus(1), cidr.Address.IsV6 ? cidr.Last : cidr.Last with { Bits = cidr.Last.Bits - 1 });
}

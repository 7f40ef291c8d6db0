using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Core.Rules;

/// <summary>What a subnet must hold to.</summary>
internal static class SubnetChecks
{
    private const int MaxNameservers = 5;
    private const int MaxHostRoutes = 20;

    public static void Cidr(Draft draft, IpPrefix cidr, Optional<int> version)
    {
        if (version.Is(out var asked) && asked != (cidr.Address.IsV6 ? 6 : 4))
        {
            Invalid(draft, "cidr", $"Invalid input for operation: cidr '{cidr}' does not match the ip_version '{asked}'.");
        }

        if (cidr.Length == 0)
        {
            Invalid(draft, "cidr", "Invalid input for operation: 0 is not allowed as CIDR prefix length.");
        }
        else if (cidr.Network != cidr)
        {
            draft.Reject(Rejection.BadValue("cidr", $"'{cidr}' isn't a recognized IP subnet cidr, '{cidr.Network}' is recommended"));
        }
        else if (cidr.Address.IsMulticast || cidr.Address.IsLoopback || cidr.Address.IsUnspecified)
        {
            Invalid(draft, "cidr", $"Invalid input for operation: '{cidr}' can not be the addresses of a subnet.");
        }
    }

    public static void RefuseOverlap(Draft draft, Network network, IpPrefix cidr)
    {
        if (draft.Topology.SubnetsOf(network.Id).Any(other => other.Cidr.Overlaps(cidr)))
        {
            Invalid(draft, "cidr", $"Invalid input for operation: Requested subnet with cidr: {cidr} for network: {network.Id} "
                + "overlaps with another subnet.");
        }
    }

    public static void All(Draft draft, Subnet subnet)
    {
        Gateway(draft, subnet);
        Pools(draft, subnet);
        Dhcp(draft, subnet);
        Ipv6Modes(draft, subnet);
        Options(draft, subnet);
    }

    private static void Gateway(Draft draft, Subnet subnet)
    {
        if (subnet.GatewayIp is not { } gateway)
        {
            return;
        }

        if (gateway.IsV6 != subnet.Cidr.Address.IsV6)
        {
            Invalid(draft, "gateway_ip", $"Invalid input for operation: gateway_ip '{gateway}' does not match the ip_version "
                + $"'{(subnet.Cidr.Address.IsV6 ? 6 : 4)}'.");
        }
        else if (!SubnetDefaults.IsHost(subnet.Cidr, gateway) && !(gateway.IsV6 && gateway.IsLinkLocal))
        {
            Invalid(draft, "gateway_ip", "Invalid input for operation: Gateway is not valid on subnet.");
        }
    }

    private static void Pools(Draft draft, Subnet subnet)
    {
        IpRange? previous = null;
        foreach (var pool in subnet.AllocationPools)
        {
            if (pool.First.IsV6 != pool.Last.IsV6 || pool.First > pool.Last)
            {
                draft.Reject(new Rejection(RejectionKind.Invalid, "InvalidAllocationPool", "allocation_pools",
                    $"The allocation pool {pool} is not valid."));
                continue;
            }

            if (!SubnetDefaults.IsHost(subnet.Cidr, pool.First) || !SubnetDefaults.IsHost(subnet.Cidr, pool.Last))
            {
                draft.Reject(new Rejection(RejectionKind.Invalid, "OutOfBoundsAllocationPool", "allocation_pools",
                    $"The allocation pool {pool} spans beyond the subnet cidr {subnet.Cidr}."));
                continue;
            }

            if (previous is { } before && before.Overlaps(pool))
            {
                draft.Reject(Rejection.Conflict("OverlappingAllocationPools",
                    $"Found overlapping allocation pools: {before} {pool} for subnet {subnet.Cidr}."));
            }

            if (subnet.GatewayIp is { } gateway && pool.Contains(gateway))
            {
                draft.Reject(Rejection.Conflict("GatewayConflictWithAllocationPools",
                    $"Gateway ip {gateway} conflicts with allocation pool {pool}."));
            }

            previous = pool;
        }
    }

    private static void Dhcp(Draft draft, Subnet subnet)
    {
        var needed = subnet.Cidr.Address.Width - 2; // a server and a client besides network and broadcast
        if (subnet.EnableDhcp && subnet.Cidr.Length > needed)
        {
            Invalid(draft, "enable_dhcp",
                "Invalid input for operation: Subnet has a prefix length that is incompatible with DHCP service enabled.");
        }
    }

    private static void Ipv6Modes(Draft draft, Subnet subnet)
    {
        foreach (var (name, mode) in new[] { ("ipv6_ra_mode", subnet.Ipv6RaMode), ("ipv6_address_mode", subnet.Ipv6AddressMode) })
        {
            if (mode is null)
            {
                continue;
            }

            if (mode is not ("slaac" or "dhcpv6-stateful" or "dhcpv6-stateless"))
            {
                draft.Reject(Rejection.BadValue(name, $"'{mode}' is not in ['dhcpv6-stateful', 'dhcpv6-stateless', 'slaac']"));
            }
            else if (!subnet.Cidr.Address.IsV6)
            {
                Invalid(draft, name, $"Invalid input for operation: {name} is not valid when ip_version is 4.");
            }
            else if (!subnet.EnableDhcp)
            {
                Invalid(draft, name, $"Invalid input for operation: {name} cannot be set when enable_dhcp is set to False.");
            }
            else if (mode != "dhcpv6-stateful" && subnet.Cidr.Length != 64)
            {
                Invalid(draft, name, $"Invalid input for operation: Invalid CIDR {subnet.Cidr} for IPv6 address mode. OpenStack uses the "
                    + "EUI-64 address format, which requires the prefix to be /64.");
            }
        }

        if (subnet is { Ipv6RaMode: { } ra, Ipv6AddressMode: { } address } && ra != address)
        {
            Invalid(draft, "ipv6_ra_mode", $"Invalid input for operation: ipv6_ra_mode set to '{ra}' with ipv6_address_mode set to "
                + $"'{address}' is not valid. If both attributes are set, they must be the same value.");
        }
    }

    private static void Options(Draft draft, Subnet subnet)
    {
        if (subnet.DnsNameservers.Count > MaxNameservers)
        {
            draft.Reject(new Rejection(RejectionKind.Invalid, "DNSNameServersExhausted", "dns_nameservers",
                $"Unable to complete operation for {subnet.Id}. The number of DNS nameservers exceeds the limit {MaxNameservers}."));
        }

        if (subnet.DnsNameservers.Distinct().Count() < subnet.DnsNameservers.Count)
        {
            draft.Reject(Rejection.BadValue("dns_nameservers", "Duplicate nameserver"));
        }

        if (subnet.HostRoutes.Count > MaxHostRoutes)
        {
            draft.Reject(new Rejection(RejectionKind.Invalid, "HostRoutesExhausted", "host_routes",
                $"Unable to complete operation for {subnet.Id}. The number of host routes exceeds the limit {MaxHostRoutes}."));
        }

        if (subnet.HostRoutes.Distinct().Count() < subnet.HostRoutes.Count)
        {
            draft.Reject(Rejection.BadValue("host_routes", "Duplicate hostroute"));
        }

        foreach (var route in subnet.HostRoutes)
        {
            if (route.Destination.Address.IsV6 != subnet.Cidr.Address.IsV6 || route.NextHop.IsV6 != subnet.Cidr.Address.IsV6)
            {
                Invalid(draft, "host_routes", $"Invalid input for operation: host route '{route.Destination}' by '{route.NextHop}' "
                    + $"does not match the ip_version '{(subnet.Cidr.Address.IsV6 ? 6 : 4)}'.");
            }
        }
    }

    private static void Invalid(Draft draft, string field, string message) => draft.Reject(Rejection.Invalid(field, message));
}

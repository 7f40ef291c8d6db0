using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Core.Rules;

/// <summary>The fixed IPs of a port: what was asked for, checked and filled up.</summary>
internal static class PortAddresses
{
    /// <summary>One address of each family the network has, and every address that hosts form by themselves.</summary>
    public static ValueList<FixedIp> Default(Draft draft, Network network, MacAddress mac)
    {
        var subnets = draft.Topology.SubnetsOf(network.Id).InOrder().ToList();
        var automatic = subnets.Where(AddressAllocation.IsAutomatic).ToList();
        var chosen = new List<FixedIp>();
        foreach (var family in subnets.Where(subnet => !AddressAllocation.IsAutomatic(subnet)).GroupBy(subnet => subnet.Cidr.Address.IsV6))
        {
            if (FirstWithFree(draft, family, chosen) is { } fixedIp)
            {
                chosen.Add(fixedIp);
            }
            else
            {
                draft.Reject(Exhausted(network));
            }
        }

        chosen.AddRange(automatic.Select(subnet => Automatic(subnet, mac)));
        RefuseTaken(draft, network, chosen.Where(fixedIp => fixedIp.Address.IsV6), []);
        return chosen.ToValueList();
    }

    /// <summary>
    /// What was asked for, in its order; addresses that the port has already stay its own. Explicit addresses are claimed before free
    /// ones are looked for.
    /// </summary>
    public static ValueList<FixedIp> Resolve(
        Draft draft, Network network, ValueList<FixedIpRequest> asked, MacAddress mac, ValueList<FixedIp> present, bool isRouter)
    {
        var resolved = new FixedIp?[asked.Count];
        for (var i = 0; i < asked.Count; i++)
        {
            if (asked[i].Address is { } address)
            {
                resolved[i] = Explicit(draft, network, asked[i].SubnetId, address, present, mac, isRouter);
            }
        }

        for (var i = 0; i < asked.Count && !draft.IsRefused; i++)
        {
            if (asked[i].Address is null)
            {
                resolved[i] = FromSubnet(draft, network, asked[i].SubnetId, present, mac, isRouter, resolved);
            }
        }

        RefuseTwice(draft, resolved);
        return resolved.OfType<FixedIp>().ToValueList();
    }

    /// <summary>The port's addresses once it has that MAC: those that hosts form by themselves follow it.</summary>
    public static ValueList<FixedIp> WithMac(Draft draft, Port port, MacAddress mac) => mac == port.Mac ? port.FixedIps
        : port.FixedIps.Select(fixedIp => draft.Topology.Subnets[fixedIp.SubnetId] is var subnet && AddressAllocation.IsAutomatic(subnet)
            ? Automatic(subnet, mac)
            : fixedIp).ToValueList();

    /// <summary>Hosts on the network form an address in the new subnet: their ports must hold it.</summary>
    public static void AddAutomatic(Draft draft, Subnet subnet)
    {
        if (!AddressAllocation.IsAutomatic(subnet))
        {
            return;
        }

        foreach (var port in draft.Topology.PortsOf(subnet.NetworkId).Where(port => !DeviceOwner.IsHelper(port.DeviceOwner)).ToList())
        {
            draft.Put(port with { FixedIps = [.. port.FixedIps, Automatic(subnet, port.Mac)] });
        }
    }

    /// <summary>Whether the subnet's removal may take the port's address away.</summary>
    public static bool GoesWithSubnet(Port port, Subnet subnet) => port.DeviceOwner == DeviceOwner.Dhcp
        || (AddressAllocation.IsAutomatic(subnet) && !DeviceOwner.IsHelper(port.DeviceOwner));

    public static Rejection Exhausted(Network network) => Rejection.Conflict("IpAddressGenerationFailure",
        $"No more IP addresses available on network {network.Id}.");

    private static FixedIp Automatic(Subnet subnet, MacAddress mac) => new(subnet.Id, AddressAllocation.Eui64(subnet.Cidr, mac));

    private static FixedIp? FirstWithFree(Draft draft, IEnumerable<Subnet> subnets, IEnumerable<FixedIp> chosen)
    {
        foreach (var subnet in subnets)
        {
            if (AddressAllocation.FirstFree(draft.Topology, subnet, chosen.Select(fixedIp => fixedIp.Address)) is { } free)
            {
                return new FixedIp(subnet.Id, free);
            }
        }

        return null;
    }

    private static FixedIp? Explicit(
        Draft draft, Network network, Id<Subnet>? subnetId, IpAddress address, ValueList<FixedIp> present, MacAddress mac, bool isRouter)
    {
        var subnet = subnetId is { } id
            ? SubnetOf(draft, network, id)
            : draft.Topology.SubnetsOf(network.Id).FirstOrDefault(subnet => SubnetDefaults.IsHost(subnet.Cidr, address));
        if (subnet is null)
        {
            if (subnetId is null)
            {
                draft.Reject(new Rejection(RejectionKind.Invalid, "InvalidIpForNetwork", "fixed_ips",
                    $"IP address {address} is not a valid IP for any of the subnets on the specified network."));
            }

            return null;
        }

        var fixedIp = new FixedIp(subnet.Id, address);
        if (present.Contains(fixedIp))
        {
            return fixedIp;
        }

        if (!SubnetDefaults.IsHost(subnet.Cidr, address))
        {
            draft.Reject(new Rejection(RejectionKind.Invalid, "InvalidIpForSubnet", "fixed_ips",
                $"IP address {address} is not a valid IP for the specified subnet."));
        }
        else if (AddressAllocation.IsAutomatic(subnet) && !isRouter && address != AddressAllocation.Eui64(subnet.Cidr, mac))
        {
            draft.Reject(new Rejection(RejectionKind.Invalid, "AllocationOnAutoAddressSubnet", "fixed_ips",
                $"IPv6 address {address} cannot be directly assigned to a port on subnet {subnet.Id} as the subnet is configured for "
                + "automatic addresses"));
        }
        else
        {
            RefuseTaken(draft, network, [fixedIp], present);
        }

        return fixedIp;
    }

    private static FixedIp? FromSubnet(Draft draft, Network network, Id<Subnet>? subnetId, ValueList<FixedIp> present, MacAddress mac,
        bool isRouter, IEnumerable<FixedIp?> chosen)
    {
        if (subnetId is not { } id)
        {
            draft.Reject(Rejection.Invalid("fixed_ips", "Invalid input for operation: IP allocation requires subnet_id or ip_address."));
            return null;
        }

        if (SubnetOf(draft, network, id) is not { } subnet)
        {
            return null;
        }

        var others = chosen.OfType<FixedIp>().ToList();
        if (present.FirstOrDefault(fixedIp => fixedIp.SubnetId == id && !others.Contains(fixedIp)) is { } kept)
        {
            return kept;
        }

        if (AddressAllocation.IsAutomatic(subnet) && !isRouter)
        {
            var automatic = Automatic(subnet, mac);
            RefuseTaken(draft, network, [automatic], present);
            return automatic;
        }

        var free = AddressAllocation.FirstFree(draft.Topology, subnet, others.Select(fixedIp => fixedIp.Address));
        if (free is null)
        {
            draft.Reject(Exhausted(network));
        }

        return free is { } address ? new FixedIp(id, address) : null;
    }

    private static Subnet? SubnetOf(Draft draft, Network network, Id<Subnet> id)
    {
        var subnet = draft.Topology.Subnets.GetValueOrDefault(id);
        if (subnet?.NetworkId == network.Id)
        {
            return subnet;
        }

        draft.Reject(Rejection.Invalid("fixed_ips", $"Invalid input for operation: Failed to create port on network {network.Id}, "
            + $"because fixed_ips included invalid subnet {id}."));
        return null;
    }

    private static void RefuseTaken(Draft draft, Network network, IEnumerable<FixedIp> wanted, ValueList<FixedIp> present)
    {
        foreach (var fixedIp in wanted.Where(fixedIp => !present.Contains(fixedIp)))
        {
            if (draft.Topology.Indexes.PortByAddress.ContainsKey((network.Id, fixedIp.Address)))
            {
                draft.Reject(Rejection.Conflict("IpAddressAlreadyAllocated",
                    $"IP address {fixedIp.Address} already allocated in subnet {fixedIp.SubnetId}"));
            }
        }
    }

    private static void RefuseTwice(Draft draft, IEnumerable<FixedIp?> resolved)
    {
        foreach (var twice in resolved.OfType<FixedIp>().GroupBy(fixedIp => fixedIp.Address).Where(group => group.Count() > 1))
        {
            draft.Reject(Rejection.BadValue("fixed_ips", $"Duplicate IP address '{twice.Key}'"));
        }
    }
}

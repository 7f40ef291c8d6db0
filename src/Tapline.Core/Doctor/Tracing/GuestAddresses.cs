using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Tracing;

/// <summary>Which addresses an instance is meant to have, by what a host keeps of it: DHCP's files, anti-spoofing, neighbours.</summary>
internal static class GuestAddresses
{
    public static IReadOnlyList<IpAddress> Of(World world, string tap, MacAddress? mac, List<string> evidence)
    {
        IEnumerable<(IpAddress Address, string Told)> told =
        [
            .. world.Given.TryGetValue(tap, out var given) ? [(given, "given")] : Array.Empty<(IpAddress, string)>(),
            .. mac is { } known ? world.Clues.ByDhcp[known] : [],
            .. world.Clues.BySets[tap],
            .. world.Clues.ByFlows["qvo" + tap[3..]],
            .. mac is { } spelled ? world.Clues.ByIptables[spelled] : [],
            .. mac is { } asked ? ByNeighbours(world, asked) : [],
        ];
        var found = new List<IpAddress>();
        foreach (var (address, source) in told)
        {
            if (!found.Contains(address) && !address.IsLinkLocal && !address.IsUnspecified)
            {
                found.Add(address);
                evidence.Add($"{address}: {source}");
            }
        }

        return found;
    }

    /// <summary>By Neutron's s-chain of the port, else by libvirt's custom: a TAP has its guest's MAC with fe in front.</summary>
    public static MacAddress? MacOf(World world, string tap, List<string> evidence)
    {
        var chain = "neutron-openvswi-s" + tap[3..13];
        if (world.Clues.MacsByChain[chain].ToList() is [var (mac, told), ..])
        {
            evidence.Add($"{mac}: {told}");
            return mac;
        }

        if (world.Link("", tap) is { Kind: "tun", Mac: var own } && own.Value >> 40 == 0xfe)
        {
            var guest = new MacAddress((own.Value & 0xff_ffff_ffff) | (0xfaUL << 40));
            evidence.Add($"{guest}: as libvirt makes a TAP's {own} of it");
            return guest;
        }

        return null;
    }

    private static IEnumerable<(IpAddress, string)> ByNeighbours(World world, MacAddress mac) =>
        from ns in world.Seen.Namespaces
        from entry in ns.Neighbours
        where entry.Mac == mac && !entry.Address.IsV6 && IsOnLink(ns, entry)
        select (entry.Address, $"neighbour of {entry.Device} in {ns.Name}");

    /// <summary>Entries for what is not there tell of nobody: somebody set them, and no packet asks for them.</summary>
    private static bool IsOnLink(ObservedNamespace ns, ObservedNeighbour entry) =>
        ns.Addresses.Any(own => own.Device == entry.Device && own.Prefix.Contains(entry.Address));
}

using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Tracing;

/// <summary>Which addresses an instance is meant to have, by what a host keeps of it: DHCP's files, anti-spoofing, neighbours.</summary>
internal static class GuestAddresses
{
    public static IReadOnlyList<IpAddress> Of(World world, string tap, MacAddress? mac, List<string> evidence)
    {
        IEnumerable<(IpAddress Address, string Told)> told =
        [
            .. world.Given(tap) is { } given ? [(given, "given")] : Array.Empty<(IpAddress, string)>(),
            .. mac is { } known ? world.Clues.ByDhcp[known] : [],
            .. world.Clues.BySets[tap],
            .. world.Clues.ByFlows["qvo" + tap[3..]],
            .. mac is { } spelled ? world.Clues.ByIptables[spelled] : [],
            .. mac is { } asked ? world.Clues.ByNeighbours[asked] : [],
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
}

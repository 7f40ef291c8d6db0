using System.Text.RegularExpressions;
using Tapline.Core.Doctor.Netfilter;
using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Tracing;

/// <summary>Which addresses an instance is meant to have, by what a host keeps of it: DHCP's files, anti-spoofing, neighbours.</summary>
internal static partial class GuestAddresses
{
    public static IReadOnlyList<IpAddress> Of(World world, string tap, MacAddress? mac, List<string> evidence)
    {
        IEnumerable<(IpAddress Address, string Told)> told =
        [
            .. world.Given.TryGetValue(tap, out var given) ? [(given, "given")] : Array.Empty<(IpAddress, string)>(),
            .. mac is { } known ? ByDhcp(world, known) : [],
            .. BySets(world, tap),
            .. ByFlows(world, "qvo" + tap[3..]),
            .. mac is { } spelled ? ByIptables(world, spelled) : [],
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
        foreach (var line in (world.FindNamespace("")?.Iptables ?? []).SelectMany(dump => dump.Text.Split('\n')).Where(line => line.Contains(chain, StringComparison.Ordinal)))
        {
            if (MacInRule().Match(line) is { Success: true } match && MacAddress.TryParse(match.Groups[1].Value, out var mac))
            {
                evidence.Add($"{mac}: {line.Trim()}");
                return mac;
            }
        }

        if (world.Link("", tap) is { Kind: "tun", Mac: var own } && own.Value >> 40 == 0xfe)
        {
            var guest = new MacAddress((own.Value & 0xff_ffff_ffff) | (0xfaUL << 40));
            evidence.Add($"{guest}: as libvirt makes a TAP's {own} of it");
            return guest;
        }

        return null;
    }

    /// <summary>dnsmasq's hosts (<c>MAC,name,ADDRESS</c>) and leases (<c>expiry MAC ADDRESS name id</c>).</summary>
    private static IEnumerable<(IpAddress, string)> ByDhcp(World world, MacAddress mac) =>
        from process in world.Seen.Processes
        where process.Name == "dnsmasq"
        from file in process.Files
        from line in file.Content.Split('\n')
        where line.Contains(mac.ToString(), StringComparison.OrdinalIgnoreCase)
        from word in line.Split([',', ' '])
        let text = word.Trim('[', ']')
        where IpAddress.TryParse(text, out _)
        select (IpAddress.Parse(text), $"dnsmasq of {process.Namespace}, {file.Name}: {line.Trim()}");

    /// <summary>Sets of nftables with an element <c>tap . mac . address</c>.</summary>
    private static IEnumerable<(IpAddress, string)> BySets(World world, string tap) =>
        from table in world.FindNamespace("") is null ? [] : world.Rules("").Tables
        from set in table.Sets
        where set.Name.Contains("ip4", StringComparison.Ordinal) || set.Name.Contains("v4", StringComparison.Ordinal) || set.Name.Contains("spoof", StringComparison.Ordinal)
            || set.Name.Contains("addr", StringComparison.Ordinal) || set.Name.Contains("ip", StringComparison.Ordinal)
        from element in set.Elements
        where element.Key is Operand.Tuple tuple && tuple.Parts.Count == 3 && tuple.Parts[0] is Operand.Constant { Value.Name: { } name } && name == tap
            && tuple.Parts[2] is Operand.Constant { Value: { Name: null, Number: var number } } && number <= uint.MaxValue && number > 0
        select (new IpAddress(((Operand.Constant)((Operand.Tuple)element.Key).Parts[2]).Value.Number, IsV6: false), $"nft set {table.Family} {table.Name} {set.Name} has it for {tap}");

    /// <summary>ARP's spoof check of Neutron's agent: <c>arp,in_port=qvo…,arp_spa=ADDRESS</c>.</summary>
    private static IEnumerable<(IpAddress, string)> ByFlows(World world, string port) =>
        from bridge in world.Seen.Switch?.Bridges ?? []
        from flow in bridge.Flows
        where flow.Contains(port, StringComparison.Ordinal)
        let match = SenderInFlow().Match(flow)
        where match.Success && IpAddress.TryParse(match.Groups[1].Value, out _)
        select (IpAddress.Parse(match.Groups[1].Value), $"flow of {bridge.Name}: {flow.Trim()}");

    /// <summary>Neutron's s-chains: <c>-s ADDRESS/32 -m mac --mac-source MAC -j RETURN</c>.</summary>
    private static IEnumerable<(IpAddress, string)> ByIptables(World world, MacAddress mac) =>
        from dump in world.FindNamespace("")?.Iptables ?? []
        from line in dump.Text.Split('\n')
        where line.Contains($"--mac-source {mac}", StringComparison.OrdinalIgnoreCase)
        let match = SourceInRule().Match(line)
        where match.Success && IpAddress.TryParse(match.Groups[1].Value, out _)
        select (IpAddress.Parse(match.Groups[1].Value), $"{dump.Program}: {line.Trim()}");

    private static IEnumerable<(IpAddress, string)> ByNeighbours(World world, MacAddress mac) =>
        from ns in world.Seen.Namespaces
        from entry in ns.Neighbours
        where entry.Mac == mac && !entry.Address.IsV6 && IsOnLink(ns, entry)
        select (entry.Address, $"neighbour of {entry.Device} in {ns.Name}");

    /// <summary>Entries for what is not there tell of nobody: somebody set them, and no packet asks for them.</summary>
    private static bool IsOnLink(ObservedNamespace ns, ObservedNeighbour entry) =>
        ns.Addresses.Any(own => own.Device == entry.Device && own.Prefix.Contains(entry.Address));

    [GeneratedRegex("arp_spa=([0-9.]+)[, ]")]
    private static partial Regex SenderInFlow();

    [GeneratedRegex("--mac-source ([0-9A-Fa-f:]{17})")]
    private static partial Regex MacInRule();

    [GeneratedRegex("-s ([0-9.]+)(?:/32)? ")]
    private static partial Regex SourceInRule();
}

using System.Text.RegularExpressions;
using Tapline.Core.Doctor.Netfilter;
using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Tracing;

/// <summary>What a host's files, rules and flows tell of its instances, found once for all of them: a host with 200 has thousands of lines.</summary>
internal sealed partial class GuestClues
{
    private static readonly string[] AddressSets = ["ip", "v4", "spoof", "addr"];

    /// <summary>dnsmasq's hosts (<c>MAC,name,ADDRESS</c>) and leases (<c>expiry MAC ADDRESS name id</c>).</summary>
    public ILookup<MacAddress, (IpAddress Address, string Told)> ByDhcp { get; }

    /// <summary>Neutron's s-chains: <c>-s ADDRESS/32 -m mac --mac-source MAC -j RETURN</c>.</summary>
    public ILookup<MacAddress, (IpAddress Address, string Told)> ByIptables { get; }

    /// <summary>Sets of nftables with an element <c>tap . mac . address</c>, by the TAP.</summary>
    public ILookup<string, (IpAddress Address, string Told)> BySets { get; }

    /// <summary>ARP's spoof check of Neutron's agent, by port: <c>arp,in_port=qvo…,arp_spa=ADDRESS</c>.</summary>
    public ILookup<string, (IpAddress Address, string Told)> ByFlows { get; }

    /// <summary>Whom the host's namespaces have talked to.</summary>
    public ILookup<MacAddress, (IpAddress Address, string Told)> ByNeighbours { get; }

    /// <summary>The MACs of Neutron's s-chains, by the chain's name.</summary>
    public ILookup<string, (MacAddress Mac, string Told)> MacsByChain { get; }

    public GuestClues(World world)
    {
        var sources = (from dump in world.FindNamespace("")?.Iptables ?? []
                       from line in dump.Text.Split('\n')
                       let rule = SourceMac().Match(line)
                       where rule.Success && MacAddress.TryParse(rule.Groups["mac"].Value, out _)
                       select (Mac: MacAddress.Parse(rule.Groups["mac"].Value), Chain: rule.Groups["chain"].Value, dump.Program, Line: line.Trim())).ToList();
        ByDhcp = (from process in world.Seen.Processes
                  where process.Name == "dnsmasq"
                  from file in process.Files
                  from line in file.Content.Split('\n')
                  let words = line.Split([',', ' '])
                  from mac in words.Where(word => MacAddress.TryParse(word, out _))
                  from word in words
                  let text = word.Trim('[', ']')
                  where IpAddress.TryParse(text, out _)
                  select (Mac: MacAddress.Parse(mac), Clue: (IpAddress.Parse(text), $"dnsmasq of {process.Namespace}, {file.Name}: {line.Trim()}")))
            .ToLookup(one => one.Mac, one => one.Clue);
        ByIptables = (from source in sources
                      let address = SourceAddress().Match(source.Line)
                      where address.Success && IpAddress.TryParse(address.Groups[1].Value, out _)
                      select (source.Mac, Clue: (IpAddress.Parse(address.Groups[1].Value), $"{source.Program}: {source.Line}")))
            .ToLookup(one => one.Mac, one => one.Clue);
        MacsByChain = sources.ToLookup(source => source.Chain, source => (source.Mac, source.Line), StringComparer.Ordinal);
        BySets = (from table in world.FindNamespace("") is null ? [] : world.Rules("").Tables
                  from set in table.Sets
                  where AddressSets.Any(part => set.Name.Contains(part, StringComparison.Ordinal))
                  from element in set.Elements
                  let claim = ClaimOf(element.Key)
                  where claim is not null
                  select (claim.Value.Tap, Clue: (claim.Value.Address, $"nft set {table.Family} {table.Name} {set.Name} has it for {claim.Value.Tap}")))
            .ToLookup(one => one.Tap, one => one.Clue, StringComparer.Ordinal);
        ByFlows = (from bridge in world.Seen.Switch?.Bridges ?? []
                   from flow in bridge.Flows
                   let check = ArpSource().Match(flow)
                   where check.Success && IpAddress.TryParse(check.Groups["address"].Value, out _)
                   select (Port: check.Groups["port"].Value, Clue: (IpAddress.Parse(check.Groups["address"].Value), $"flow of {bridge.Name}: {flow.Trim()}")))
            .ToLookup(one => one.Port, one => one.Clue, StringComparer.Ordinal);
        ByNeighbours = (from ns in world.Seen.Namespaces
                        from entry in ns.Neighbours
                        where entry.Mac is not null && !entry.Address.IsV6 && IsOnLink(ns, entry)
                        select (Mac: entry.Mac ?? default, Clue: (entry.Address, $"neighbour of {entry.Device} in {ns.Name}")))
            .ToLookup(one => one.Mac, one => one.Clue);
    }

    /// <summary>Entries for what is not there tell of nobody: somebody set them, and no packet asks for them.</summary>
    private static bool IsOnLink(ObservedNamespace ns, ObservedNeighbour entry) =>
        ns.Addresses.Any(own => own.Device == entry.Device && own.Prefix.Contains(entry.Address));

    private static (string Tap, IpAddress Address)? ClaimOf(Operand key) =>
        key is Operand.Tuple { Parts: [Operand.Constant { Value.Name: { } tap }, _, Operand.Constant { Value: { Name: null, Number: var number } }] }
            && number <= uint.MaxValue && number > 0
            ? (tap, new IpAddress(number, IsV6: false))
            : null;

    [GeneratedRegex("in_port=\"?(?<port>[^\", ]+).*arp_spa=(?<address>[0-9.]+)[, ]")]
    private static partial Regex ArpSource();

    [GeneratedRegex("-A (?<chain>\\S+) .*--mac-source (?<mac>[0-9A-Fa-f:]{17})")]
    private static partial Regex SourceMac();

    [GeneratedRegex("-s ([0-9.]+)(?:/32)? ")]
    private static partial Regex SourceAddress();
}

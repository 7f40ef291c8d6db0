using System.Globalization;
using Tapline.Core.Host;
using Tapline.Core.Model;
using Tapline.Core.Primitives;

namespace Tapline.Core.Planning;

/// <summary>
/// What an instance may send at all: an allow-list of untagged IPv4, IPv6 and ARP with its own MAC and addresses. The rules are fixed;
/// a VIF is an element of their sets.
/// </summary>
internal static class AntiSpoofingPlanner
{
    private const string Family = "bridge";
    private const string Owner = "host";

    public static IEnumerable<HostItem> Plan(HostView view)
    {
        var up = view.Vifs.Where(port => port.AdminStateUp).ToList();
        var secured = up.Where(port => port.PortSecurityEnabled).ToList();
        var claims = secured.Select(port => (Port: port, Own: Claims(port).ToList())).ToList();
        yield return NftText.Set(Family, "open", Owner, "set { type ifname; }",
            up.Where(port => !port.PortSecurityEnabled).Select(port => NftText.Quote(Names.Tap(port.Id))));
        yield return NftText.Set(Family, "macs", Owner, "set { type ifname . ether_addr; }", claims.SelectMany(port => port.Own.Select(claim => claim.Sender)));
        yield return NftText.Set(Family, "addresses4", Owner, "set { type ifname . ether_addr . ipv4_addr; flags interval; }", Elements(claims, isV6: false));
        yield return NftText.Set(Family, "addresses6", Owner, "set { type ifname . ether_addr . ipv6_addr; flags interval; }", Elements(claims, isV6: true));
        yield return new HostItem.NftVerdictMap(Family, "advertise", "map { type ifname : verdict; }",
            NftText.Sorted(secured.Select(port => $"{NftText.Quote(Names.Tap(port.Id))} : goto na-{port.Id.Short}")))
        { Owner = Owner };
        yield return NftText.Chain(Family, "arp-from-tap", Owner, "",
        [
            "arp operation != { request, reply } counter drop",
            "iifname . arp saddr ether != @macs counter drop",
            "arp saddr ip 0.0.0.0 accept", // address conflict detection, RFC 5227
            "iifname . arp saddr ether . arp saddr ip @addresses4 accept",
            "counter drop",
        ]);
        yield return NftText.Chain(Family, "ip6-from-tap", Owner, "",
        [
            "icmpv6 type { nd-router-advert, nd-redirect } counter drop",
            "udp sport 547 counter drop", // no DHCPv6 server
            "ip6 saddr :: icmpv6 type { nd-neighbor-solicit, nd-router-solicit, mld-listener-report, mld2-listener-report } accept",
            "iifname . ether saddr . ip6 saddr != @addresses6 counter drop",
            "icmpv6 type != nd-neighbor-advert accept",
            "iifname vmap @advertise",
            "counter drop",
        ], level: 3);
        yield return NftText.Chain(Family, "from-tap", Owner, "",
        [
            "iifname @open return",
            "iifname . ether saddr != @macs counter drop",
            "ether type arp goto arp-from-tap",
            "ether type ip6 goto ip6-from-tap",
            "ether type != ip counter drop", // tagged frames too, whatever their VLAN id: they would never meet the inet table
            "udp sport 67 counter drop", // no DHCP server
            "ip saddr 0.0.0.0 ip daddr 255.255.255.255 udp sport 68 udp dport 67 accept",
            "iifname . ether saddr . ip saddr @addresses4 accept",
            "counter drop",
        ], level: 4);
        foreach (var (port, own) in claims)
        {
            yield return Advertisements(port, own);
        }
    }

    /// <summary>A neighbour advertisement for an address that is not the port's is IPv6's ARP spoofing.</summary>
    private static HostItem.NftChain Advertisements(Port port, IEnumerable<Claim> claims)
    {
        // nft 1.0.6 does not know icmpv6 taddr: the target by its offset.
        var targets = claims.Where(claim => claim.Prefix.Address.IsV6).Select(claim => claim.Prefix).Distinct().Order();
        return NftText.Chain(Family, $"na-{port.Id.Short}", port.Key.ToString(), "",
            [.. targets.Select(target => $"@th,64,{Math.Max(target.Length, 1)} {Hex(target)} accept"), "counter drop"]);
    }

    private static string Hex(IpPrefix prefix)
    {
        var length = Math.Max(prefix.Length, 1);
        return "0x" + (prefix.First.Bits >> (128 - length)).ToString("x", CultureInfo.InvariantCulture);
    }

    private static IEnumerable<string> Elements(List<(Port Port, List<Claim> Own)> claims, bool isV6) =>
        from port in claims
        from claim in port.Own
        where claim.Prefix.Address.IsV6 == isV6 && !port.Own.Any(claim.IsWithin)
        select $"{claim.Sender} . {AddressText(claim.Prefix)}";

    /// <summary>As nft prints it: no length behind a single address.</summary>
    internal static string AddressText(IpPrefix prefix) =>
        prefix.Length == prefix.Address.Width ? prefix.Address.ToString() : prefix.Network.ToString();

    private static IEnumerable<Claim> Claims(Port port)
    {
        var tap = NftText.Quote(Names.Tap(port.Id));
        var sender = $"{tap} . {port.Mac}";
        yield return new Claim(sender, port.Mac, IpPrefix.Host(port.Mac.LinkLocal()));
        foreach (var fixedIp in port.FixedIps)
        {
            yield return new Claim(sender, port.Mac, IpPrefix.Host(fixedIp.Address));
        }

        foreach (var pair in port.AllowedAddressPairs)
        {
            var mac = pair.Mac ?? port.Mac;
            yield return new Claim($"{tap} . {mac}", mac, pair.Prefix.Network);
        }
    }

    /// <summary>What a VIF (with its MAC, in nft's words: the sender) may call itself.</summary>
    private sealed record Claim(string Sender, MacAddress Mac, IpPrefix Prefix)
    {
        /// <summary>Whether another claim of the port has it already: an interval set refuses elements that overlap.</summary>
        public bool IsWithin(Claim other) => other.Mac == Mac && other.Prefix.Length < Prefix.Length && other.Prefix.Contains(Prefix.Address);
    }
}

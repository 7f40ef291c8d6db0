using Tapline.Core.Host;

namespace Tapline.Core.Planning;

/// <summary>
/// Security groups on the qbr bridges. A <c>bridge</c> table tells direction and stops spoofing, an <c>inet</c> table (reached through
/// br_netfilter) judges statefully, each VIF in a conntrack zone of its own. Everything ends in a drop: a VIF without rules is closed.
/// </summary>
public static class FirewallPlanner
{
    /// <summary>Set on frames that come from an instance; cleared on every other, since a veth hop keeps it.</summary>
    public const string FromInstance = "0x40000000";

    public const string Dispatch = "dispatch";

    /// <summary>The map from a VIF's bridge to its conntrack zone.</summary>
    public const string Zones = "zones";

    /// <summary>From the hook to each VIF's own rules; a VIF without any is closed.</summary>
    internal static readonly HostItem.NftChain Forward = NftText.Chain("inet", "forward", Owner, "type filter hook forward priority 0; policy accept;",
        [$"iifname vmap @{Dispatch}", "iifname \"qbr*\" counter drop"]);

    private const string Owner = "host";
    private const string NotFromInstance = "0xbfffffff";

    internal static IEnumerable<HostItem> Plan(HostView view) =>
    [
        .. Sysctls(),
        .. AntiSpoofingPlanner.Plan(view),
        .. Base(view),
        .. GroupPlanner.Plan(view),
        .. PortChains.Of(view.Vifs.Where(port => port.AdminStateUp)),
    ];

    private static IEnumerable<HostItem> Sysctls() =>
    [
        new HostItem.Sysctl("", "net/bridge/bridge-nf-call-iptables", "1") { Owner = Owner },
        new HostItem.Sysctl("", "net/bridge/bridge-nf-call-ip6tables", "1") { Owner = Owner },
    ];

    private static IEnumerable<HostItem> Base(HostView view)
    {
        var up = view.Vifs.Where(port => port.AdminStateUp).ToList();
        yield return NftText.Chain("bridge", "forward", Owner, "type filter hook forward priority -10; policy accept;",
        [
            $"iifname \"qvb*\" meta mark set meta mark & {NotFromInstance}",
            $"iifname \"tap*\" meta mark set meta mark | {FromInstance}",
            "iifname \"tap*\" jump from-tap",
        ]);

        // Frames for the bridge itself do not pass the forward hook: they climb into the host. Other hosts' frames are seen here
        // only while a capture has made the bridge promiscuous; IP ignores them, and dropping them would blind the capture.
        yield return NftText.Chain("bridge", "input", Owner, "type filter hook input priority -10; policy accept;",
            ["iifname { \"tap*\", \"qvb*\" } meta pkttype != other counter drop"]);

        yield return NftText.Set("inet", Zones, Owner, "map { typeof iifname : ct zone; }",
            up.Select(port => $"{NftText.Quote(Names.Qbr(port.Id))} : {view.Ids.Zones.GetValueOrDefault(port.Id)}"));
        yield return new HostItem.NftVerdictMap("inet", Dispatch, "map { type ifname : verdict; }",
            NftText.Sorted(up.Select(port => $"{NftText.Quote(Names.Qbr(port.Id))} : goto {PortChains.Name(port.Id)}")))
        { Owner = Owner };

        // Before conntrack defragments (-400), or fragments of two tenants are put together.
        yield return NftText.Chain("inet", "prerouting", Owner, "type filter hook prerouting priority -450; policy accept;",
            [.. HostCopies(view), "ct zone set iifname map @zones"]);
        yield return Forward;
        // br_netfilter runs the host's address translation on bridged frames too, and others masquerade whole private ranges (Docker,
        // libvirt). The first chain that translates decides: ours come before theirs and leave the addresses as they are.
        yield return NftText.Chain("inet", "keep-destination", Owner, "type nat hook prerouting priority -110; policy accept;",
            ["iifname \"qbr*\" dnat ip to ip daddr", "iifname \"qbr*\" dnat ip6 to ip6 daddr"]);
        yield return NftText.Chain("inet", "keep-source", Owner, "type nat hook postrouting priority 90; policy accept;",
            ["oifname \"qbr*\" snat ip to ip saddr", "oifname \"qbr*\" snat ip6 to ip6 saddr"]);
        if (view.Sticky.IsUserspace)
        {
            yield return NftText.Chain("arp", "input", Owner, "type filter hook input priority 0; policy accept;", [.. HostCopies(view)]);
        }
    }

    /// <summary>Open vSwitch's userspace datapath reads by AF_PACKET, which is a copy: without this the host's stack serves the frame too.</summary>
    private static IEnumerable<string> HostCopies(HostView view)
    {
        if (view.Sticky.IsUserspace)
        {
            var nics = view.Host.BridgeMappings.Select(mapping => mapping.Nic).OfType<string>().Select(NftText.Quote);
            yield return $"iifname {{ {string.Join(", ", ["\"qvo*\"", "\"oqr-*\"", "\"oqg-*\"", "\"odh-*\"", .. nics])} }} counter drop";
        }
    }
}

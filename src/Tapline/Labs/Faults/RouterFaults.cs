namespace Tapline.Labs.Faults;

/// <summary>What goes wrong in a router's namespace.</summary>
internal static class RouterFaults
{
    private const string Elsewhere =
        "ip -n {router} link add other type veth peer name other0; ip -n {router} link set other up; ip -n {router} link set other0 up; "
        + "ip -n {router} route add {far}/32 dev other";

    private const string In = "ip netns exec {router}";
    private const string DropForeign = $"{In} nft delete table ip other 2> /dev/null || true";

    public static IReadOnlyList<Fault> All { get; } =
    [
        new() { Id = "r1-forwarding-off", Title = "the router does not forward", Needs = Fault.Router, Codes = "router.forwarding-off",
            Inject = $"{In} sysctl -qw net.ipv4.ip_forward=0" },
        new() { Id = "r2-device-forwarding-off", Title = "the router does not forward what comes in by one device", Needs = Fault.Router, Codes = "router.forwarding-off",
            Inject = $"{In} sysctl -qw net.ipv4.conf.{{qr}}.forwarding=0", Undo = $"{In} sysctl -qw net.ipv4.conf.{{qr}}.forwarding=1" },
        new() { Id = "r3-strict-source-check", Title = "strict source check, and the way back leads elsewhere", Needs = Fault.FloatingIp,
            Codes = "router.rp-filter route.elsewhere",
            Inject = $"{Elsewhere}; {In} sysctl -qw net.ipv4.conf.{{qg}}.rp_filter=1",
            Undo = $"ip -n {{router}} link del other 2> /dev/null; {In} sysctl -qw net.ipv4.conf.{{qg}}.rp_filter=0" },
        new() { Id = "r4-way-back-elsewhere", Title = "the reply leaves the router by the wrong device", Needs = Fault.Router, Codes = "route.elsewhere",
            Inject = Elsewhere, Undo = "ip -n {router} link del other 2> /dev/null || true" },
        new() { Id = "r5-masquerade-gone", Title = "no source translation", Needs = Fault.Router, Codes = "router.no-source-nat",
            Inject = $"{In} nft flush chain ip tapline postrouting" },
        new() { Id = "r5-foreign-source", Title = "a foreign rule translates the source to an address that is nobody's", Needs = Fault.Router,
            Codes = "router.wrong-source-nat",
            Inject = $"{In} nft 'table ip other {{ chain post {{ type nat hook postrouting priority 90; oifname \"{{qg}}\" snat to 192.0.2.9; }}; }}'",
            Undo = DropForeign },
        new() { Id = "s15-translation-gone-under-a-ping", Title = "no source translation, and a ping that runs already goes on", Needs = Fault.Router,
            Codes = "router.no-source-nat", Also = "conntrack.stale",
            Inject = $"{RunningPing.Start} {In} nft flush chain ip tapline postrouting",
            Undo = RunningPing.End },
        new() { Id = "r7-destination-nat-gone", Title = "no destination translation: the router answers for the floating IP", Needs = Fault.FloatingIp,
            Codes = "router.no-destination-nat",
            Inject = $"{In} nft flush chain ip tapline prerouting" },
        new() { Id = "r7-foreign-redirect", Title = "a foreign rule keeps what is for the floating IP in the router", Needs = Fault.FloatingIp,
            Codes = "router.no-destination-nat",
            Inject = $"{In} nft 'table ip other {{ chain pre {{ type nat hook prerouting priority -110; ip daddr {{floating}} redirect; }}; }}'",
            Undo = DropForeign },
        new() { Id = "r10-default-route-gone", Title = "the router has no default route", Needs = Fault.Router, Codes = "route.missing",
            Inject = "ip -n {router} route del default" },
        new() { Id = "r10-foreign-route", Title = "a foreign route of the router refuses the address", Needs = Fault.Router, Codes = "route.refuses",
            Inject = "ip -n {router} route add unreachable {far}/32", Undo = "ip -n {router} route del unreachable {far}/32 2> /dev/null || true" },
        new() { Id = "r12-foreign-arp-rule", Title = "a foreign rule drops what answers the router's ARP", Needs = Fault.Router, Codes = "firewall.rule arp.reply-lost",
            Inject = $"{In} nft 'table arp other {{ chain input {{ type filter hook input priority 0; iifname \"{{qg}}\" drop; }}; }}'; ip -n {{router}} neigh flush dev {{qg}}",
            Undo = $"{In} nft delete table arp other 2> /dev/null || true" },
        new() { Id = "r12-gateway-silent", Title = "the router's gateway is an address that keeps silent", Needs = Fault.Router,
            Codes = "arp.unanswered neighbour.silent gateway.wrong",
            Inject = "ip -n {router} route replace default via {silent}",
            Undo = "ip -n {router} route del default via {silent} 2> /dev/null || true" },
        new() { Id = "r13-leg-down", Title = "the router's inner leg is down", Needs = Fault.Router, Codes = "link.down",
            Inject = "ip -n {router} link set {qr} down" },
        new() { Id = "r13-address-gone", Title = "the router's inner leg has lost its address", Needs = Fault.Router, Codes = "address.missing",
            Inject = "ip -n {router} addr del {gateway}/{length} dev {qr}" },
        new() { Id = "r15-foreign-policy", Title = "a foreign chain in the router drops by its policy", Needs = Fault.Router, Codes = "firewall.policy",
            Inject = $"{In} nft 'table ip other {{ chain forward {{ type filter hook forward priority 10; policy drop; }}; }}'",
            Undo = DropForeign },
        new() { Id = "r15-foreign-rule", Title = "a foreign rule in the router drops", Needs = Fault.Router, Codes = "firewall.rule",
            Inject = $"{In} nft 'table ip other {{ chain forward {{ type filter hook forward priority 10; ip protocol icmp drop; }}; }}'",
            Undo = DropForeign },
        new() { Id = "r15-own-rule", Title = "a rule that somebody put into Tapline's own chain in the router drops", Needs = Fault.Router, Codes = "firewall.rule",
            Inject = $"{In} nft insert rule ip tapline forward ip protocol icmp drop" },
        new() { Id = "r17-neighbour-wrong", Title = "the router believes a wrong hardware address of the instance", Needs = Fault.Router, Codes = "neighbour.wrong",
            Inject = "ip -n {router} neigh replace {fixed} lladdr fa:16:3e:00:00:77 dev {qr} nud permanent",
            Undo = "ip -n {router} neigh del {fixed} dev {qr} 2> /dev/null || true" },
        new() { Id = "r20-namespace-gone", Title = "the router's namespace is gone, and its legs with it", Needs = Fault.Router,
            Codes = "router.namespace-gone",
            Inject = "ip netns del {router}; ip link del {oqr}; ip link del {oqg}" },
    ];
}

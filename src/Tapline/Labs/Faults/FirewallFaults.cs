namespace Tapline.Labs.Faults;

/// <summary>What goes wrong in the host's firewall.</summary>
internal static class FirewallFaults
{
    private const string DropForeign = "nft delete table inet other 2> /dev/null || true";

    public static IReadOnlyList<Fault> All { get; } =
    [
        new() { Id = "s1-ingress-rules-gone", Title = "the security group lets nothing in any more, behind the agent's back", Needs = Fault.FloatingIp,
            Codes = "security-group.no-ingress-rule security-groups.missing firewall.rule",
            Inject = "nft flush chain inet tapline sgi-{group}" },
        new() { Id = "s1-no-ingress-rule", Title = "no rule of the port's security groups lets ping in", Needs = Fault.FloatingIp, IsInCloud = true,
            Codes = "security-group.no-ingress-rule", Inject = "{closeingress}", Undo = "{openingress}" },
        new() { Id = "s1-foreign-rule", Title = "a foreign rule drops what comes in to the instance", Needs = Fault.FloatingIp, Codes = "firewall.rule",
            Inject = "nft 'table inet other { chain forward { type filter hook forward priority -5; ip daddr {fixed} icmp type echo-request drop; }; }'",
            Undo = DropForeign },
        new() { Id = "s2-egress-rules-gone", Title = "the security group lets nothing out any more, behind the agent's back", Needs = Fault.Router,
            Codes = "security-group.no-egress-rule security-groups.missing firewall.rule",
            Inject = "nft flush chain inet tapline sge-{group}" },
        new() { Id = "s2-no-egress-rule", Title = "no rule of the port's security groups lets ping out", Needs = Fault.Router, IsInCloud = true,
            Codes = "security-group.no-egress-rule", Inject = "{closeegress}", Undo = "{openegress}" },
        new() { Id = "s2-foreign-rule", Title = "a foreign rule drops what the instance sends", Needs = Fault.Router, Codes = "firewall.rule",
            Inject = "nft 'table inet other { chain forward { type filter hook forward priority -5; ip saddr {fixed} icmp type echo-request drop; }; }'",
            Undo = DropForeign },
        new() { Id = "s3-bridge-netfilter-off", Title = "bridged packets do not meet the firewall: security is silently off", Needs = "", Codes = "security-groups.off",
            Inject = "sysctl -qw net.bridge.bridge-nf-call-iptables=0" },
        new() { Id = "s5-flushed-and-dropping", Title = "the firewall is flushed and its policy drops", Needs = Fault.Instance, Codes = "firewall.policy",
            Inject = "nft 'flush chain inet tapline forward; add chain inet tapline forward { policy drop; }'",
            Undo = "nft 'add chain inet tapline forward { policy accept; }'" },
        new() { Id = "s5-dispatch-gone", Title = "nothing leads to the port's rules any more, so the firewall stays closed", Needs = Fault.Instance, Codes = "firewall.rule",
            Inject = "nft delete rule inet tapline forward handle $(nft -a list chain inet tapline forward | sed -n 's/.*vmap @dispatch .*# handle //p')" },
        new() { Id = "s5-foreign-policy", Title = "somebody made FORWARD drop by its policy, as container engines do", Needs = Fault.Instance, Codes = "firewall.policy",
            Inject = "iptables -P FORWARD DROP",
            Undo = "iptables -P FORWARD ACCEPT; nft delete table ip filter 2> /dev/null || true" },
        new() { Id = "s7-foreign-reject", Title = "a foreign rule rejects ahead of the security groups", Needs = Fault.Instance, Codes = "firewall.rule",
            Inject = "iptables -I FORWARD 1 -j REJECT --reject-with icmp-host-prohibited",
            Undo = "iptables -D FORWARD -j REJECT --reject-with icmp-host-prohibited 2> /dev/null; nft delete table ip filter 2> /dev/null || true" },
        new() { Id = "s15-foreign-rule-under-a-ping", Title = "a foreign rule drops new pings alone, and one that runs already goes on", Needs = Fault.Router,
            Codes = "firewall.rule", Also = "conntrack.stale",
            Inject = $"{RunningPing.Start} nft 'table inet other {{ chain forward {{ type filter hook forward priority -5; ct state established accept; ip saddr {{fixed}} icmp type echo-request drop; }}; }}'",
            Undo = $"{RunningPing.End} {DropForeign}" },
        new() { Id = "s7-foreign-bridge-rule", Title = "a foreign rule of the bridge family drops", Needs = Fault.Instance, Codes = "firewall.rule",
            Inject = "nft 'table bridge other { chain forward { type filter hook forward priority 0; ether type ip ip protocol icmp drop; }; }'",
            Undo = "nft delete table bridge other 2> /dev/null || true" },
    ];
}

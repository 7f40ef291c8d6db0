namespace Tapline.Labs.Faults;

/// <summary>What goes wrong with the instance's devices on the host.</summary>
internal static class DeviceFaults
{
    public static IReadOnlyList<Fault> All { get; } =
    [
        new() { Id = "l1-tap-down", Title = "the TAP is down", Needs = Fault.Instance, Codes = "link.down",
            Inject = "ip link set {tap} down" },
        new() { Id = "l1-foreign-rule", Title = "a foreign rule at the TAP itself drops what comes in there", Needs = Fault.Instance, Codes = "firewall.rule",
            Inject = "nft 'table netdev other { chain in { type filter hook ingress device \"{tap}\" priority 0; drop; }; }'",
            Undo = "nft delete table netdev other 2> /dev/null || true" },
        new() { Id = "l2-tap-without-bridge", Title = "the TAP is not in its bridge", Needs = Fault.Instance, Codes = "bridge.port-missing",
            Inject = "ip link set {tap} nomaster" },
        new() { Id = "l2-veth-without-bridge", Title = "the veth is not in the bridge", Needs = Fault.Instance, Codes = "bridge.port-missing",
            Inject = "ip link set {qvb} nomaster" },
        new() { Id = "l5-spanning-tree", Title = "spanning tree holds the TAP's port back", Needs = Fault.Instance, Codes = "bridge.port-blocked",
            Inject = "ip link set {qbr} type bridge stp_state 1 forward_delay 3000; ip link set {tap} nomaster; ip link set {tap} master {qbr}",
            Undo = "ip link set {qbr} type bridge stp_state 0 forward_delay 0" },
        new() { Id = "l10-smaller-mtu", Title = "one device of the segment has a smaller MTU", Needs = Fault.Instance, Codes = "link.mtu",
            Inject = "ip link set {qvb} mtu 1400" },
        new() { Id = "l13-silent-about-size", Title = "the router may not say that packets are too large", Needs = Fault.Router, Codes = "router.mtu router.pmtu-blocked link.mtu",
            Inject = "ip -n {router} link set {qg} mtu 1400; ip netns exec {router} nft 'table ip other { chain output { type filter hook output priority 0; "
                + "icmp type destination-unreachable icmp code frag-needed drop; }; }'",
            Undo = "ip netns exec {router} nft delete table ip other 2> /dev/null || true" },
    ];
}

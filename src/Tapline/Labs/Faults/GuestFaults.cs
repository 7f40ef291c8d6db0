namespace Tapline.Labs.Faults;

/// <summary>What goes wrong inside an instance, or beside it.</summary>
internal static class GuestFaults
{
    private const string Restore = "ip -n {guest} link set eth0 up; ip -n {guest} addr flush dev eth0; ip -n {guest} addr add {fixed}/{length} dev eth0; "
        + "ip -n {guest} route replace default via {gateway}";

    public static IReadOnlyList<Fault> All { get; } =
    [
        new() { Id = "s10-other-address", Title = "the instance uses an address that is not its port's", Needs = Fault.Router, Codes = "port.spoofed guest.wrong-address",
            Inject = "ip -n {guest} addr flush dev eth0; ip -n {guest} addr add {unused}/{length} dev eth0; ip -n {guest} route replace default via {gateway}",
            Undo = Restore },
        new() { Id = "s10-address-forgotten", Title = "anti-spoofing has forgotten the port's address", Needs = Fault.Router, Codes = "port.spoofed",
            Inject = "nft delete element bridge tapline addresses4 '{ {tap} . {mac} . {fixed} }'" },
        new() { Id = "g1-no-address", Title = "the instance has no address", Needs = Fault.Router, Codes = "guest.no-address",
            Inject = "ip -n {guest} addr flush dev eth0", Undo = Restore },
        new() { Id = "g5-wrong-gateway", Title = "the instance has a wrong gateway", Needs = Fault.Router, Codes = "guest.gateway.wrong",
            Inject = "ip -n {guest} route replace default via {unused}", Undo = Restore },
        new() { Id = "g8-nic-down", Title = "the instance's NIC is down", Needs = Fault.Router, Codes = "guest.link.down",
            Inject = "ip -n {guest} link set eth0 down", Undo = Restore },
        new() { Id = "g9-guest-firewall", Title = "the instance's own firewall drops", Needs = Fault.Instance, Codes = "guest.firewall.rule",
            Inject = "ip netns exec {guest} nft 'table ip other { chain input { type filter hook input priority 0; ip protocol icmp drop; }; }'",
            Undo = "ip netns exec {guest} nft delete table ip other 2> /dev/null || true" },
        new() { Id = "g9-foreign-route", Title = "a foreign route inside the instance leads nowhere", Needs = Fault.Router, Codes = "guest.route.refuses",
            Inject = "ip -n {guest} route add blackhole {far}/32", Undo = "ip -n {guest} route del blackhole {far}/32 2> /dev/null || true" },
        new() { Id = "g14-port-disabled", Title = "the port is switched off in the cloud", Needs = Fault.Router, IsInCloud = true, Codes = "port.disabled",
            Inject = "openstack port set --disable {port}", Undo = "openstack port set --enable {port}" },
        new() { Id = "g11-duplicate-address", Title = "a second machine has the instance's address", Needs = Fault.Router, Codes = "address.duplicate",
            Inject = "ip netns add dup; ip link add odup type veth peer name eth0 address fa:16:3e:5a:00:66 netns dup; ip link set odup up; "
                + "ip -n dup link set eth0 up; ip -n dup addr add {fixed}/{length} dev eth0; ip -n dup route add default via {gateway}; "
                + "ovs-vsctl --timeout=5 add-port br-int odup tag=$(ovs-vsctl --timeout=5 get Port {qvo} tag)",
            Undo = "ovs-vsctl --timeout=5 --if-exists del-port br-int odup; ip link del odup 2> /dev/null; ip netns del dup 2> /dev/null || true" },
    ];
}

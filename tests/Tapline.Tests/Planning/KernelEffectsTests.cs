using Tapline.Core.Diff;
using Tapline.Core.Host;
using Tapline.Core.Primitives;

namespace Tapline.Tests.Planning;

/// <summary>What goes with what.</summary>
public sealed class KernelEffectsTests
{
    private static readonly HostItem.Namespace Router = new("qrouter-1") { Owner = "router/1" };
    private static readonly HostItem.Link Near = new() { Name = "oqr-1", Kind = LinkKind.Veth, Peer = new LinkEnd("qrouter-1", "qr-1"), Owner = "port/1" };
    private static readonly HostItem.Link Far = new() { In = "qrouter-1", Name = "qr-1", Kind = LinkKind.Veth, Peer = new LinkEnd("", "oqr-1"), Owner = "port/1" };
    private static readonly HostItem.Link Bridge = new() { Name = "qbr1", Kind = LinkKind.Bridge, Owner = "port/2" };
    private static readonly HostItem.Link Tap = new() { Name = "tap1", Kind = LinkKind.Foreign, Master = "qbr1" };
    private static readonly HostItem[] OnFar =
    [
        new HostItem.Address("qrouter-1", "qr-1", IpPrefix.Parse("10.0.0.1/24")),
        new HostItem.Route("qrouter-1", IpPrefix.Parse("0.0.0.0/0"), IpAddress.Parse("10.0.0.254"), "qr-1"),
        new HostItem.Sysctl("qrouter-1", "net/ipv4/conf/qr-1/rp_filter", "0"),
    ];

    private static readonly HostItem[] Elsewhere =
    [
        new HostItem.Address("qrouter-2", "qr-1", IpPrefix.Parse("10.0.0.1/24")),
        new HostItem.Sysctl("qrouter-1", "net/ipv4/ip_forward", "1"),
        new HostItem.Sysctl("", "net/ipv6/conf/qr-1/disable_ipv6", "1"),
    ];

    private static readonly HostState Host = HostState.Of([Router, Near, Far, Bridge, Tap, .. OnFar, .. Elsewhere]);

    [Fact]
    public void One_end_of_a_patch_cable_takes_the_other_and_what_hangs_on_both()
    {
        var expected = HostState.Of([Router, Bridge, Tap, .. Elsewhere]);

        Assert.Equal(expected.ToString(), Without(Near).ToString());
        Assert.Equal(expected.ToString(), Without(Far).ToString());
    }

    [Fact]
    public void A_namespace_takes_all_that_is_in_it_and_the_far_ends_outside() =>
        Assert.Equal(HostState.Of([Bridge, Tap, Elsewhere[0], Elsewhere[2]]).ToString(), Without(Router).ToString());

    [Fact]
    public void The_ports_of_a_bridge_that_goes_have_no_master() =>
        Assert.Equal("", Assert.IsType<HostItem.Link>(Without(Bridge).Find(Tap.Key)).Master);

    [Fact]
    public void A_switch_takes_its_ports_and_flows()
    {
        var bridge = new HostItem.OvsBridge("br-eth1", "netdev", "secure");
        var other = bridge with { Name = "br-int" };
        var host = HostState.Of([bridge, other, HostItem.FlowTable.Of("br-eth1", []), new HostItem.OvsPort { Name = "eth1", Bridge = "br-eth1" }, new HostItem.OvsPort { Name = "tap1", Bridge = "br-int" }]);

        Assert.Equal("ovs-bridge br-int netdev secure\novs-port tap1 on br-int\n", KernelEffects.After(host, new HostChange(bridge, null)).ToString());
    }

    [Fact]
    public void What_is_put_replaces_what_was_there()
    {
        var changed = Bridge with { Mtu = 1400 };

        Assert.Equal(changed, KernelEffects.After(Host, new HostChange(Bridge, changed)).Find(Bridge.Key));
    }

    [Fact]
    public void A_foreign_link_that_is_set_stays_foreign()
    {
        var wanted = Tap with { Master = "qbr1", Mtu = 1400, Owner = "port/2" };
        var seen = Tap with { Master = "", Mac = MacAddress.Parse("fe:00:00:00:00:01") };

        var after = KernelEffects.After(Host.Put(seen), new HostChange(seen, wanted)).Find(Tap.Key);

        Assert.Equal(seen with { Master = "qbr1", Mtu = 1400 }, after);
    }

    private static HostState Without(HostItem item) => KernelEffects.After(Host, new HostChange(item, null));
}

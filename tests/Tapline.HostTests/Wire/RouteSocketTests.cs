using System.Net;
using Tapline.Wire.Netlink;

namespace Tapline.HostTests.Wire;

public sealed class RouteSocketTests : IDisposable
{
    private readonly ScratchNamespace _scratch = new();
    private readonly RouteSocket _route;

    public RouteSocketTests() => _route = RouteSocket.Open(_scratch.Namespace);

    public void Dispose()
    {
        _route.Dispose();
        _scratch.Dispose();
    }

    [Fact]
    public void A_veth_peer_is_born_in_the_other_namespace()
    {
        using var other = new ScratchNamespace();
        using var there = RouteSocket.Open(other.Namespace);
        byte[] mac = [2, 0, 0, 0, 0, 1];
        byte[] peerMac = [2, 0, 0, 0, 0, 2];

        _route.AddVeth("near", "far", other.Namespace, mac, peerMac, 1450, 1400, group: 7);

        var near = _route.Link("near");
        var far = there.Link("far");
        Assert.NotNull(near);
        Assert.NotNull(far);
        Assert.Null(_route.Link("far"));
        Assert.Equal((7u, 7u), (near.Group, far.Group));
        Assert.Equal("veth", near.Kind);
        Assert.Equal(mac, near.Mac);
        Assert.Equal(peerMac, far.Mac);
        Assert.Equal((1450, far.Index), (near.Mtu, near.PeerIndex));
        Assert.Equal((1400, near.Index), (far.Mtu, far.PeerIndex));
        Assert.NotNull(near.LinkNetNsId);
        Assert.False(near.Up);
    }

    [Fact]
    public void A_bridge_learns_nothing_and_takes_ports()
    {
        _route.AddBridge("br0", 1400);
        _route.AddVeth("a", "b", null, null, null, 1500, 1500);
        _route.SetLink("a", new LinkChange { Up = true, Master = "br0", Alias = "one end" });
        _route.SetLink("b", new LinkChange { Up = true, Rename = "bb", Mtu = 1300, Mac = [2, 0, 0, 0, 0, 9] });

        var bridge = _route.Link("br0");
        var a = _route.Link("a");
        var b = _route.Link("bb");
        Assert.Equal(("bridge", 1400), (bridge?.Kind, bridge?.Mtu));
        Assert.Equal((bridge?.Index, "one end", true, true), (a?.MasterIndex, a?.Alias, a?.Up, a?.Carrier));
        Assert.Null(a?.LinkNetNsId);
        Assert.Equal(1300, b?.Mtu);
        Assert.Equal([2, 0, 0, 0, 0, 9], b?.Mac);
        Assert.Equal("0", _scratch.Namespace.Run(() => ReadBridge("ageing_time")));
        Assert.Equal("0", _scratch.Namespace.Run(() => ReadBridge("forward_delay")));
        Assert.Equal("0", _scratch.Namespace.Run(() => ReadBridge("multicast_snooping")));

        _route.SetLink("a", new LinkChange { Master = "", Alias = "" });

        Assert.Equal((0, null), (_route.Link("a")?.MasterIndex, _route.Link("a")?.Alias));
    }

    [Fact]
    public void A_link_moves_to_another_namespace()
    {
        using var other = new ScratchNamespace();
        using var there = RouteSocket.Open(other.Namespace);
        _route.AddVeth("a", "b", null, null, null, 1500, 1500);

        _route.SetLink("b", new LinkChange { NetNsFd = other.Namespace.Descriptor });

        Assert.Null(_route.Link("b"));
        Assert.NotNull(there.Link("b"));
    }

    [Fact]
    public void Many_links_go_at_once_and_others_stay()
    {
        for (var i = 0; i < 20; i++)
        {
            _route.AddVeth($"v{i}", $"w{i}", null, null, null, 1500, 1500);
        }

        _route.DeleteLinks(Enumerable.Range(0, 19).Select(i => $"v{i}").Append("absent").Append("w3"));

        Assert.Equal(["lo", "v19", "w19"], _route.Links().Select(link => link.Name).Where(name => name == "lo" || name[0] is 'v' or 'w').Order());
        Assert.Throws<NetlinkException>(() => _route.DeleteLinks(["lo", "v19"]));
        Assert.NotNull(_route.Link("v19"));
        _route.DeleteLinks(["v19"]);
        Assert.Null(_route.Link("w19"));
        _route.DeleteLinks([]);
        _route.DeleteLinks(["absent"]);
    }

    [Fact]
    public void A_refusal_says_what_was_tried_and_why()
    {
        _route.AddBridge("br0", 1500);

        var twice = Assert.Throws<NetlinkException>(() => _route.AddBridge("br0", 1500));
        var absent = Assert.Throws<NetlinkException>(() => _route.DeleteLink("nothing"));
        var nonsense = Assert.Throws<NetlinkException>(() => _route.SetLink("br0", new LinkChange { Mtu = 10 }));

        Assert.True(twice.IsExisting);
        Assert.StartsWith("add bridge br0: File exists", twice.Message, StringComparison.Ordinal);
        Assert.True(absent.IsAbsent);
        Assert.NotNull(nonsense.KernelText);
    }

    [Fact]
    public void Addresses_are_added_twice_without_harm_and_deleted()
    {
        _route.AddVeth("a", "b", null, null, null, 1500, 1500);
        var v4 = IPAddress.Parse("192.0.2.5");
        var v6 = IPAddress.Parse("2001:db8::5");

        _route.AddAddress("a", v4, 24);
        _route.AddAddress("a", v4, 24);
        _route.AddAddress("a", v6, 64);
        var index = _route.Link("a")?.Index;
        var seen = _route.Addresses().Where(a => a.LinkIndex == index).ToList();

        Assert.Contains(seen, a => a.Address.Equals(v4) && a.PrefixLength == 24);
        Assert.Contains(seen, a => a.Address.Equals(v6) && a.PrefixLength == 64);
        _route.DeleteAddress("a", v4, 24);
        Assert.DoesNotContain(_route.Addresses(), a => a.Address.Equals(v4));
        Assert.True(Assert.Throws<NetlinkException>(() => _route.DeleteAddress("a", v4, 24)).IsAbsent);
    }

    [Fact]
    public void Routes_are_replaced_and_deleted()
    {
        Connected();
        var net = IPAddress.Parse("198.51.100.0");

        _route.AddRoute(null, 0, IPAddress.Parse("192.0.2.1"), "a", 200);
        _route.AddRoute(net, 24, IPAddress.Parse("192.0.2.1"), null, 200);
        _route.AddRoute(net, 24, IPAddress.Parse("192.0.2.2"), "a", 200, IPAddress.Parse("192.0.2.5"));
        _route.AddRoute(IPAddress.Parse("203.0.113.7"), 32, IPAddress.Parse("10.9.9.9"), "a", 200, onLink: true);
        _route.AddRoute(IPAddress.Parse("203.0.113.8"), 32, null, "a", 200);
        _route.AddRoute(IPAddress.IPv6Any, 0, IPAddress.Parse("2001:db8::1"), "a", 200);

        var mine = _route.Routes().Where(r => r.Protocol == 200).ToList();
        Assert.Equal(5, mine.Count);
        var replaced = Assert.Single(mine, r => r.Destination.Equals(net));
        Assert.Equal(("192.0.2.2", "192.0.2.5", 24), (replaced.Gateway?.ToString(), replaced.PreferredSource?.ToString(), replaced.PrefixLength));
        Assert.Contains(mine, r => r.Destination.Equals(IPAddress.Any) && r.PrefixLength == 0);
        Assert.Contains(mine, r => r.Destination.Equals(IPAddress.IPv6Any) && r.PrefixLength == 0);

        _route.DeleteRoute(null, 0, IPAddress.Parse("192.0.2.1"));
        _route.DeleteRoute(net, 24);
        _route.DeleteRoute(IPAddress.IPv6Any, 0);

        Assert.Equal(2, _route.Routes().Count(r => r.Protocol == 200));
        Assert.True(Assert.Throws<NetlinkException>(() => _route.DeleteRoute(net, 24)).IsAbsent);
    }

    [Fact]
    public void Neighbours_are_listed_and_forgotten()
    {
        Connected();
        var ghost = IPAddress.Parse("192.0.2.77");
        _scratch.Namespace.Run(() =>
        {
            using var socket = new System.Net.Sockets.UdpClient();
            socket.Send([1], new IPEndPoint(ghost, 9));
        });

        Assert.Contains(_route.Neighbours(), n => n.Address.Equals(ghost) && n.State == NeighbourState.Incomplete);
        _route.FlushNeighbours("a");
        Assert.DoesNotContain(_route.Neighbours(), n => n.Address.Equals(ghost));
    }

    private void Connected()
    {
        _route.AddVeth("a", "b", null, null, null, 1500, 1500);
        _route.SetLink("a", new LinkChange { Up = true });
        _route.SetLink("b", new LinkChange { Up = true });
        _route.AddAddress("a", IPAddress.Parse("192.0.2.5"), 24);
        _route.AddAddress("a", IPAddress.Parse("2001:db8::5"), 64);
    }

    // sysfs shows the namespace it was mounted in, so ask ip(8), which is there wherever these tests can run.
    private static string ReadBridge(string what)
    {
        var start = new System.Diagnostics.ProcessStartInfo("ip", "-d link show br0") { RedirectStandardOutput = true };
        using var process = System.Diagnostics.Process.Start(start) ?? throw new InvalidOperationException("ip did not start");
        var words = process.StandardOutput.ReadToEnd().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        process.WaitForExit();
        var name = what == "multicast_snooping" ? "mcast_snooping" : what;
        var at = Array.IndexOf(words, name);
        return at < 0 ? "absent" : words[at + 1];
    }
}

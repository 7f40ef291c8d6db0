using System.Net;
using Tapline.Wire.Netlink;
using Tapline.Wire.Nftables;

namespace Tapline.HostTests.Wire;

public sealed class MonitorTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Changes_of_links_addresses_and_routes_are_told()
    {
        using var scratch = new ScratchNamespace();
        using var route = RouteSocket.Open(scratch.Namespace);
        using var monitor = RouteMonitor.Open(scratch.Namespace);
        route.AddBridge("br0", 1500);
        route.AddVeth("a", "b", null, null, null, 1500, 1500);
        route.SetLink("a", new LinkChange { Master = "br0" });
        route.SetLink("a", new LinkChange { Master = "" });
        route.SetLink("b", new LinkChange { Up = true });
        route.SetLink("a", new LinkChange { Up = true });
        route.AddAddress("b", IPAddress.Parse("192.0.2.1"), 24);
        route.AddRoute(IPAddress.Parse("198.51.100.0"), 24, IPAddress.Parse("192.0.2.9"), "b", 200);
        route.DeleteLink("a");

        var seen = await TakeUntil(monitor.EventsAsync, e => e is { Kind: RouteEventKind.Link, Deleted: true, LinkName: "a" });

        Assert.Contains(seen, e => e is { Kind: RouteEventKind.Link, Deleted: false, LinkName: "br0" });
        Assert.Contains(seen, e => e is { Kind: RouteEventKind.Address, Deleted: false } && e.Address?.PrefixLength == 24);
        Assert.Contains(seen, e => e is { Kind: RouteEventKind.Route, Deleted: false } && e.Route?.Protocol == 200);
        Assert.Single(seen, e => e is { Kind: RouteEventKind.Link, Deleted: true, LinkName: "a" }); // leaving the bridge was no deletion
    }

    [Fact]
    public async Task After_an_overrun_nothing_more_is_lost_in_silence()
    {
        using var scratch = new ScratchNamespace();
        using var route = RouteSocket.Open(scratch.Namespace);
        using var monitor = RouteMonitor.Open(scratch.Namespace);
        route.AddBridge("br0", 1500);
        for (var i = 0; i < 20_000; i++) // more than the largest buffer holds
        {
            route.SetLink("br0", new LinkChange { Up = i % 2 == 0 });
        }

        var seen = await TakeUntil(monitor.EventsAsync, e => e.Kind == RouteEventKind.Overrun);
        route.DeleteLink("br0");

        await TakeUntil(monitor.EventsAsync, e => e is { Kind: RouteEventKind.Link, Deleted: true, LinkName: "br0" });
    }

    [Fact]
    public async Task Changes_of_nftables_are_told_with_who_made_them()
    {
        using var scratch = new ScratchNamespace();
        using var own = NftablesContext.Open(scratch.Namespace);
        using var foreign = NftablesContext.Open(scratch.Namespace);
        using var monitor = NftablesMonitor.Open(scratch.Namespace);
        own.Run("""
            add table inet t
            add chain inet t c
            add rule inet t c accept
            add set inet t s { type ipv4_addr; }
            add element inet t s { 192.0.2.1 }
            """);
        foreign.Run("flush chain inet t c");
        foreign.Run("delete table inet t");

        var seen = await TakeUntil(monitor.EventsAsync, e => e is { Kind: NftablesEventKind.Table, Deleted: true });

        Assert.NotNull(own.PortId);
        Assert.NotEqual(own.PortId, foreign.PortId);
        var mine = seen.Where(e => e.PortId == own.PortId).Select(e => (e.Kind, e.Deleted, e.Family, e.Table, e.Name));
        Assert.Equal(
            [
                (NftablesEventKind.Table, false, 1, "t", ""),
                (NftablesEventKind.Chain, false, 1, "t", "c"),
                (NftablesEventKind.Rule, false, 1, "t", "c"),
                (NftablesEventKind.Set, false, 1, "t", "s"),
                (NftablesEventKind.Element, false, 1, "t", "s"),
                (NftablesEventKind.Generation, false, 0, "", ""),
            ],
            mine);
        Assert.Contains(seen, e => e is { Kind: NftablesEventKind.Rule, Deleted: true, Name: "c" } && e.PortId == foreign.PortId);
        Assert.Equal(2, seen.Where(e => e.Kind == NftablesEventKind.Generation).Select(e => e.GenerationId).Distinct().Count());
    }

    private static async Task<List<T>> TakeUntil<T>(Func<CancellationToken, IAsyncEnumerable<T>> events, Func<T, bool> isLast)
    {
        using var deadline = new CancellationTokenSource(Patience);
        var seen = new List<T>();
        await foreach (var item in events(deadline.Token))
        {
            seen.Add(item);
            if (isLast(item))
            {
                break;
            }
        }

        return seen;
    }
}

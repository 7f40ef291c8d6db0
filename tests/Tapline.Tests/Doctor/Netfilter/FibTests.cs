using Tapline.Core.Doctor.Netfilter;
using Tapline.Core.Doctor.Routing;
using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;

namespace Tapline.Tests.Doctor.Netfilter;

/// <summary>Conditions on the routes to a packet's ends: the packet of <see cref="Rules"/> comes by in0, and the way back leads by the device given.</summary>
public sealed class FibTests
{
    [Theory]
    [InlineData("in0", "unicast", "", true)]
    [InlineData("out0", "unicast", "", false)]
    [InlineData("out0", "unicast", " --loose", true)]
    [InlineData("in0", "local", "", false)]
    [InlineData("in0", "local", " --accept-local", true)]
    [InlineData("in0", "blackhole", " --loose", false)]
    public void Rpfilter_holds_where_the_way_back_leads_by_the_same_device(string device, string type, string options, bool holds)
    {
        var way = Back(type, device);

        Assert.Equal(holds ? FilterFate.Drop : FilterFate.Accept, Fate($"-m rpfilter{options}", way));
        Assert.Equal(holds ? FilterFate.Accept : FilterFate.Drop, Fate($"-m rpfilter{options} --invert", way));
    }

    [Fact]
    public void Without_routes_nobody_knows() => Assert.Equal(FilterFate.Unknown, Fate("-m rpfilter", null));

    [Theory]
    [InlineData("in0", "unicast", "saddr iif", true, true)]
    [InlineData("in0", "unicast", "saddr iif", false, false)]
    [InlineData("out0", "unicast", "saddr iif", false, true)]
    [InlineData("out0", "unicast", "saddr", true, true)]
    [InlineData("in0", "local", "saddr iif", false, true)]
    public void Fib_finds_a_device_or_misses_it(string device, string type, string flags, bool exists, bool holds)
    {
        var json = $$$"""
            {"nftables": [
              {"table": {"family": "ip", "name": "t", "handle": 1}},
              {"chain": {"family": "ip", "table": "t", "name": "c", "handle": 2, "type": "filter", "hook": "prerouting", "prio": 0, "policy": "accept"}},
              {"rule": {"family": "ip", "table": "t", "chain": "c", "handle": 3, "expr": [
                {"match": {"op": "==", "left": {"fib": {"result": "oif", "flags": [{{{string.Join(", ", flags.Split(' ').Select(flag => $"\"{flag}\""))}}}]}}, "right": {{{(exists ? "true" : "false")}}}}},
                {"drop": null}]}}
            ]}
            """;
        var ruleset = RulesetReader.Read(new ObservedNamespace { Name = "", Nftables = json });

        Assert.Equal(holds ? FilterFate.Drop : FilterFate.Accept, HookRun.Run(ruleset, Rules.At(HookPoint.Prerouting, Rules.Ping) with { Routes = Back(type, device) }).Fate);
    }

    private static FilterFate Fate(string condition, Func<RouteQuery, RouteAnswer>? routes) =>
        HookRun.Run(Rules.Iptables($"*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING {condition} -j DROP\nCOMMIT\n"), Rules.At(HookPoint.Prerouting, Rules.Ping) with { Routes = routes }).Fate;

    private static Func<RouteQuery, RouteAnswer> Back(string type, string device)
    {
        var seen = new ObservedNamespace
        {
            Name = "",
            Routes = [new ObservedRoute { Table = 254, Type = type, Destination = IpPrefix.Parse("192.168.1.0/24"), NextHops = type == "blackhole" ? [] : [new NextHop(null, device, true, false)] }],
        };
        return query => RouteLookup.Find(seen, query);
    }
}

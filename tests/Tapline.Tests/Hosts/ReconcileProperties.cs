using CsCheck;
using Tapline.Agent;
using Tapline.Core.Host;
using Tapline.Core.Model;
using Tapline.Core.Planning;
using Tapline.Tests.Clouds;

namespace Tapline.Tests.Hosts;

/// <summary>P1 to P6 of the house style: what holds whatever the clouds and the road between them.</summary>
public sealed class ReconcileProperties
{
    private static readonly string[] Datapaths = ["netdev", "system"];

    [Fact]
    public void P1_P2_P3_P5_the_host_is_what_the_last_topology_says_and_then_at_rest() =>
        Gen.Select(Topologies.Sequence, Gen.Int[0, 1].Select(index => Datapaths[index])).Sample((topologies, datapath) =>
        {
            var bench = new Bench(datapath);
            foreach (var topology in topologies)
            {
                Assert.Empty(bench.Reconcile(topology).Failures);
                bench.RequireRight(topology);
                Assert.Empty(bench.Reconcile(topology).Changes);
                Assert.Empty(bench.Reconcile(topology, Aspects.None).Changes);
                Assert.Empty(bench.Host.Changes);
            }
        }, iter: 120, print: pair => Topologies.Print(pair.Item1));

    [Fact]
    public void P1_nothing_is_left_of_a_cloud_that_went() =>
        Topologies.Sequence.Sample(topologies =>
        {
            var (bench, fresh) = (new Bench(), new Bench());
            foreach (var topology in topologies)
            {
                bench.Reconcile(topology);
            }

            var last = Topology.Empty.Put(topologies[^1].Hosts[Bench.HostName]);
            bench.Reconcile(last);
            fresh.Reconcile(last);
            bench.RequireRight(last);
            Assert.Equal(fresh.Host.ToString(), bench.Host.ToString());
        }, iter: 100, print: Topologies.Print);

    [Fact]
    public void P1_hypervisors_taps_come_and_go_as_they_like() =>
        Gen.Select(Topologies.Sequence, Gen.Int[0, 255].Array[4]).Sample((topologies, taps) =>
        {
            var bench = new Bench();
            foreach (var (index, topology) in topologies.Select(WithoutInstances).Index())
            {
                for (var number = 1; number <= 8; number++)
                {
                    var name = Names.Tap(Sample.Id<Port>(number));
                    bench.Host.Take(new ItemKey(ItemKind.Link, "", name));
                    if ((taps[index] >> (number - 1) & 1) != 0)
                    {
                        bench.Host.Put(new HostItem.Link { Name = name, Kind = LinkKind.Foreign });
                    }
                }

                Assert.Empty(bench.Reconcile(topology).Failures);
                bench.RequireRight(topology);
                Assert.Empty(bench.Reconcile(topology, Aspects.None).Changes);
            }
        }, iter: 100, print: pair => Topologies.Print(pair.Item1));

    [Fact]
    public void P4_an_agent_killed_between_any_two_changes_is_replaced_by_one_that_comes_to_the_same() =>
        Gen.Select(Topologies.Any, Topologies.Any, Gen.Int[0, 200]).Sample((first, second, at) =>
        {
            var bench = new Bench();
            bench.Reconcile(first);
            bench.RestartAgent();
            using var kill = new CancellationTokenSource();
            var count = 0;
            bench.Host.Changed = () =>
            {
                if (++count >= at)
                {
                    kill.Cancel();
                }
            };
            try
            {
                bench.Reconcile(second, cancellationToken: kill.Token);
            }
            catch (OperationCanceledException)
            {
                bench.Host.Changed = null;
            }

            bench.RestartAgent();
            Assert.Empty(bench.Reconcile(second).Failures);
            bench.RequireRight(second);
        }, iter: 150, print: triple => Topologies.Print([triple.Item1, triple.Item2]));

    [Fact]
    public void P6_whenever_a_vif_is_plugged_its_firewall_is_there() =>
        Topologies.Sequence.Sample(topologies =>
        {
            var bench = new Bench();
            foreach (var topology in topologies)
            {
                bench.Host.Changed = () => RequireClosed(bench.Host.State, topology);
                bench.Reconcile(topology);
                bench.RestartAgent();
            }
        }, iter: 120, print: Topologies.Print);

    [Fact]
    public void A_slice_is_planned_as_the_whole_cloud_is() =>
        Topologies.Any.Sample(topology =>
        {
            foreach (var host in Topologies.HostNames)
            {
                var sticky = new Sticky { DatapathType = "system" };
                Assert.Equal(
                    HostPlanner.Plan(topology, host, sticky).ToString(),
                    HostPlanner.Plan(Slicer.Of(topology, host, "store").ToTopology(), host, sticky).ToString());
            }
        }, iter: 250, print: Topologies.Print);

    [Fact]
    public void Local_vlans_and_zones_are_kept_and_never_given_twice() =>
        Topologies.Sequence.Sample(topologies =>
        {
            var bench = new Bench();
            foreach (var topology in topologies)
            {
                var before = bench.Sticky;
                bench.Reconcile(topology);
                var after = bench.Sticky;
                foreach (var (network, vlan) in after.Vlans)
                {
                    Assert.Equal(vlan, before.Vlans.GetValueOrDefault(network, vlan));
                    Assert.DoesNotContain(before.Vlans, other => other.Value == vlan && other.Key != network);
                }

                foreach (var (port, zone) in after.Zones)
                {
                    Assert.Equal(zone, before.Zones.GetValueOrDefault(port, zone));
                    Assert.DoesNotContain(before.Zones, other => other.Value == zone && other.Key != port);
                }

                Assert.Equal(after.Vlans.Count, after.Vlans.Values.Distinct().Count());
                Assert.Equal(after.Zones.Count, after.Zones.Values.Distinct().Count());
            }
        }, iter: 120, print: Topologies.Print);

    /// <summary>Properties over clouds that have nothing prove nothing.</summary>
    [Fact]
    public void The_random_clouds_have_everything()
    {
        var texts = new List<string>();
        Topologies.Any.Sample(topology =>
        {
            lock (texts)
            {
                texts.Add(HostPlanner.Plan(topology, Bench.HostName, new Sticky { DatapathType = "netdev" }).ToString());
            }
        }, iter: 300);

        foreach (var part in (string[])["route", "10.77.0.0/16 via 10.0.0.5", "172.24.4.10", "dhcp-eth1", "snat to 172.24.4", "m4-", "m6-", "tag 4095", "10.0.0.0/8",
            "0.0.0.0/0", "mtu 1450", "pop_vlan", "dl_vlan=101", "classless-static-route", "goto na-", "dnsmasq", "icmp type 8", "th dport 10", "odh-", "qg-", "qr-"])
        {
            Assert.True(texts.Count(text => text.Contains(part, StringComparison.Ordinal)) >= 3, part);
        }
    }

    private static Topology WithoutInstances(Topology topology) =>
        topology.Instances.Values.Aggregate(topology, (rest, instance) => rest.Remove(instance.Key));

    /// <summary>Plugged and live: the base is complete; and what the port itself needs is there, unless the port is on its way out.</summary>
    private static void RequireClosed(HostState state, Topology topology)
    {
        foreach (var plug in state.OfType<HostItem.OvsPort>().Where(port => port.ExternalId(Sticky.ZoneKey) is not null && port.Tag != LocalIds.DeadVlan))
        {
            var id = Core.Primitives.Id<Port>.Parse(plug.ExternalId("iface-id")!);
            foreach (var chain in (string[])["bridge forward", "bridge input", "bridge from-tap", "inet prerouting", "inet forward"])
            {
                Assert.NotNull(state.Find(new ItemKey(ItemKind.NftChain, "", chain)));
            }

            Assert.Equal("1", Assert.IsType<HostItem.Sysctl>(state.Find(new ItemKey(ItemKind.Sysctl, "", "net/bridge/bridge-nf-call-iptables"))).Value);
            Assert.Equal("1", Assert.IsType<HostItem.Sysctl>(state.Find(new ItemKey(ItemKind.Sysctl, "", "net/bridge/bridge-nf-call-ip6tables"))).Value);
            var qbr = $"\"{Names.Qbr(id)}\" : ";
            if (topology.Ports.GetValueOrDefault(id) is { AdminStateUp: true, HostId: Bench.HostName })
            {
                var zones = Assert.IsType<HostItem.NftSet>(state.Find(new ItemKey(ItemKind.NftSet, "", "inet zones")));
                Assert.Contains($"{qbr}{plug.ExternalId(Sticky.ZoneKey)}", zones.Elements);
                var dispatch = Assert.IsType<HostItem.NftVerdictMap>(state.Find(new ItemKey(ItemKind.NftVerdictMap, "", "inet dispatch")));
                Assert.Contains($"{qbr}goto port-{id.Short}", dispatch.Elements);
            }
        }
    }
}

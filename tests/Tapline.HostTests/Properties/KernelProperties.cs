using System.Globalization;
using CsCheck;
using Tapline.Core.Host;
using Tapline.Core.Model;
using Tapline.Core.Planning;
using Tapline.HostRunner;
using Tapline.Tests.Hosts;

namespace Tapline.HostTests.Properties;

/// <summary>P1 to P4 of the house style on the real kernel: what holds on the model of a host holds here, with the same clouds.</summary>
[Collection(PropertyCollection.Name)]
public sealed class KernelProperties(KernelHost host)
{
    private static readonly long Sequences =
        long.Parse(Environment.GetEnvironmentVariable("TAPLINE_SEQUENCES") ?? "5", CultureInfo.InvariantCulture); // more, for a longer search

    /// <summary>A sequence of clouds, and for each the ports that a hypervisor has a TAP for; there are no light instances then.</summary>
    private static readonly Gen<(Topology Cloud, int Taps)[]> Roads = Gen.Select(
        Gen.Select(Topologies.Any, Gen.Int[0, (1 << HypervisorTaps.Ports) - 1]).Array[1, 3], Gen.Bool,
        (steps, hasTaps) => steps.Select(step => hasTaps ? (WithoutInstances(step.Item1), step.Item2) : (step.Item1, 0)).ToArray());

    [Fact]
    public Task P1_P2_P3_the_host_is_what_the_last_topology_says_and_then_at_rest() =>
        Roads.SampleAsync(async road =>
        {
            using var agent = await host.StartAsync();
            foreach (var (topology, taps) in road)
            {
                await HypervisorTaps.SetAsync(host, taps);
                await RequireRightAsync(await agent.DoAsync(topology), topology, taps);
                var again = await agent.DoAsync(topology);
                RequireNone("touched though right", again.Changes);
                RequireConverged(again);
            }

            await RequireNothingLeftAsync(agent);
        }, iter: Sequences, threads: 1, print: Print);

    [Fact]
    public Task P4_an_agent_that_ends_between_any_two_changes_is_replaced_by_one_that_comes_to_the_same() =>
        Gen.Select(Roads, Gen.Int[1, 250].Array[3]).SampleAsync(async plan =>
        {
            using var agent = await host.StartAsync();
            foreach (var ((topology, taps), at) in plan.Item1.Zip(plan.Item2))
            {
                await HypervisorTaps.SetAsync(host, taps);
                var last = await agent.DoAsync(topology, stopAfter: at);
                await RequireRightAsync(last.Stopped ? await agent.DoAsync(topology) : last, topology, taps);
            }

            await RequireNothingLeftAsync(agent);
        }, iter: Sequences, threads: 1, print: plan => $"stops after {string.Join(", ", plan.Item2)}\n{Print(plan.Item1)}");

    /// <summary>Also when the next agent is to make another cloud: what the last one was at may be wanted no more.</summary>
    [Fact]
    public Task P4_an_agent_killed_amid_a_change_is_replaced_by_one_that_leaves_nothing_of_it() =>
        Gen.Select(Topologies.Any, Topologies.Any, Gen.Int[0, 400]).SampleAsync(async plan =>
        {
            await HypervisorTaps.SetAsync(host, 0);
            using (var killed = await host.StartAsync())
            {
                await killed.KillAmidAsync(plan.Item1, TimeSpan.FromMilliseconds(plan.Item3));
            }

            using var agent = await host.StartAsync();
            await RequireRightAsync(await agent.DoAsync(plan.Item2), plan.Item2, 0);
            await RequireNothingLeftAsync(agent);
        }, iter: Sequences, threads: 1, print: plan => $"killed after {plan.Item3} ms\n{Topologies.Print([plan.Item1, plan.Item2])}");

    /// <summary>Its maker had no time for the alias, and what it was made for has gone since.</summary>
    [Fact]
    public async Task P4_what_was_made_and_not_yet_marked_goes_too()
    {
        const string veth = "group 0x7a91 type veth peer group 0x7a91 name";
        await host.ShellAsync($"""
            ip link add qbr00000009-00 group 0x7a91 type bridge
            ip link add qvb00000009-00 {veth} qvo00000009-00
            mkdir -p /run/tapline/namespaces && touch /run/tapline/namespaces/qrouter-9 && ip netns add qrouter-9
            ip link add oqr-00000009-00 {veth} qr-00000009-00 netns qrouter-9
            """);

        using var agent = await host.StartAsync();

        await RequireNothingLeftAsync(agent);
    }

    private static Topology WithoutInstances(Topology topology) =>
        topology.Instances.Values.Aggregate(topology, (rest, instance) => rest.Remove(instance.Key));

    private static string Print((Topology Cloud, int Taps)[] road) =>
        string.Join("\n\n", road.Select(step => $"taps {step.Taps:b8}\n{Topologies.Print(step.Cloud)}"));

    private static void RequireConverged(Answer answer)
    {
        Assert.False(answer.Stopped);
        RequireNone("refused", answer.Failures);
        RequireNone("left to do", answer.Left);
        RequireNone("left to do as remembered", answer.LeftAsRemembered);
    }

    private static void RequireNone(string what, IReadOnlyList<string> lines) =>
        Assert.True(lines.Count == 0, $"{what}:\n{string.Join('\n', lines)}");

    /// <summary>By our own look and by the system's tools.</summary>
    private async Task RequireRightAsync(Answer answer, Topology topology, int taps)
    {
        RequireConverged(answer);
        var sticky = new Sticky { DatapathType = host.Datapath, ForeignLinks = [.. HypervisorTaps.Of(taps)] };
        var wanted = HostPlanner.Plan(topology, KernelHost.Name, sticky);
        RequireNone("not as planned", await KernelLook.DifferencesAsync(host, wanted));
        var programs = wanted.OfType<HostItem.Process>().Count();
        await host.ShellAsync($"""
            for i in $(seq 100); do [ $({RawDump.Programs} | wc -l) = {programs} ] && exit; sleep 0.02; done
            ( echo not {programs} programs; {RawDump.Programs}; tail -n 5 /run/tapline/processes/*/*/log ) >&2; exit 1
            """);
    }

    /// <summary>With the cloud gone the host is as one that has never seen any but the empty one.</summary>
    private async Task RequireNothingLeftAsync(Runner agent)
    {
        await HypervisorTaps.SetAsync(host, 0);
        RequireConverged(await agent.DoAsync(KernelHost.Empty));
        var (fresh, now) = (host.Fresh.Split('\n'), (await RawDump.OfAsync(host)).Split('\n'));
        var (left, lost) = (now.Except(fresh).Select(line => $"left: {line}"), fresh.Except(now).Select(line => $"lost: {line}"));
        RequireNone("other than a fresh host", [.. left, .. lost]);
    }
}

using CsCheck;
using Tapline.Agent;
using Tapline.Core.Diff;
using Tapline.Core.Host;
using Tapline.Core.Model;
using Tapline.Core.Planning;

namespace Tapline.Tests.Hosts;

/// <summary>What a change that the host refuses does to the others: nothing, but for what needs it, and what must stay closed without it.</summary>
public sealed class FaultProperties
{
    private static readonly Gen<(Topology, Topology, int)> Faults = Gen.Select(Topologies.Any, Topologies.Any, Gen.Int[1, 250]);

    [Fact]
    public void A_failed_item_is_reported_and_the_others_go_on() =>
        Faults.Sample((first, second, at) =>
        {
            var bench = new Bench();
            bench.Reconcile(first);
            bench.Host.FailIn(at);

            var result = bench.Reconcile(second);

            Assert.Equal(at <= result.Changes.Length, !result.Failures.IsEmpty);
            Assert.Equal(result.Changes.Length - result.Failures.Length, bench.Host.Changes.Count);
            var left = HostDiff.Between(bench.Host.Observe(bench.Wanted), bench.Wanted).Select(change => change.Key.ToString());
            var failed = result.Failures.Select(failure => failure.Item).ToHashSet();
            Assert.DoesNotContain(left.Except(failed), item => !HangsOnOneOf(failed, item));
            bench.RequireForeignUntouched();
        }, iter: 150, print: fault => Topologies.Print([fault.Item1, fault.Item2]));

    [Fact]
    public void The_next_reconcile_mends_it_also_from_memory() =>
        Gen.Select(Faults, Gen.Bool).Sample((fault, fromMemory) =>
        {
            var (first, second, at) = fault;
            var bench = new Bench();
            bench.Reconcile(first);
            bench.Host.FailIn(at);
            var failed = bench.Reconcile(second).Failures.Select(failure => failure.Item).ToList();
            bench.Host.Refusals.Clear();

            // The client of a device whose removal failed is started anew for nothing, and what was to be set on the next one is set on it again.
            bench.Host.Complaints.RemoveAll(complaint => complaint.Split(' ') is ["change", "process", ..] or ["add", "sysctl", ..] && HangsOnOneOf(failed, complaint.Split(' ')[2]));

            var result = bench.Reconcile(second, fromMemory ? Aspects.None : Aspects.All);

            Assert.Empty(result.Failures);
            if (fromMemory)
            {
                // Memory does not know what went with the far end of a link whose own removal failed: once, it may touch what is right.
                bench.Host.Complaints.Clear();
            }

            bench.Reconcile(second);
            bench.RequireRight(second);
        }, iter: 150, print: fault => Topologies.Print([fault.Item1.Item1, fault.Item1.Item2]));

    [Fact]
    public void No_vif_is_plugged_while_the_firewall_is_not_complete() =>
        Faults.Sample((first, second, at) =>
        {
            var bench = new Bench();
            bench.Reconcile(first);
            var plugged = Plugged(bench.Host.State);
            bench.Host.FailIn(at);

            var result = bench.Reconcile(second);

            if (result.Failures.Any(failure => failure.Item.StartsWith("nft-", StringComparison.Ordinal) && !failure.Item.Contains("qrouter-", StringComparison.Ordinal))
                && result.Changes[at - 1].After is not null)
            {
                Assert.Subset(plugged, Plugged(bench.Host.State));
            }
        }, iter: 150, print: fault => Topologies.Print([fault.Item1, fault.Item2]));

    private static HashSet<HostItem> Plugged(HostState state) =>
        [.. state.OfType<HostItem.OvsPort>().Where(port => port.ExternalId(Sticky.ZoneKey) is not null && port.Tag != LocalIds.DeadVlan)];

    /// <summary>A link whose change failed may go with its other end, and what was set on it, and the client that was started on it, with it.</summary>
    private static bool HangsOnOneOf(IEnumerable<string> failed, string item) =>
        failed.Where(other => other.StartsWith("link ", StringComparison.Ordinal))
            .Select(link => link[(link.LastIndexOfAny([' ', '/']) + 1)..])
            .Any(device => item.Contains($"/{device}/", StringComparison.Ordinal) || item.Contains($"/{device} ", StringComparison.Ordinal)
                || item.EndsWith($"/dhcp-{device}", StringComparison.Ordinal));
}

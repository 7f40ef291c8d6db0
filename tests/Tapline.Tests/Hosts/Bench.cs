using Tapline.Agent;
using Tapline.Core.Diff;
using Tapline.Core.Host;
using Tapline.Core.Model;
using Tapline.Core.Planning;

namespace Tapline.Tests.Hosts;

/// <summary>A host in memory with an agent's reconciler on it.</summary>
internal sealed class Bench
{
    public const string HostName = "h1";
    private readonly HashSet<HostItem> _foreign;
    private Reconciler _reconciler;

    public Bench(string datapath = "netdev")
    {
        Datapath = datapath;
        Host = FakeHost.WithForeignItems();
        _foreign = [.. Host.State.Items.Values];
        _reconciler = new Reconciler(Host, HostName, datapath);
    }

    public string Datapath { get; }

    public FakeHost Host { get; }

    public HostState Wanted => _reconciler.Wanted;

    public Sticky Sticky => Sticky.From(Host.Observe(HostState.Empty), Datapath);

    /// <summary>As after the end of the agent's process: what is known is what can be seen.</summary>
    public void RestartAgent() => _reconciler = new Reconciler(Host, HostName, Datapath);

    public ReconcileResult Reconcile(Topology topology, Aspects stale = Aspects.All, CancellationToken cancellationToken = default)
    {
        Host.Changes.Clear();
        return _reconciler.ReconcileAsync(topology, stale, cancellationToken).GetAwaiter().GetResult();
    }

    /// <summary>The host is, in full text and not by marks alone, what the plan of this Topology says, and nobody had to object.</summary>
    public void RequireRight(Topology topology)
    {
        Assert.Empty(Host.Refusals);
        Assert.Empty(Host.Complaints);
        var wanted = HostPlanner.Plan(topology, HostName, Sticky);
        Assert.Equal([], HostDiff.Between(Host.Observe(wanted), wanted).Select(change => change.ToString()));
        Assert.Equal([], HostDiff.Between(_reconciler.Seen, wanted).Select(change => $"as remembered: {change}"));
        foreach (var item in wanted.Items.Values)
        {
            RequireSameText(item, Host.State.Find(item.Key));
        }

        var sysctls = Host.State.OfType<HostItem.Sysctl>().Select(item => item.Key).ToHashSet();
        Assert.Equal([], Host.State.Items.Values.Where(item => !wanted.Items.ContainsKey(item.Key) && !IsForeign(item) && !sysctls.Contains(item.Key)).Select(item => item.Key.ToString()));
        RequireForeignUntouched();
    }

    public void RequireForeignUntouched()
    {
        foreach (var item in _foreign)
        {
            Assert.Equal(item, Host.State.Find(item.Key));
        }
    }

    /// <summary>Puts something of others there, which has to stay as it is.</summary>
    public void PutForeign(HostItem item)
    {
        Host.Put(item);
        _foreign.Add(Host.State.Find(item.Key)!);
    }

    /// <summary>A hypervisor's TAP is set by us and yet not ours.</summary>
    private bool IsForeign(HostItem item) => _foreign.Contains(item) || item is HostItem.Link { Kind: LinkKind.Foreign, Owner: "" };

    private static void RequireSameText(HostItem wanted, HostItem? there)
    {
        switch (wanted)
        {
            case HostItem.NftChain chain:
                Assert.Equal(chain.Rules, Assert.IsType<HostItem.NftChain>(there).Rules);
                Assert.Equal(chain.Hook, ((HostItem.NftChain)there).Hook);
                break;
            case HostItem.FlowTable table:
                Assert.Equal(table.Flows, Assert.IsType<HostItem.FlowTable>(there).Flows);
                break;
            case HostItem.NftSet set:
                Assert.Equal(set.Declaration, Assert.IsType<HostItem.NftSet>(there).Declaration);
                break;
        }
    }
}

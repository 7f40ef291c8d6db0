using System.Diagnostics;
using Tapline.Core.Model;
using Tapline.Core.Primitives;
using Tapline.Core.Rules;
using Tapline.Server.Clouds;
using Tapline.Store;

namespace Tapline.Tests.Clouds;

public sealed class CloudTests
{
    private static readonly Network Net = Sample.Network(1);
    private static readonly Subnet Subnet = Sample.Subnet(1, Net);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_commit_is_visible_when_it_is_answered()
    {
        await using var cloud = new Cloud(TimeProvider.System);

        var result = await PutAsync(cloud, Net, Subnet);

        Assert.True(result.IsOk);
        Assert.Equal(Net, cloud.Current.Networks[Net.Id]);
        Assert.Equal(1, cloud.Current.Revision.Value);
    }

    [Fact]
    public async Task A_refused_rule_changes_nothing()
    {
        await using var cloud = new Cloud(TimeProvider.System);

        var result = await cloud.CommitAsync<bool>((_, _) => Rejection.Invalid("name", "no"), Cancel);

        Assert.Equal("no", Assert.Single(result.Rejections).Message);
        Assert.Equal(Topology.Empty, cloud.Current);
    }

    [Fact]
    public async Task A_rule_that_throws_fails_its_own_request_alone()
    {
        await using var cloud = new Cloud(TimeProvider.System);

        var bad = cloud.CommitAsync<bool>((_, _) => throw new UnreachableException(), Cancel);
        var good = PutAsync(cloud, Net);

        await Assert.ThrowsAsync<UnreachableException>(() => bad);
        Assert.True((await good).IsOk);
    }

    [Fact]
    public async Task Concurrent_requests_see_each_other()
    {
        await using var cloud = new Cloud(TimeProvider.System);
        await PutAsync(cloud, Net, Subnet);

        var ports = await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => AllocateAsync(cloud)));

        Assert.Equal(500, ports.Select(port => port.Value.FixedIps[0].Address).Distinct().Count());
        Assert.Equal(500, cloud.Current.Ports.Count);
    }

    [Fact]
    public async Task A_cloud_that_is_opened_again_is_the_same()
    {
        await using var store = new MemoryStore();
        Topology before;
        await using (var cloud = await Cloud.OpenAsync(store, TimeProvider.System, Cancel))
        {
            await PutAsync(cloud, Net, Subnet);
            await AllocateAsync(cloud);
            var gone = (await AllocateAsync(cloud)).Value;
            await cloud.CommitAsync<bool>((_, _) => new Outcome<bool>(true, TopologyChange.None.Remove(gone.Key)), Cancel);
            before = cloud.Current;
        }

        await using var again = await Cloud.OpenAsync(store, TimeProvider.System, Cancel);

        Assert.Equal(before.Revision, again.Current.Revision);
        Assert.Equal(Sorted(before), Sorted(again.Current));
        Assert.True((await AllocateAsync(again)).IsOk);
    }

    [Fact]
    public async Task Two_clouds_over_one_store_never_give_out_an_address_twice()
    {
        await using var store = new MemoryStore();
        await using var one = await Cloud.OpenAsync(store, TimeProvider.System, Cancel);
        await PutAsync(one, Net, Subnet);
        await using var two = await Cloud.OpenAsync(store, TimeProvider.System, Cancel);

        var ports = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(() => AllocateAsync(i % 2 == 0 ? one : two))));

        Assert.Equal(200, ports.Select(port => port.Value.FixedIps[0].Address).Distinct().Count());
        await SameAsync(one, two);
        Assert.Equal(200, one.Current.Ports.Count);
    }

    [Fact]
    public async Task Of_two_clouds_that_claim_one_address_exactly_one_wins()
    {
        await using var store = new MemoryStore();
        await using var one = await Cloud.OpenAsync(store, TimeProvider.System, Cancel);
        await PutAsync(one, Net, Subnet);
        await using var two = await Cloud.OpenAsync(store, TimeProvider.System, Cancel);
        var address = IpAddress.Parse("10.1.0.99");

        for (var i = 0; i < 50; i++)
        {
            var results = await Task.WhenAll(
                Task.Run(() => ClaimAsync(one, 1000 + (2 * i), address)), Task.Run(() => ClaimAsync(two, 1001 + (2 * i), address)));

            var winner = Assert.Single(results, result => result.IsOk);
            await one.CommitAsync<bool>((_, _) => new Outcome<bool>(true, TopologyChange.None.Remove(winner.Value.Key)), Cancel);
            await SameAsync(one, two);
        }
    }

    [Fact]
    public async Task A_port_is_not_made_on_a_network_that_another_server_removed()
    {
        await using var store = new MemoryStore();
        await using var one = await Cloud.OpenAsync(store, TimeProvider.System, Cancel);
        await PutAsync(one, Net, Subnet);
        await using var two = await Cloud.OpenAsync(store, TimeProvider.System, Cancel);
        var runs = 0;

        var result = await two.CommitAsync<Port>(
            (topology, _) =>
            {
                if (runs++ == 0)
                {
                    // the other server is faster, while this rule has already seen the network
                    store.TransactAsync([], [new Operation.Delete($"/tapline/network/{Net.Id}")], Cancel).Wait(Cancel);
                }

                return topology.Networks.ContainsKey(Net.Id)
                    ? new Outcome<Port>(Sample.Port(5, Subnet), TopologyChange.None.Put(Sample.Port(5, Subnet)))
                    : Rejection.NotFound("NetworkNotFound", "gone");
            },
            Cancel);

        Assert.Equal("NetworkNotFound", Assert.Single(result.Rejections).Type);
        Assert.Equal(2, runs);
    }

    [Fact]
    public async Task What_another_server_commits_arrives_by_itself()
    {
        await using var store = new MemoryStore();
        await using var one = await Cloud.OpenAsync(store, TimeProvider.System, Cancel);
        await using var two = await Cloud.OpenAsync(store, TimeProvider.System, Cancel);

        var seen = two.ChangedSinceAsync(Revision.None, Cancel);
        Assert.False(seen.IsCompleted);
        await PutAsync(one, Net);

        Assert.Equal(Net, (await seen.WaitAsync(TimeSpan.FromSeconds(10), Cancel)).Networks[Net.Id]);
    }

    [Fact]
    public async Task A_store_that_fails_is_told_to_all_in_the_batch_and_then_works_again()
    {
        await using var store = new FailingStore();
        await using var cloud = await Cloud.OpenAsync(store, TimeProvider.System, Cancel);
        await PutAsync(cloud, Net, Subnet);
        store.Fails = true;

        var ports = Enumerable.Range(0, 5).Select(_ => AllocateAsync(cloud)).ToList();
        await Assert.ThrowsAsync<StoreException>(() => Task.WhenAll(ports));
        Assert.All(ports, port => Assert.True(port.IsFaulted));
        Assert.Empty(cloud.Current.Ports);
        store.Fails = false;

        Assert.True((await AllocateAsync(cloud)).IsOk);
        Assert.Single(cloud.Current.Ports);
    }

    [Fact]
    public async Task A_request_that_is_cancelled_in_time_is_not_carried_out()
    {
        await using var cloud = new Cloud(TimeProvider.System);
        using var cancel = new CancellationTokenSource();
        using var entered = new ManualResetEventSlim();
        using var proceed = new ManualResetEventSlim();
        var first = cloud.CommitAsync<bool>(
            (_, _) =>
            {
                entered.Set();
                proceed.Wait(Cancel);
                return new Outcome<bool>(true, TopologyChange.None);
            },
            Cancel);
        entered.Wait(Cancel);
        var second = cloud.CommitAsync<bool>((_, _) => new Outcome<bool>(true, TopologyChange.None.Put(Net)), cancel.Token);

        await cancel.CancelAsync();
        proceed.Set();

        await first;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.Empty(cloud.Current.Networks);
    }

    [Fact]
    public async Task A_closed_cloud_says_so()
    {
        var cloud = new Cloud(TimeProvider.System);
        await cloud.DisposeAsync();

        await Assert.ThrowsAsync<StoreException>(() => PutAsync(cloud, Net));
    }

    private static Task<Result<bool>> PutAsync(Cloud cloud, params Resource[] resources) =>
        cloud.CommitAsync<bool>((_, _) => new Outcome<bool>(true, TopologyChange.None.Put(resources)), Cancel);

    private static Task<Result<Port>> AllocateAsync(Cloud cloud) => cloud.CommitAsync<Port>(
        (topology, context) =>
        {
            var number = 10;
            while (topology.Indexes.PortByAddress.ContainsKey((Net.Id, Subnet.Cidr.Address.Plus((UInt128)number))))
            {
                number++;
            }

            var port = Sample.Port(number, Subnet) with { Id = context.NewId<Port>() };
            return new Outcome<Port>(port, TopologyChange.None.Put(port));
        },
        Cancel);

    private static Task<Result<Port>> ClaimAsync(Cloud cloud, int number, IpAddress address) => cloud.CommitAsync<Port>(
        (topology, _) =>
        {
            var port = Sample.Port(number, Subnet) with { FixedIps = [new FixedIp(Subnet.Id, address)] };
            return topology.Indexes.PortByAddress.ContainsKey((Net.Id, address))
                ? Rejection.Conflict("IpAddressAlreadyAllocated", "taken")
                : new Outcome<Port>(port, TopologyChange.None.Put(port));
        },
        Cancel);

    private static async Task SameAsync(Cloud one, Cloud two)
    {
        while (one.Current.Revision != two.Current.Revision)
        {
            await Task.Delay(1, Cancel);
        }

        Assert.Equal(Sorted(one.Current), Sorted(two.Current));
    }

    private static IEnumerable<Resource> Sorted(Topology topology) =>
        topology.All.OrderBy(resource => resource.Key.ToString(), StringComparer.Ordinal);

    /// <summary>A memory store whose commits fail while it is told so.</summary>
    private sealed class FailingStore : IStore
    {
        private readonly MemoryStore _store = new();

        public bool Fails { get; set; }

        public string StoreId => _store.StoreId;

        public Task<Entry?> GetAsync(string key, CancellationToken cancellationToken) => _store.GetAsync(key, cancellationToken);

        public Task<Listing> ListAsync(string prefix, CancellationToken cancellationToken) => _store.ListAsync(prefix, cancellationToken);

        public Task<IReadOnlyList<TransactionResult>> TransactAsync(
            IReadOnlyList<Transaction> transactions, CancellationToken cancellationToken) => Fails
            ? Task.FromException<IReadOnlyList<TransactionResult>>(new StoreException("the disk is full"))
            : _store.TransactAsync(transactions, cancellationToken);

        public IAsyncEnumerable<EventBatch> WatchAsync(string prefix, Revision from, CancellationToken cancellationToken) =>
            _store.WatchAsync(prefix, from, cancellationToken);

        public Task CompactAsync(Revision revision, CancellationToken cancellationToken) => _store.CompactAsync(revision, cancellationToken);

        public ValueTask DisposeAsync() => _store.DisposeAsync();
    }
}

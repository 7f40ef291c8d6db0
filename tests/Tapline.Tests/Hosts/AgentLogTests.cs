using Tapline.Agent;
using Tapline.Core.Diff;
using Tapline.Core.Host;
using Tapline.Core.Model;

namespace Tapline.Tests.Hosts;

public sealed class AgentLogTests
{
    private static readonly HostChange Chain = new(null, new HostItem.NftChain { Family = "inet", Name = "a" });
    private static readonly HostChange Namespace = new(null, new HostItem.Namespace("qrouter-1"));
    private readonly AgentLog _log = new();

    [Fact]
    public void A_failure_is_told_when_it_begins_when_it_changes_and_when_it_is_mended()
    {
        Assert.Equal(["add nft-chain inet a", "add namespace qrouter-1", "FAILED full"], Lines([Chain, Namespace], "full"));
        Assert.Empty(Lines([Chain], "full"));
        Assert.Empty(Lines([Chain], "full"));
        Assert.Equal(["add nft-chain inet a", "FAILED refused"], Lines([Chain], "refused"));
        Assert.Equal(["add nft-chain inet a", "mended nft-chain inet a"], Lines([Chain], null));
        Assert.Empty(Lines([], null));
        Assert.Equal(["add nft-chain inet a", "FAILED refused"], Lines([Chain], "refused"));
    }

    [Fact]
    public void A_host_that_can_not_be_read_is_told_once_until_it_can()
    {
        Assert.Equal("host not readable, will retry: gone", Assert.Single(_log.Unreadable("gone")));
        Assert.Empty(_log.Unreadable("gone"));
        Assert.Single(_log.Unreadable("refused"));
        Lines([], null);
        Assert.Single(_log.Unreadable("refused"));
    }

    private IReadOnlyList<string> Lines(IReadOnlyList<HostChange> changes, string? error) =>
        _log.Of(new ReconcileResult([.. changes], error is null ? [] : [new ItemFailure(Chain.Key.ToString(), error)]));
}

using Tapline.Core.Diff;
using Tapline.Core.Host;

namespace Tapline.Tests.Diff;

public sealed class HostDiffTests
{
    [Fact]
    public void A_bridge_that_an_operator_had_made_is_used_but_never_deleted()
    {
        var adopted = new HostItem.OvsBridge("br-lan", "system", "secure") { Owner = HostItem.OvsBridge.Adopted };
        var wanted = adopted with { Owner = "host" };

        Assert.Empty(HostDiff.Between(HostState.Of([adopted]), HostState.Of([wanted])));
        Assert.Empty(HostDiff.Between(HostState.Of([adopted]), HostState.Empty));
    }

    [Fact]
    public void A_bridge_that_we_made_goes_when_it_is_no_longer_wanted()
    {
        var own = new HostItem.OvsBridge("br-lan", "system", "secure") { Owner = "host" };

        var change = Assert.Single(HostDiff.Between(HostState.Of([own]), HostState.Empty));

        Assert.Equal("delete ovs-bridge br-lan", change.ToString());
    }
}

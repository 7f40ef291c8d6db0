using Tapline.Agent.Reading;

namespace Tapline.Tests.Reading;

public sealed class KernelPartsTests
{
    private static readonly string[] Loaded = ["tun 69632 2 - Live 0x0000000000000000", "br_netfilter 36864 0 - Live 0x0000000000000000"];
    private static readonly string[] BuiltIn = ["kernel/net/bridge/bridge.ko", "kernel/net/netfilter/nf_conntrack.ko"];
    private static readonly string[] OnDisk = ["kernel/drivers/net/tun.ko.xz:", "kernel/drivers/net/veth.ko.xz: kernel/x.ko.xz"];
    private static readonly string[] Configuration = ["CONFIG_TUN=y", "CONFIG_VETH=m", "# CONFIG_OPENVSWITCH is not set"];

    [Fact]
    public void A_kernel_with_modules_is_told_by_its_lists()
    {
        var parts = KernelParts.Of(null, Loaded, BuiltIn, OnDisk);

        Assert.Equal(("loaded", "loaded", "built in", "loadable", "absent"),
            (parts["tun"], parts["br_netfilter"], parts["bridge"], parts["veth"], parts["openvswitch"]));
    }

    [Fact]
    public void A_kernel_that_loads_nothing_is_told_by_its_configuration()
    {
        var parts = KernelParts.Of(Configuration, null, null, null);

        Assert.Equal(("built in", "absent", "absent"), (parts["tun"], parts["veth"], parts["openvswitch"]));
    }

    [Fact]
    public void A_module_whose_list_is_missing_may_be_there_or_not() =>
        Assert.DoesNotContain("veth", KernelParts.Of(Configuration, Loaded, null, null).Keys);

    [Fact]
    public void Nothing_is_told_of_a_kernel_that_tells_nothing() => Assert.Empty(KernelParts.Of(null, null, null, null));
}

using Tapline.Wire.Netlink;

namespace Tapline.HostTests.Wire;

public sealed class OffloadTests
{
    [Fact]
    public void Transmit_offload_goes_off_and_is_read_back()
    {
        using var scratch = new ScratchNamespace();
        using var route = RouteSocket.Open(scratch.Namespace);
        route.AddVeth("a", "b", null, null, null, 1500, 1500);

        var before = Offload.TransmitIsOn(scratch.Namespace, "a");
        Offload.TransmitOff(scratch.Namespace, "a");

        Assert.True(before);
        Assert.False(Offload.TransmitIsOn(scratch.Namespace, "a"));
        Assert.Null(Offload.TransmitIsOn(scratch.Namespace, "absent"));
        Assert.Equal([("a", false), ("b", true)], Offload.TransmitIsOn(scratch.Namespace, ["a", "b", "absent"]).Select(p => (p.Key, p.Value)).Order());
        Assert.True(Assert.Throws<NetlinkException>(() => Offload.TransmitOff(scratch.Namespace, "absent")).IsAbsent);
    }
}

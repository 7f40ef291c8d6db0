using Tapline.Wire.Namespaces;
using Tapline.Wire.Netlink;

namespace Tapline.HostTests.Wire;

public sealed class NetNamespaceTests
{
    [Fact]
    public void Work_runs_inside_and_the_caller_stays_outside()
    {
        using var scratch = new ScratchNamespace();
        using var before = NetNamespace.Current();

        var inside = scratch.Namespace.Run(() =>
        {
            using var current = NetNamespace.Current();
            return current.Inode;
        });

        using var after = NetNamespace.Current();
        Assert.Equal(scratch.Namespace.Inode, inside);
        Assert.NotEqual(before.Inode, inside);
        Assert.Equal(before.Inode, after.Inode);
    }

    [Fact]
    public void An_exception_inside_reaches_the_caller()
    {
        using var scratch = new ScratchNamespace();

        var thrown = Assert.Throws<InvalidOperationException>(() => scratch.Namespace.Run(() => throw new InvalidOperationException("x")));

        Assert.Equal("x", thrown.Message);
    }

    [Fact]
    public void A_new_namespace_has_its_loopback_up()
    {
        using var scratch = new ScratchNamespace();
        using var route = RouteSocket.Open(scratch.Namespace);

        Assert.True(route.Link("lo")?.Up);
    }

    [Fact]
    public void A_file_that_is_no_namespace_is_refused()
    {
        var thrown = Assert.Throws<IOException>(() => NetNamespace.Open("/proc/self/status"));

        Assert.Contains("not a network namespace", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Deleting_an_absent_namespace_is_success() => NetNamespace.Delete(Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString()));

    [Fact]
    public void Sysctls_belong_to_the_namespace()
    {
        using var scratch = new ScratchNamespace();
        var outside = File.ReadAllText("/proc/sys/net/ipv4/ip_forward");

        Sysctl.Write(scratch.Namespace, "net/ipv4/ip_forward", "1");
        Sysctl.WriteMany(scratch.Namespace, [new("net/ipv4/conf/all/rp_filter", "0"), new("net/ipv4/conf/lo/rp_filter", "2")]);

        Assert.Equal("1", Sysctl.Read(scratch.Namespace, "net/ipv4/ip_forward"));
        Assert.Null(Sysctl.Read(scratch.Namespace, "net/ipv4/no_such_thing"));
        var many = Sysctl.ReadMany(scratch.Namespace, ["net/ipv4/conf/lo/rp_filter", "net/ipv4/conf/nowhere/rp_filter"]);
        Assert.Equal("2", Assert.Single(many).Value);
        Assert.Equal(outside, File.ReadAllText("/proc/sys/net/ipv4/ip_forward"));
    }
}

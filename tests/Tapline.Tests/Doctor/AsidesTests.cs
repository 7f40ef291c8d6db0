using Tapline.Core.Doctor;
using Tapline.Core.Doctor.Examining;
using Tapline.Core.Doctor.Tracing;
using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;
using static Tapline.Tests.Doctor.PathBed;

namespace Tapline.Tests.Doctor;

/// <summary>Which copies of a flood an instance can not answer: only those are left out where hosts are thought up.</summary>
public sealed class AsidesTests
{
    private const string Own = "10.0.0.5";
    private const string Other = "10.0.0.9";

    private static readonly MacAddress OwnMac = MacAddress.Parse("fa:16:3e:00:00:05");
    private static readonly MacAddress Asker = MacAddress.Parse("fa:16:3e:00:00:01");

    [Theory]
    [InlineData(Own, false)]
    [InlineData(Other, true)]
    public void Of_an_instance_that_nobody_looks_into_it_is_asked_for_its_own_addresses(string asked, bool isInVain) =>
        Assert.Equal(isInVain, Asides.IsInVain(new World(Healthy), Question(asked)));

    [Theory]
    [InlineData("as it is", Own, false)]
    [InlineData("as it is", Other, true)]
    [InlineData("it has taken the address", Other, false)]
    [InlineData("a route makes it local", Other, false)]
    [InlineData("it answers for a neighbour", Other, false)]
    [InlineData("it answers for whom it has a way to", Other, false)]
    [InlineData("it has rules of its own", Other, false)]
    public void Of_one_that_is_a_namespace_it_is_asked_for_what_its_stack_may_answer(string host, string asked, bool isInVain) =>
        Assert.Equal(isInVain, Asides.IsInVain(new World(With(host)), Question(asked)));

    [Fact]
    public void What_is_for_another_hardware_address_is_in_vain_unless_a_bridge_inside_takes_it()
    {
        var bridged = Light.WithLink("vm", "eth0", link => link with { Master = "br0" });

        Assert.False(Asides.IsInVain(new World(Light), Ping(OwnMac)));
        Assert.True(Asides.IsInVain(new World(Light), Ping(Asker)));
        Assert.True(Asides.IsInVain(new World(Healthy), Ping(Asker)));
        Assert.False(Asides.IsInVain(new World(bridged), Ping(Asker)));
    }

    [Fact]
    public void What_goes_elsewhere_is_not() =>
        Assert.False(Asides.IsInVain(new World(Healthy), new Position.Leaving("", "eth1", Arp.Request(Asker, IpAddress.Parse("10.0.0.1"), IpAddress.Parse(Other)))));

    private static Position.Leaving Question(string asked) => new("", Qvo, Arp.Request(Asker, IpAddress.Parse("10.0.0.1"), IpAddress.Parse(asked)));

    private static Position.Leaving Ping(MacAddress to) =>
        new("", Tap, new Inquiry("", "", "icmp", null).Probe(IpAddress.Parse("10.0.0.1"), IpAddress.Parse(Other)) with { EtherSource = Asker, EtherDestination = to });

    private static Observation With(string host) => host switch
    {
        "it has taken the address" => Light.With("vm", ns => ns with { Routes = [.. ns.Routes, Local($"{Other}/32")] }),
        "a route makes it local" => Light.With("vm", ns => ns with { Routes = [.. ns.Routes, Local("10.0.0.8/30")] }),
        "it answers for a neighbour" => Light.With("vm", ns => ns with { Neighbours = [new ObservedNeighbour("eth0", IpAddress.Parse(Other), null, "", Proxy: true)] }),
        "it answers for whom it has a way to" => Light.WithSysctl("vm", "net/ipv4/conf/all/proxy_arp", "1"),
        "it has rules of its own" => Light.With("vm", ns => ns with { Nftables = """{"nftables": []}""" }),
        _ => Light,
    };

    private static ObservedRoute Local(string destination) =>
        new() { Table = 255, Type = "local", Destination = IpPrefix.Parse(destination), NextHops = [new NextHop(null, "eth0", Usable: true, OnLink: false)] };
}

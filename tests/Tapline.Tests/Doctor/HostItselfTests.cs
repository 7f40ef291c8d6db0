using Tapline.Core.Doctor.Examining;
using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;
using static Tapline.Tests.Doctor.PathBed;

namespace Tapline.Tests.Doctor;

/// <summary>Stacks that answer what is not for them, or do not answer what is.</summary>
public sealed class HostItselfTests
{
    [Fact]
    public void A_stack_that_answers_no_pings_is_told_by_its_setting()
    {
        var report = PingIn(Light.WithSysctl("vm", "net/ipv4/icmp_echo_ignore_all", "1"));

        Assert.Equal((Verdict.BrokenInGuest, "guest.stack.ping-ignored"), (report.Verdict, report.Causes[0].Fault.Code));
        Assert.Equal(["sysctl -w net.ipv4.icmp_echo_ignore_all=0"], report.Causes[0].Fault.Fix!.Commands);
        Assert.Equal(Verdict.Works, PingOut(Light.WithSysctl("vm", "net/ipv4/icmp_echo_ignore_all", "1")).Verdict);
    }

    [Fact]
    public void A_neighbour_entry_for_what_is_not_on_the_link_gives_nobody_an_address()
    {
        var mac = MacAddress.Parse("fa:16:3e:00:00:05");
        var seen = Light.With(Router, ns => ns with { Neighbours = [.. ns.Neighbours, new ObservedNeighbour(Qg, IpAddress.Parse(Outside), mac, "noarp", Proxy: false)] });

        Assert.Equal((Verdict.Works, "in"), (PingIn(seen).Verdict, PingIn(seen).Way));
    }

    /// <summary>ovs-vswitchd's packet socket takes no frame from the kernel, which answers at the same NIC, and sooner.</summary>
    [Fact]
    public void Beside_the_userspace_datapath_the_host_itself_answers_for_an_address_that_it_has_too()
    {
        var seen = Healthy.With("", ns => ns with
        {
            Addresses = [.. ns.Addresses, new("lo", IpPrefix.Parse("203.0.113.20/32"), "global", true)],
            Routes = [.. ns.Routes, new ObservedRoute { Table = 255, Type = "local", Destination = IpPrefix.Parse("203.0.113.20/32"), NextHops = [new NextHop(null, "lo", true, false)] }],
        });

        var report = PingIn(seen);

        Assert.Equal((Verdict.Broken, "address.taken", "eth1"), (report.Verdict, report.Causes[0].Fault.Code, report.Causes[0].Fault.Device));
        Assert.Equal(["ip addr del 203.0.113.20/32 dev lo"], report.Causes[0].Fault.Fix!.Commands);
    }
}

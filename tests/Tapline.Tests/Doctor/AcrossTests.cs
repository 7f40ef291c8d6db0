using System.Text;
using Tapline.Core.Doctor.Examining;
using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;
using Tapline.Doctor;
using static Tapline.Tests.Doctor.PathBed;

namespace Tapline.Tests.Doctor;

/// <summary>Two hosts known by their files, one side of the question on each.</summary>
public sealed class AcrossTests
{
    private const string FarFloatingIp = "203.0.113.30";

    /// <summary>The same host under other names and addresses.</summary>
    private static readonly Observation Other = ObservationJson.Read(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(ObservationJson.Write(Healthy))
        .Replace("compute1", "compute2", StringComparison.Ordinal).Replace("11111111", "44444444", StringComparison.Ordinal)
        .Replace("10.0.0.5", "10.0.0.7", StringComparison.Ordinal).Replace(FloatingIp, FarFloatingIp, StringComparison.Ordinal)
        .Replace("203.0.113.10", "203.0.113.11", StringComparison.Ordinal)));

    [Fact]
    public void The_way_goes_out_of_one_and_into_the_other_and_back()
    {
        var report = Ask(Healthy, Other);

        Assert.Equal((Verdict.Works, 0), (report.Verdict, report.Causes.Count));
        Assert.Equal(["compute1", "compute2"], report.Request.Where(hop => !hop.Packet.IsArp).Select(hop => hop.Host).Distinct());
        Assert.Equal(["compute2", "compute1"], report.Reply.Where(hop => !hop.Packet.IsArp).Select(hop => hop.Host).Distinct());
        Assert.Equal(FloatingIp, report.Request.First(hop => hop is { Host: "compute2", Device: "eth1", Packet.IsArp: false }).Packet.Source.ToString());
    }

    [Fact]
    public void A_break_is_told_with_the_host_it_is_on()
    {
        var far = Ask(Healthy, Other.WithLink("", "qvb44444444-11", link => link with { Master = null }));
        var near = Ask(Healthy.WithSysctl(Router, "net/ipv4/ip_forward", "0").WithSysctl(Router, $"net/ipv4/conf/{Qr}/forwarding", "0").WithSysctl(Router, $"net/ipv4/conf/{Qg}/forwarding", "0"), Other);

        Assert.Equal((Verdict.Broken, "bridge.port-missing", "compute2"), (far.Verdict, far.Causes[0].Fault.Code, far.Causes[0].Host));
        Assert.Equal((Verdict.Broken, "router.forwarding-off", "compute1"), (near.Verdict, near.Causes[0].Fault.Code, near.Causes[0].Host));
        Assert.All(near.Request, hop => Assert.Equal("compute1", hop.Host));
    }

    [Fact]
    public void The_files_order_does_not_matter() =>
        Assert.Equal(Ask(Healthy, Other).Request.Select(hop => (hop.Host, hop.Device)), Ask(Other, Healthy).Request.Select(hop => (hop.Host, hop.Device)));

    [Fact]
    public void One_side_alone_is_traced_on_its_own_host()
    {
        var report = DoctorRun.ExamineAcross([Other, Healthy], new Inquiry(Tap, Outside, "icmp", null), null).Value;

        Assert.Equal(Verdict.Works, report.Verdict);
        Assert.All(report.Request, hop => Assert.Equal("compute1", hop.Host));
    }

    private static Report Ask(params IReadOnlyList<Observation> hosts) =>
        DoctorRun.ExamineAcross(hosts, new Inquiry(Tap, FarFloatingIp, "icmp", null), IpAddress.Parse("10.0.0.5")).Value;
}

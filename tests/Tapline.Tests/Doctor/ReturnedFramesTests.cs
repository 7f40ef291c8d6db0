using Tapline.Core.Doctor.Examining;
using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;
using static Tapline.Tests.Doctor.PathBed;

namespace Tapline.Tests.Doctor;

/// <summary>
/// Frames that a bridge gives back to where they came from: what switches learned of their sender then moves to and fro, so that what
/// is read at one moment says nothing about the next.
/// </summary>
public sealed class ReturnedFramesTests
{
    private static readonly MacAddress Leg = MacAddress.Parse("fa:16:3e:00:00:01");

    [Fact]
    public void A_port_in_hairpin_mode_is_named_where_the_switch_learns_by_it()
    {
        foreach (var report in (Report[])[PingOut(Reflecting), PingIn(Reflecting)])
        {
            var cause = Assert.Single(report.Causes).Fault;
            Assert.Equal((Verdict.Unknown, "bridge.hairpin", "", Qvb), (report.Verdict, cause.Code, cause.Namespace, cause.Device));
            Assert.Equal([$"bridge link set dev {Qvb} hairpin off", "ovs-appctl fdb/flush br-int"], cause.Fix!.Commands);
            Assert.Contains(Leg.ToString(), report.Missing, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_the_switch_believes_at_this_moment_is_no_cause_of_its_own()
    {
        var report = PingOut(Reflecting.WithBridge("br-int", bridge => bridge with { Fdb = [new LearnedMac(Qvo, 1, Leg, 3)] }));

        Assert.Equal((Verdict.Unknown, "bridge.hairpin"), (report.Verdict, Assert.Single(report.Causes).Fault.Code));
    }

    [Fact]
    public void Where_flows_throw_away_what_does_not_bear_the_instances_address_it_works() =>
        Assert.Equal(Verdict.Works, PingOut(Healthy.WithLink("", Qvb, InHairpinMode)).Verdict);

    [Theory]
    [InlineData(300, Verdict.Unknown)]
    [InlineData(0, Verdict.Works)]
    public void A_Linux_bridge_is_misled_where_it_learns(int ageing, Verdict verdict)
    {
        var report = PingOut(Healthy
            .WithLink("", Qbr, link => link with { Bridge = link.Bridge! with { AgeingSeconds = ageing } })
            .WithBridge("br-int", bridge => bridge with { Flows = [.. bridge.Flows.Select(flow => flow.Replace("table=60, n_packets=0, n_bytes=0, priority=3 actions=NORMAL", "table=60, n_packets=0, n_bytes=0, priority=3 actions=NORMAL,IN_PORT", StringComparison.Ordinal))] }));

        Assert.Equal((verdict, verdict == Verdict.Works ? "" : $"bridge.loop at {Qvb}"), (report.Verdict, string.Concat(report.Causes.Select(cause => $"{cause.Fault.Code} at {cause.Fault.Device}"))));
    }

    /// <summary>A port in hairpin mode, on a host whose flows look at the sender of ARP alone.</summary>
    private static Observation Reflecting { get; } = Healthy.WithLink("", Qvb, InHairpinMode)
        .WithBridge("br-int", bridge => bridge with { Flows = [.. bridge.Flows.Select(flow => flow.Replace("resubmit(,25)", "resubmit(,60)", StringComparison.Ordinal))] });

    private static ObservedLink InHairpinMode(ObservedLink link) => link with { BridgePort = link.BridgePort! with { Hairpin = true } };
}

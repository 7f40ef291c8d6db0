using Tapline.Agent.Reading;
using Tapline.Core.Doctor;
using Tapline.Core.Doctor.Comparing;
using Tapline.Core.Doctor.Examining;
using Tapline.Core.Doctor.Tracing;
using Tapline.Core.Host;
using Tapline.Core.Host.Observed;
using Tapline.Core.Model;
using Tapline.Core.Primitives;
using static Tapline.Tests.Doctor.PathBed;

namespace Tapline.Tests.Doctor;

/// <summary>What should be beside what is, on hosts of others and of Tapline's own.</summary>
public sealed class ComparisonTests
{
    private static readonly Id<Network> Network = Id<Network>.Parse("a0000000-0000-4000-8000-000000000000");
    private static readonly Id<Subnet> Subnet = Id<Subnet>.Parse("b0000000-0000-4000-8000-000000000000");

    [Fact]
    public void A_host_of_others_tells_by_its_own_notes()
    {
        var report = Beside(PingOut(Healthy), Healthy, Topology.Empty);

        Assert.Equal(("a port of br-int, VLAN 1", "up, MTU 1500, a port of br-int, VLAN 1"), At(report, Qvo));
        Assert.Equal(($"in {Qbr}", $"up, MTU 1500, in {Qbr}"), At(report, Qvb));
        Assert.Equal((null, "up, MTU 1500, 10.0.0.1/24, a port of br-int, VLAN 1"), (At(report, Qr).Should, At(report, Qr).Is));
        Assert.Empty(report.Notes);
    }

    [Fact]
    public void What_is_not_as_planned_is_named_also_where_the_ping_works()
    {
        var report = Beside(PingOut(Healthy), Healthy, Cloud(mtu: 1400));

        Assert.Equal(Verdict.Works, report.Verdict);
        Assert.Contains($"{Qbr}: MTU 1500 instead of MTU 1400", report.Notes);
        Assert.StartsWith($"up, MTU 1400, in {Qbr}", At(report, Qvb).Should, StringComparison.Ordinal);
    }

    [Fact]
    public void Many_differences_are_told_in_few_lines() =>
        Assert.Matches("^[0-9]+ more things are not as they should be", Beside(PingOut(Healthy), Healthy, Cloud(mtu: 1400)).Notes[^1]);

    [Fact]
    public void A_router_that_is_gone_whole_is_for_the_cloud_to_give_anew()
    {
        var gone = (Healthy with { Namespaces = [Healthy.Namespaces[0]] }).WithPort(Qr, port => port with
        {
            Interfaces = [port.Interfaces[0] with { ExternalIds = [new Setting("attached-mac", "fa:16:3e:00:00:01")] }],
        });

        var fault = Beside(PingOut(gone), gone, Topology.Empty).Causes[0].Fault;

        Assert.Equal(("router.namespace-gone", Qr, FixPlace.Api), (fault.Code, fault.Device, fault.Fix!.Where));
        Assert.StartsWith("openstack router set --disable $(openstack port show $(openstack port list --mac-address fa:16:3e:00:00:01 ", fault.Fix.Commands[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_port_whose_device_was_made_anew_hears_nothing_and_is_taken_out_and_in_again()
    {
        var fault = PingOut(Healthy.WithLink("", Qvo, link => link with { Listened = false })).Causes[0].Fault;

        Assert.Equal(("ovs.port-stale", Qvo), (fault.Code, fault.Device));
        Assert.Equal(
            [$"ovs-vsctl del-port br-int {Qvo}", $"ovs-vsctl --may-exist add-port br-int {Qvo} tag=1 -- set Interface {Qvo} ofport_request=1 external_ids:attached-mac='\"fa:16:3e:00:00:05\"' external_ids:iface-id='\"11111111-1111-4111-8111-111111111111\"'"],
            fault.Fix!.Commands);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(null)]
    public void A_port_that_is_listened_on_or_was_not_asked_for_is_healthy(bool? listened) =>
        Assert.Equal(Verdict.Works, PingOut(Healthy.WithLink("", Qvo, link => link with { Listened = listened })).Verdict);

    [Fact]
    public void Packet_sockets_are_read_by_the_link_they_are_bound_to() =>
        Assert.Equal([-1, 0, 5], PacketSockets.Indexes("""
            sk               RefCnt Type Proto  Iface R Rmem   User   Inode
            000000003c93d354 3      3    0003   5     1 0      0      26428098
            00000000fd26fe73 2      3    0003   -1    0 0      0      26429392
            000000004effd3a4 2      3    0000   0     0 0      0      26430731

            """).Order());

    private static (string? Should, string Is) At(Report report, string device) => report.Request.Where(hop => hop.Device == device).Select(hop => (hop.Should, hop.Is)).First();

    private static Report Beside(Report report, Observation seen, Topology intent) => new Comparison(new World(seen), Wanted.Of(seen, intent)).Beside(report);

    private static Topology Cloud(int mtu) => Topology.Of(
    [
        new Core.Model.Host { Name = "compute1", ProjectId = "p" },
        new Network { Id = Network, ProjectId = "p", Type = NetworkType.Local, Mtu = mtu },
        new Subnet { Id = Subnet, ProjectId = "p", NetworkId = Network, Cidr = IpPrefix.Parse("10.0.0.0/24") },
        new Port
        {
            Id = OwnHost.Port, ProjectId = "p", NetworkId = Network, Mac = MacAddress.Parse("fa:16:3e:00:00:05"), HostId = "compute1",
            DeviceOwner = "compute:nova", FixedIps = [new FixedIp(Subnet, IpAddress.Parse("10.0.0.5"))],
        },
    ]);
}

using Tapline.Core.Doctor;
using Tapline.Core.Doctor.Examining;
using static Tapline.Tests.Doctor.PathBed;

namespace Tapline.Tests.Doctor;

/// <summary>The doctor on a host of Tapline's own: whose fault a drop is, and mends in the cloud's names.</summary>
public sealed class OwnHostTests
{
    /// <summary>Open nowhere meanwhile, and just as the agent writes it.</summary>
    private const string WrittenAnew = "nft 'add chain inet tapline forward { type filter hook forward priority 0; policy accept; }; flush chain inet tapline forward; "
        + "add rule inet tapline forward iifname vmap @dispatch comment \"d5a1c37a33fb.0\"; add rule inet tapline forward iifname \"qbr*\" counter drop comment \"d5a1c37a33fb.1\"'";

    [Fact]
    public void A_healthy_one_has_no_causes() =>
        Assert.Equal((Verdict.Works, 0), (PingOut(OwnHost.Healthy).Verdict, PingOut(OwnHost.Healthy).Causes.Count));

    [Fact]
    public void A_hooks_policy_is_no_security_groups_and_the_way_to_the_groups_is_mended_first()
    {
        var fault = Only(PingOut(OwnHost.WithRules(OwnHost.IsDispatch, OwnHost.Dropping)));

        Assert.Equal("firewall.policy", fault.Code);
        Assert.Equal([WrittenAnew], fault.Fix!.Commands);
    }

    [Fact]
    public void A_closing_rule_that_nothing_goes_before_stays()
    {
        var fault = Only(PingOut(OwnHost.WithRules(rule => OwnHost.IsDispatch(rule) && (int?)rule["handle"] == 14, document => document)));

        Assert.Equal("firewall.rule", fault.Code);
        Assert.Equal([WrittenAnew], fault.Fix!.Commands);
    }

    [Fact]
    public void Rules_that_the_hook_does_not_come_to_are_not_in_force()
    {
        var report = PingOut(OwnHost.WithRules(OwnHost.IsDispatch, document => document));

        Assert.Equal((Verdict.WorksBut, "security-groups.missing"), (report.Verdict, Only(report).Code));
        Assert.Equal([WrittenAnew], Only(report).Fix!.Commands);
    }

    [Fact]
    public void What_the_cloud_does_not_open_is_opened_there_in_its_own_names()
    {
        var fault = Only(PingIn(OwnHost.Healthy, OwnHost.Cloud("10.0.0.5", OwnHost.Ingress("tcp", 22), OwnHost.Ingress("icmp", remote: "192.0.2.0/24"))));

        Assert.Equal(("security-group.no-ingress-rule", FixPlace.Api), (fault.Code, fault.Fix!.Where));
        Assert.Equal([$"openstack security group rule create --ingress --protocol icmp {OwnHost.Group}"], fault.Fix.Commands);
        Assert.DoesNotContain("GROUP", fault.Fix.Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public void A_port_in_no_group_gets_one()
    {
        var cloud = OwnHost.Cloud("10.0.0.5");
        var fault = Only(PingIn(OwnHost.Healthy, cloud.Put(cloud.Ports[OwnHost.Port] with { SecurityGroups = [] })));

        Assert.Equal(
            ["openstack security group create for-11111111-11", "openstack security group rule create --ingress --protocol icmp for-11111111-11", $"openstack port set --security-group for-11111111-11 {OwnHost.Port}"],
            fault.Fix!.Commands);
    }

    [Fact]
    public void What_the_cloud_has_opened_is_mended_on_the_host_that_lacks_it()
    {
        var fault = Only(PingIn(OwnHost.Healthy, OwnHost.Cloud("10.0.0.5", OwnHost.Ingress("icmp"))));

        Assert.Equal(("security-group.no-ingress-rule", FixPlace.Host), (fault.Code, fault.Fix!.Where));
        Assert.StartsWith("nft 'add chain inet tapline sgi-5e000000-00; flush chain inet tapline sgi-5e000000-00; add rule inet tapline sgi-5e000000-00 meta nfproto ipv4 meta l4proto 1 accept comment ", Assert.Single(fault.Fix.Commands), StringComparison.Ordinal);
    }

    [Fact]
    public void Where_the_cloud_is_not_known_a_person_fills_in() =>
        Assert.Contains("GROUP: one of the port's security groups", Only(PingIn(OwnHost.Healthy)).Fix!.Explanation, StringComparison.Ordinal);

    [Fact]
    public void An_address_that_the_host_has_forgotten_is_no_spoofing()
    {
        var forgotten = OwnHost.WithRules(_ => false, document => document.Replace("\"fa:16:3e:00:00:05\", \"10.0.0.5\"", "\"fa:16:3e:00:00:05\", \"10.0.0.77\"", StringComparison.Ordinal));
        var known = Only(PingOut(forgotten, intent: OwnHost.Cloud("10.0.0.5")));
        var foreign = Only(PingOut(forgotten, intent: OwnHost.Cloud("10.0.0.78")));

        Assert.Equal(("port.spoofed", FixPlace.Host), (known.Code, known.Fix!.Where));
        Assert.Equal(["nft 'add element bridge tapline macs { tap11111111-11 . fa:16:3e:00:00:05 }; add element bridge tapline addresses4 { tap11111111-11 . fa:16:3e:00:00:05 . 10.0.0.5 }'"], known.Fix.Commands);
        Assert.Equal((FixPlace.Api, $"openstack port set --allowed-address ip-address=10.0.0.5 {OwnHost.Port}"), (foreign.Fix!.Where, foreign.Fix.Commands[0]));
    }

    [Fact]
    public void Another_hardware_address_is_allowed_along_with_the_address()
    {
        var foreign = OwnHost.WithRules(_ => false, document => document.Replace("fa:16:3e:00:00:05", "fa:16:3e:00:00:99", StringComparison.Ordinal));
        var cloud = OwnHost.Cloud("10.0.0.5");

        var fault = Only(PingOut(foreign, intent: cloud.Put(cloud.Ports[OwnHost.Port] with { Mac = Core.Primitives.MacAddress.Parse("fa:16:3e:00:00:99") })));

        Assert.Equal($"openstack port set --allowed-address ip-address=10.0.0.5,mac-address=fa:16:3e:00:00:05 {OwnHost.Port}", fault.Fix!.Commands[0]);
    }

    [Fact]
    public void A_port_that_the_cloud_has_switched_off_is_meant_to_be_dead()
    {
        var cloud = OwnHost.Cloud("10.0.0.5");
        var report = PingOut(Healthy.WithLink("", Tap, link => link with { Up = false }), intent: cloud.Put(cloud.Ports[OwnHost.Port] with { AdminStateUp = false }));

        Assert.Equal(("port.disabled", $"openstack port set --enable {OwnHost.Port}"), (Only(report).Code, Only(report).Fix!.Commands[0]));
    }

    private static Fault Only(Report report) => Assert.Single(report.Causes).Fault;
}

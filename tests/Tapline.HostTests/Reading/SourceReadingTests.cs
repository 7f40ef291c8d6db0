namespace Tapline.HostTests.Reading;

/// <summary>What of a namespace's past decides about sources, and no list tells.</summary>
public sealed class SourceReadingTests
{
    private const string Guest = """
        ip netns add vm; ip -n vm link set lo up; ip -n vm link add e0 type veth peer name p0; ip -n vm link set e0 up; ip -n vm link set p0 up
        ip netns exec vm sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.e0.rp_filter=0
        ip -n vm addr add 192.168.1.5/24 dev e0

        """;

    [Fact]
    public async Task Where_a_local_route_came_and_went_sources_are_judged_by_routes()
    {
        using var host = await ScratchHost.RunAsync(Guest + """
            observe plain
            ip -n vm addr add 192.168.1.5/24 dev lo
            observe before
            ip -n vm route add local 203.0.113.0/24 dev lo; ip -n vm route del local 203.0.113.0/24 dev lo
            observe after
            """);

        Assert.Equal(((bool?)null, (bool?)false, (bool?)true), (Of(host, "plain"), Of(host, "before"), Of(host, "after")));
    }

    [Fact]
    public async Task A_rule_that_came_and_went_counts_as_well_and_a_device_that_checks_more_tells_nothing()
    {
        using var host = await ScratchHost.RunAsync(Guest + """
            ip -n vm addr add 192.168.1.5/24 dev lo
            ip -n vm rule add pref 99 lookup 99; ip -n vm rule del pref 99
            observe rule
            ip netns exec vm sysctl -qw net.ipv4.conf.e0.rp_filter=1
            observe strict
            """);

        Assert.Equal(((bool?)true, (bool?)null), (Of(host, "rule"), Of(host, "strict")));
    }

    private static bool? Of(ScratchHost host, string file) => host.Observation(file).Namespace("vm")!.ChecksSourcesByRoutes;
}

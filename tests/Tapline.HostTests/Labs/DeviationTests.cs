namespace Tapline.HostTests.Labs;

/// <summary>What somebody else changed in an object of ours is set right within two seconds.</summary>
[Collection(LabCollection.Name)]
public sealed class DeviationTests(LabFixture lab)
{
    private const string Switch = "ovs-vsctl --db=unix:/run/openvswitch/db.sock";
    private const string Flows = "ovs-ofctl -O OpenFlow13";

    [Fact]
    public async Task Each_deviation_is_mended_within_two_seconds()
    {
        await using var tenant = await Tenant.MakeAsync(lab);
        var web = await tenant.StartAsync("192.168.1.5");
        var (_, floating) = await tenant.FloatAsync(web);
        await Within.TwoSecondsAsync("ping from outside", () => lab.PingsFromOutsideAsync(floating));
        var router = $"nsenter --net=/run/netns/{tenant.RouterNamespace}";
        var dhcp = $"/run/tapline/processes/qdhcp-{tenant.Network}/dnsmasq/pid";
        (string Break, string Probe)[] deviations =
        [
            ($"ip link set {web.Qvb} down", $"ip link show {web.Qvb} | grep -q 'state UP'"),
            ($"ip link set {web.Qbr} mtu 1300", $"ip link show {web.Qbr} | grep -q 'mtu 1500'"),
            ($"ip link set {web.Qvb} nomaster", $"ip link show {web.Qvb} | grep -q 'master {web.Qbr}'"),
            ($"ip link del {web.Qvo}", $"ip link show {web.Qvo} | grep -q 'state UP'"),
            ($"{router} ip route del default", $"{router} ip route | grep -q ^default"),
            ($"{router} sysctl -qw net.ipv4.ip_forward=0", $"[ $({router} sysctl -n net.ipv4.ip_forward) = 1 ]"),
            ($"{router} nft flush ruleset", $"{router} nft list ruleset | grep -q fip_to_fixed"),
            ($"nft flush chain inet tapline in-{web.PortId[..11]}", $"nft list chain inet tapline in-{web.PortId[..11]} | grep -q jump"),
            ("nft delete table bridge tapline", "nft list table bridge tapline | grep -q jump"),
            ("sysctl -qw net.bridge.bridge-nf-call-iptables=0", "[ $(sysctl -n net.bridge.bridge-nf-call-iptables) = 1 ]"),
            ($"{Flows} del-flows br-int", $"{Flows} dump-flows br-int | grep -q table=60"),
            ($"{Switch} del-port {web.Qvo}", $"{Switch} list-ports br-int | grep -q {web.Qvo}"),
            ($"{Switch} del-port int-br-eth1", $"{Switch} list-ports br-int | grep -q int-br-eth1"),
            ($"{Switch} set Port {web.Qvo} tag=77", $"! {Switch} get Port {web.Qvo} tag | grep -q 77"),
            ($"kill -9 $(cat {dhcp})", $"kill -0 $(cat {dhcp})"),
            ($"ip netns del {tenant.RouterNamespace}", $"{router} ip route | grep -q ^default"),
            ($"ip netns del qdhcp-{tenant.Network}", $"ip netns pids qdhcp-{tenant.Network} | grep -qx $(cat {dhcp})"),
            ($"ip link del tap{web.PortId[..11]}", $"ip link show tap{web.PortId[..11]} | grep -q 'state UP'"),
        ];

        foreach (var (damage, probe) in deviations)
        {
            (await lab.OnHostAsync("sh", "-c", damage)).Required();
            await Within.TwoSecondsAsync($"mended: {damage}", async () =>
                (await lab.OnHostAsync("sh", "-c", probe)).ExitCode == 0
                && await lab.PingsFromAsync(web, LabFixture.Far)
                && await lab.PingsFromOutsideAsync(floating));
            await Within.TwoSecondsAsync($"diff prints [] after: {damage}", async () => await lab.DiffAsync() is []);
        }
    }
}

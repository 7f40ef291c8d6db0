using System.Text.Json.Nodes;
using Tapline.Core.Host;
using Tapline.Core.Primitives;

namespace Tapline.HostTests.Reading;

/// <summary>Open vSwitch beside what its own programs say.</summary>
public sealed class SwitchReadingTests
{
    private const string Start = """
        mkdir -p /run/openvswitch
        export OVS_RUNDIR=/run/openvswitch OVS_LOGDIR=/run/openvswitch
        ovsdb-tool create /run/conf.db /usr/share/openvswitch/vswitch.ovsschema
        quiet='-vconsole:off -vsyslog:off -vfile:off'
        ovsdb-server /run/conf.db --remote=punix:/run/openvswitch/db.sock --pidfile=/run/openvswitch/ovsdb-server.pid $quiet --detach
        ovs-vsctl --no-wait init
        ovs-vswitchd unix:/run/openvswitch/db.sock --disable-system --enable-dummy --pidfile=/run/openvswitch/ovs-vswitchd.pid $quiet --detach
        ovs-vsctl add-br br-int -- set bridge br-int datapath_type=dummy fail_mode=secure external_ids:mark=ours other_config:mac-table-size=500
        ovs-vsctl add-br br-x -- set bridge br-x datapath_type=dummy protocols=OpenFlow13
        ovs-vsctl add-port br-int p1 tag=5 -- set interface p1 type=dummy external_ids:iface-id=the-port options:pstream=punix:/run/p1.sock options:psk=hunter2
        ovs-vsctl add-port br-int p2 trunks=3,4 vlan_mode=trunk -- set interface p2 type=dummy
        ovs-vsctl add-port br-int p3 -- set interface p3 type=dummy
        ovs-vsctl add-port br-int broken -- set interface broken type=no-such-type || true
        ovs-vsctl add-port br-int to-x -- set interface to-x type=patch options:peer=to-int -- add-port br-x to-int -- set interface to-int type=patch options:peer=to-x
        ovs-vsctl -- --id=@p1 get port p1 -- --id=@p2 get port p2 -- --id=@m create mirror name=m select_src_port=@p1 output_port=@p2 -- set bridge br-int mirrors=@m
        ovs-ofctl -O OpenFlow15 add-group br-int group_id=9,type=all,bucket=output:1
        ovs-ofctl -O OpenFlow15 add-flow br-int 'table=0,priority=3,in_port=p1,ip,nw_dst=10.0.0.0/8 actions=group:9'
        ovs-ofctl -O OpenFlow15 add-flow br-int 'table=60,priority=7,dl_vlan=4095,cookie=0x7 actions=drop'
        ovs-ofctl add-flow br-int 'priority=0 actions=NORMAL'
        ovs-ofctl mod-port br-int p2 no-flood
        ovs-ofctl mod-port br-int p1 down
        ovs-ofctl mod-port br-int p1 up
        ovs-ofctl mod-port br-int p1 no-receive
        ovs-appctl ofproto/trace br-int 'in_port=p3,dl_vlan=3,dl_src=02:00:00:00:00:99,dl_dst=ff:ff:ff:ff:ff:ff' -generate > /dev/null

        """;

    [Fact]
    public async Task Bridges_ports_flows_and_learned_addresses_are_read()
    {
        SkipWithout();
        using var host = await ScratchHost.RunAsync(Start + """
            observe observation
            ovs-ofctl --names --no-stats -O OpenFlow15 dump-flows br-int > $out/flows
            ovs-vsctl --format=json --columns=name,ofport,type list interface > $out/interfaces
            """);

        var observation = host.Observation("observation");

        var ovs = observation.Switch!;
        Assert.True(ovs.DaemonAnswers);
        Assert.Matches(@"^\d+\.\d+\.\d+", ovs.Version);
        Assert.Equal(["br-int", "br-x"], ovs.Bridges.Select(bridge => bridge.Name));
        var bridge = ovs.Bridges[0];
        Assert.Equal(("dummy", "secure"), (bridge.DatapathType, bridge.FailMode));
        Assert.Equal("standalone", ovs.Bridges[1].FailMode);
        Assert.Equal((new Setting("mark", "ours"), new Setting("mac-table-size", "500")), (bridge.ExternalIds[0], bridge.OtherConfig[0]));
        Assert.Contains("mirror m select_all=false select_src_port=p1 select_dst_port= select_vlan= output_port=p2 output_vlan=", bridge.Extras);
        Assert.Contains("protocols OpenFlow13", ovs.Bridges[1].Extras);

        var ports = bridge.Ports.ToDictionary(port => port.Name);
        Assert.Equal((5, "the-port"), (ports["p1"].Tag, ports["p1"].Interfaces[0].ExternalId("iface-id")));
        Assert.Equal(((ValueList<int>)[3, 4], "trunk"), (ports["p2"].Trunks, ports["p2"].VlanMode));
        Assert.Equal("to-int", ports["to-x"].Interfaces[0].Option("peer"));
        Assert.DoesNotContain("hunter2", host.Text("observation"), StringComparison.Ordinal);
        Assert.NotEqual("", ports["broken"].Interfaces[0].Error);
        Assert.Contains("NO_RECV", ports["p1"].Interfaces[0].Config);
        Assert.Contains("NO_FLOOD", ports["p2"].Interfaces[0].Config);
        Assert.NotNull(ports["p1"].Interfaces[0].Counters);
        Assert.Equal(
            JsonNode.Parse(host.Text("interfaces"))!["data"]!.AsArray().Select(row => $"{row![0]} {(row[1] is JsonValue number ? number.ToString() : "")} {row[2]}").Order(StringComparer.Ordinal),
            ovs.Bridges.SelectMany(item => item.Ports).SelectMany(port => port.Interfaces).Select(device => $"{device.Name} {device.Ofport} {device.Type}").Order(StringComparer.Ordinal));

        var told = host.Text("flows").Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line.Contains("actions=", StringComparison.Ordinal)).ToList();
        Assert.Equal(3, told.Count);
        Assert.Equal(told.Select(Core).Order(StringComparer.Ordinal), bridge.Flows.Select(Core).Order(StringComparer.Ordinal));
        Assert.All(bridge.Flows, flow => Assert.Contains("n_packets=", flow, StringComparison.Ordinal));
        Assert.Contains("group_id=9,type=all", Assert.Single(bridge.Groups), StringComparison.Ordinal);
        Assert.Contains(bridge.Fdb, entry => entry is { Port: "p3", Vlan: 3 } && entry.Mac == MacAddress.Parse("02:00:00:00:00:99"));
        Assert.Empty(observation.Unread);
    }

    [Fact]
    public async Task A_daemon_that_hangs_is_told_and_does_not_hold_the_reading_up()
    {
        SkipWithout();
        using var host = await ScratchHost.RunAsync(Start + """
            kill -STOP $(cat /run/openvswitch/ovs-vswitchd.pid)
            date +%s%N > $out/from
            observe hung
            date +%s%N > $out/to
            kill -STOP $(cat /run/openvswitch/ovsdb-server.pid)
            observe database
            kill -CONT $(cat /run/openvswitch/ovs-vswitchd.pid) $(cat /run/openvswitch/ovsdb-server.pid)
            kill -9 $(cat /run/openvswitch/ovs-vswitchd.pid)
            while kill -0 $(cat /run/openvswitch/ovs-vswitchd.pid) 2> /dev/null; do sleep 0.01; done
            observe dead
            """);

        var hung = host.Observation("hung");
        Assert.False(hung.Switch!.DaemonAnswers);
        Assert.Equal(["br-int", "br-x"], hung.Switch.Bridges.Select(bridge => bridge.Name));
        Assert.Empty(hung.Switch.Bridges[0].Flows);
        Assert.Contains("Open vSwitch's flows: ovs-vswitchd does not answer within 200 ms", hung.Unread);
        Assert.Equal("T", hung.Processes.Single(process => process.Name == "ovs-vswitchd").State);
        Assert.True(long.Parse(host.Text("to")) - long.Parse(host.Text("from")) < 8_000_000_000);

        Assert.Null(host.Observation("database").Switch);
        Assert.Contains("Open vSwitch's database: no answer in time", host.Observation("database").Unread);

        Assert.False(host.Observation("dead").Switch!.DaemonAnswers);
    }

    private static void SkipWithout() =>
        Assert.SkipUnless(File.Exists("/usr/share/openvswitch/vswitch.ovsschema") && ScratchHost.Has("ovs-vswitchd"), "Open vSwitch is not installed here");

    /// <summary>Table, priority, match and actions.</summary>
    private static string Core(string flow)
    {
        var table = flow.Split(' ').FirstOrDefault(word => word.StartsWith("table=", StringComparison.Ordinal))?.TrimEnd(',') ?? "table=0";
        return $"{(table == "table=0" ? "" : table)} {flow.Trim().Split(' ')[^2].TrimEnd(',')} {flow.Split(' ')[^1]}";
    }
}

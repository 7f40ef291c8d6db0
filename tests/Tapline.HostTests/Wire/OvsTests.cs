using System.Text.Json.Nodes;
using Tapline.Wire.Ovs;

namespace Tapline.HostTests.Wire;

public sealed class OvsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_bridge_made_by_a_transaction_is_seen_in_the_mirror()
    {
        await using var ovs = await PrivateOvs.StartAsync(Token);
        await using var client = await OvsdbClient.ConnectAsync(ovs.Socket, Token);
        var mirror = await OvsdbMirror.StartAsync(client, Token);
        var changes = 0;
        mirror.Changed += _ => Interlocked.Increment(ref changes);

        await ovs.AddBridgeAsync(mirror, "br0", Token);

        var bridge = mirror.Current.Named("Bridge", "br0");
        Assert.NotNull(bridge);
        Assert.Equal("secure", bridge.GetString("fail_mode"));
        Assert.Equal("x y", bridge.GetMap("external_ids")["other"]);
        var port = Assert.Single(mirror.Current.PortsOf(bridge));
        Assert.Null(port.GetLong("tag"));
        var link = Assert.Single(mirror.Current.InterfacesOf(port));
        Assert.Equal(("br0", 65534L), (link.Name, link.GetLong("ofport")));
        Assert.NotEqual(0, changes);

        await new OvsdbTransaction().Update("Port", port.Uuid, new JsonObject { ["tag"] = 7, ["trunks"] = OvsValue.Set(1, 2) })
            .CommitAndWaitAsync(mirror, Token);

        Assert.Equal(7, mirror.Current.Named("Port", "br0")?.GetLong("tag"));
        Assert.Equal(["1", "2"], mirror.Current.Named("Port", "br0")?.GetSet("trunks"));
    }

    [Fact]
    public async Task Refused_operations_say_what_and_why()
    {
        await using var ovs = await PrivateOvs.StartAsync(Token);
        await using var client = await OvsdbClient.ConnectAsync(ovs.Socket, Token);

        var unknown = await Assert.ThrowsAsync<OvsdbException>(() => client.TransactAsync("""[{"op":"insert","table":"Nowhere","row":{}}]""", Token));
        var atCommit = await Assert.ThrowsAsync<OvsdbException>(() => client.TransactAsync(
            """[{"op":"insert","table":"Open_vSwitch","row":{}},{"op":"insert","table":"Open_vSwitch","row":{}}]""", Token));
        var waited = await Assert.ThrowsAsync<OvsdbException>(() => new OvsdbTransaction()
            .Wait("Bridge", Guid.NewGuid(), new JsonObject { ["name"] = "x" }).CommitAsync(client, Token));

        Assert.Contains("Nowhere", unknown.Message, StringComparison.Ordinal);
        Assert.Equal("constraint violation", atCommit.Error);
        Assert.Contains("commit", atCommit.Message, StringComparison.Ordinal);
        Assert.Equal("timed out", waited.Error);
    }

    [Fact]
    public async Task Flows_and_ports_are_read_and_the_end_of_vswitchd_is_noticed()
    {
        await using var ovs = await PrivateOvs.StartAsync(Token);
        await using var client = await OvsdbClient.ConnectAsync(ovs.Socket, Token);
        var mirror = await OvsdbMirror.StartAsync(client, Token);
        await ovs.AddBridgeAsync(mirror, "br0", Token);
        var management = Path.Combine(ovs.RunDirectory, "br0.mgmt");
        AddFlows(management, 300);
        await using var switchd = await OpenFlowConnection.ConnectAsync(management, Token);

        var flows = await switchd.FlowsAsync(Token);
        var ports = await switchd.PortsAsync(Token);
        var counters = await switchd.PortCountersAsync(Token);

        Assert.Equal(301, flows.Count);
        var chosen = Assert.Single(flows, flow => flow.Table == 3);
        Assert.Equal((1234, 0xabcUL, 0UL), (chosen.Priority, chosen.Cookie, chosen.PacketCount));
        Assert.Equal(Convert.FromHexString("80000a020806"), chosen.Match); // OXM_OF_ETH_TYPE = ARP
        Assert.Equal((0xfffffffeu, "br0"), Assert.Single(ports.Select(port => (port.Number, port.Name))));
        Assert.Equal(0xfffffffeu, Assert.Single(counters).Port);
        Assert.False(switchd.Closed.IsCompleted);

        ovs.Vswitchd.Kill();

        await switchd.Closed.WaitAsync(TimeSpan.FromSeconds(10), Token);
        await Assert.ThrowsAsync<OpenFlowException>(() => switchd.FlowsAsync(Token));
        Assert.False(client.Closed.IsCompleted);
    }

    [Fact]
    public async Task Vswitchd_answers_control_commands()
    {
        await using var ovs = await PrivateOvs.StartAsync(Token);
        await using var client = await OvsdbClient.ConnectAsync(ovs.Socket, Token);
        var mirror = await OvsdbMirror.StartAsync(client, Token);
        await ovs.AddBridgeAsync(mirror, "br0", Token);
        var control = Unixctl.Find(ovs.RunDirectory);
        Assert.NotNull(control);

        Assert.Contains("ovs-vswitchd", await Unixctl.CallAsync(control, "version"), StringComparison.Ordinal);
        Assert.Contains("bridge(\"br0\")", await Unixctl.CallAsync(control, "ofproto/trace", "br0", "in_port=LOCAL,arp"), StringComparison.Ordinal);
        var refused = await Assert.ThrowsAsync<UnixctlException>(() => Unixctl.CallAsync(control, "fdb/show", "absent"));
        Assert.Contains("no such bridge", refused.Message, StringComparison.Ordinal);
        Assert.Null(Unixctl.Find(Path.Combine(ovs.RunDirectory, "nowhere")));
    }

    [Fact]
    public async Task A_mirror_ends_with_its_connection_and_waiters_are_told()
    {
        await using var ovs = await PrivateOvs.StartAsync(Token);
        var client = await OvsdbClient.ConnectAsync(ovs.Socket, Token);
        var mirror = await OvsdbMirror.StartAsync(client, Token);
        var waiting = mirror.WaitForAsync(_ => false, Token);

        await client.DisposeAsync();

        await Assert.ThrowsAsync<OvsdbException>(() => waiting);
        await Assert.ThrowsAsync<OvsdbException>(() => mirror.WaitForAsync(_ => false, Token));
        await mirror.Closed.WaitAsync(TimeSpan.FromSeconds(5), Token);
        await Assert.ThrowsAsync<OvsdbException>(() => OvsdbClient.ConnectAsync(ovs.Socket + "x", Token));
    }

    private static void AddFlows(string management, int count)
    {
        var lines = Enumerable.Range(1, count).Select(i => $"table=0,priority={i},cookie={i},actions=drop")
            .Append("table=3,priority=1234,cookie=0xabc,arp,actions=NORMAL");
        var start = new System.Diagnostics.ProcessStartInfo("ovs-ofctl", ["add-flows", $"unix:{management}", "-"]) { RedirectStandardInput = true };
        using var process = System.Diagnostics.Process.Start(start) ?? throw new InvalidOperationException("ovs-ofctl did not start");
        process.StandardInput.Write(string.Join('\n', lines.Select((line, i) => i < count ? line.Replace("actions", $"in_port={i + 1},actions", StringComparison.Ordinal) : line)) + "\n");
        process.StandardInput.Close();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}

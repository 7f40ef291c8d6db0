using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Tapline.Core.Model;
using Tapline.Core.Primitives;
using Tapline.Core.Rules;
using Tapline.Server.Clouds;
using Tapline.Tests.Clouds;

namespace Tapline.Tests.Server;

public sealed class FeedTests
{
    private static readonly Network Net = Sample.Network(1);
    private static readonly Subnet Subnet = Sample.Subnet(1, Net);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_host_registers_and_gets_its_slice()
    {
        await using var server = await RunningServer.StartAsync();

        Assert.Equal(HttpStatusCode.NoContent, await RegisterAsync(server, "h1"));
        var (status, slice) = await PollAsync(server, "h1", "");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("h1", slice!.HostId);
        Assert.True(slice.Complete);
        Assert.Equal(new BridgeMapping("physnet1", "br-eth1", "eth1"), Assert.Single(Assert.Single(slice.Hosts).BridgeMappings));
    }

    [Fact]
    public async Task A_host_that_is_not_registered_gets_no_slice_and_may_not_report()
    {
        await using var server = await RunningServer.StartAsync();

        Assert.Equal(HttpStatusCode.NotFound, (await PollAsync(server, "h1", "")).Status);
        Assert.Equal(HttpStatusCode.NotFound, await ReportAsync(server, new HostReport { Name = "h1", ProjectId = "" }));
    }

    [Fact]
    public async Task Helper_ports_from_before_the_first_host_are_put_on_it()
    {
        await using var server = await RunningServer.StartAsync();
        var cloud = CloudOf(server);
        var dhcp = Sample.Port(1, Subnet, owner: DeviceOwner.Dhcp, device: "dhcp");
        var compute = Sample.Port(2, Subnet);
        await PutAsync(cloud, Net, Subnet, dhcp, compute);

        await RegisterAsync(server, "h1");
        var (_, slice) = await PollAsync(server, "h1", "");

        Assert.Equal("h1", slice!.Ports.Single(port => port.Id == dhcp.Id).HostId);
        Assert.Null(slice.Ports.Single(port => port.Id == compute.Id).HostId);
        Assert.Equal(1, cloud.Current.Ports[dhcp.Id].RevisionNumber);
    }

    [Fact]
    public async Task Registering_again_with_the_same_changes_nothing()
    {
        await using var server = await RunningServer.StartAsync();
        await RegisterAsync(server, "h1");
        var before = CloudOf(server).Current;

        await RegisterAsync(server, "h1");

        Assert.Same(before, CloudOf(server).Current);
    }

    [Fact]
    public async Task A_poll_waits_until_the_hosts_own_slice_changes()
    {
        await using var server = await RunningServer.StartAsync();
        var cloud = CloudOf(server);
        await RegisterAsync(server, "h1");
        await RegisterAsync(server, "h2");
        await PutAsync(cloud, Net, Subnet, Sample.Port(1, Subnet, "h1"));
        var (_, first) = await PollAsync(server, "h1", "");

        var waiting = PollAsync(server, "h1", $"store={cloud.StoreId}&after={first!.Revision}&wait=10");
        await PutAsync(cloud, Sample.Network(9));
        await PutAsync(cloud, Sample.Group(9));
        await ReportAsync(server, new HostReport { Name = "h1", ProjectId = "", Applied = first.Revision });
        await Task.Delay(50, Cancel);
        Assert.False(waiting.IsCompleted);
        await PutAsync(cloud, Sample.Port(2, Subnet, "h1"));

        var (status, second) = await waiting.WaitAsync(TimeSpan.FromSeconds(5), Cancel);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(2, second!.Ports.Count);
        Assert.Equal(cloud.Current.Revision, second.Revision);
    }

    [Fact]
    public async Task A_poll_in_vain_answers_that_nothing_is_new()
    {
        await using var server = await RunningServer.StartAsync();
        await RegisterAsync(server, "h1");
        var (_, slice) = await PollAsync(server, "h1", "");

        var (status, _) = await PollAsync(server, "h1", $"store={slice!.StoreId}&after={slice.Revision}&wait=0.1");

        Assert.Equal(HttpStatusCode.NoContent, status);
    }

    [Fact]
    public async Task A_host_that_knows_another_store_gets_the_slice_at_once()
    {
        await using var server = await RunningServer.StartAsync();
        await RegisterAsync(server, "h1");
        var (_, slice) = await PollAsync(server, "h1", "");

        var (status, other) = await PollAsync(server, "h1", $"store={Guid.NewGuid()}&after={slice!.Revision}&wait=10");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(slice.StoreId, other!.StoreId);
    }

    [Fact]
    public async Task A_waiting_poll_ends_when_the_server_stops()
    {
        var server = await RunningServer.StartAsync();
        await RegisterAsync(server, "h1");
        var (_, slice) = await PollAsync(server, "h1", "");
        var waiting = PollAsync(server, "h1", $"store={slice!.StoreId}&after={slice.Revision}&wait=10");
        await Task.Delay(50, Cancel);

        await server.Host.DisposeAsync();

        Assert.Equal(HttpStatusCode.NoContent, (await waiting.WaitAsync(TimeSpan.FromSeconds(5), Cancel)).Status);
        await server.DisposeAsync();
    }

    [Fact]
    public async Task A_report_is_stored_when_it_says_something_new()
    {
        await using var server = await RunningServer.StartAsync();
        var cloud = CloudOf(server);
        await RegisterAsync(server, "h1");
        var report = new HostReport
        {
            Name = "h1",
            ProjectId = "",
            Applied = new Revision(7),
            Changes = 3,
            ActivePorts = [Sample.Id<Port>(1)],
            Failures = [new ItemFailure("link tap1", "no such device")],
        };

        Assert.Equal(HttpStatusCode.NoContent, await ReportAsync(server, report));
        var before = cloud.Current;
        Assert.Equal(report.Failures, before.HostReports["h1"].Failures);
        Assert.Equal(HttpStatusCode.NoContent, await ReportAsync(server, report with { UpdatedAt = DateTimeOffset.MaxValue }));
        Assert.Same(before, cloud.Current);
        await ReportAsync(server, report with { Failures = [] });
        Assert.Empty(cloud.Current.HostReports["h1"].Failures);
    }

    [Fact]
    public async Task A_host_is_alive_for_fifteen_seconds_after_it_was_heard()
    {
        await using var server = await RunningServer.StartAsync();
        await RegisterAsync(server, "h1");
        var liveness = CloudOf(server).Liveness;

        Assert.True(liveness.IsAlive("h1"));
        Assert.False(liveness.IsAlive("h2"));
        server.Time.Advance(TimeSpan.FromSeconds(14));
        Assert.True(liveness.IsAlive("h1"));
        server.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.False(liveness.IsAlive("h1"));
        await PollAsync(server, "h1", "");
        Assert.True(liveness.IsAlive("h1"));
    }

    [Fact]
    public async Task The_status_tells_how_far_each_host_is_and_what_failed_to_administrators()
    {
        await using var server = await RunningServer.StartAsync();
        var admin = await server.AdminTokenAsync();
        await RegisterAsync(server, "h1");
        var (_, slice) = await PollAsync(server, "h1", "");
        await ReportAsync(server, new HostReport
        {
            Name = "h1",
            ProjectId = "",
            Applied = slice!.Revision,
            Changes = 3,
            Failures = [new ItemFailure("link tap1", "no such device")],
        });

        var (status, body) = await server.SendAsync(HttpMethod.Get, "tapline/v1/status", admin);

        Assert.Equal(HttpStatusCode.OK, status);
        var host = Assert.Single(body!["hosts"]!.AsArray())!;
        Assert.Equal("h1", (string)host["name"]!);
        Assert.True((bool)host["alive"]!);
        Assert.Equal(slice.Revision.Value, (long)host["wanted_revision"]!);
        Assert.Equal(slice.Revision.Value, (long)host["applied_revision"]!);
        Assert.Equal("no such device", (string)host["failures"]![0]!["error"]!);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.SendAsync(HttpMethod.Get, "tapline/v1/status", null)).Status);
    }

    [Theory]
    [InlineData("h1", "xx")]
    [InlineData("h1", "{}")]
    [InlineData("h1", """{"name":"h2","project_id":""}""")]
    [InlineData("h1", """{"name":null,"project_id":""}""")]
    [InlineData("h1", """{"name":"h1","project_id":"","bridge_mappings":[null]}""")]
    [InlineData("h1", """{"name":"h1","project_id":"","bridge_mappings":17}""")]
    [InlineData("h1", """{"name":"h1","project_id":"","bridge_mappings":[{"physical_network":"one","bridge":"br-x"},{"physical_network":"two","bridge":"br-x"}]}""")]
    [InlineData("h%2F1", """{"name":"h/1","project_id":""}""")]
    [InlineData("..x", """{"name":"..x","project_id":""}""")]
    public async Task Registrations_that_are_wrong_are_refused(string host, string body)
    {
        await using var server = await RunningServer.StartAsync();

        var answer = await server.Feed.PutAsync($"hosts/{host}", RunningServer.Json(body), Cancel);

        Assert.True(answer.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.NotFound);
        Assert.Empty(server.Log.Errors);
        Assert.Empty(CloudOf(server).Current.Hosts);
    }

    [Fact]
    public async Task The_feed_is_not_served_on_the_APIs_port_and_the_APIs_not_on_the_feed()
    {
        await using var server = await RunningServer.StartAsync();
        await RegisterAsync(server, "h1");

        Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync(HttpMethod.Get, "feed/v1/hosts/h1/slice", await server.AdminTokenAsync())).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Feed.GetAsync("/identity/v3", Cancel)).StatusCode);
    }

    [Fact]
    public async Task The_feeds_directory_is_the_owners_alone_and_a_socket_left_by_a_crash_is_replaced()
    {
        await using var server = await RunningServer.StartAsync();
        var socket = server.Host.FeedSocket;
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(socket)!));
        await server.Host.DisposeAsync();
        using (var stale = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            File.Delete(socket);
            stale.Bind(new UnixDomainSocketEndPoint(socket));
        }

        await server.RestartAsync();

        Assert.Equal(HttpStatusCode.NoContent, await RegisterAsync(server, "h1"));
    }

    private static Cloud CloudOf(RunningServer server) => server.Host.Cloud;

    private static Task<Result<bool>> PutAsync(Cloud cloud, params Resource[] resources) =>
        cloud.CommitAsync<bool>((_, _) => new Outcome<bool>(true, TopologyChange.None.Put(resources)), Cancel);

    private static async Task<HttpStatusCode> RegisterAsync(RunningServer server, string name)
    {
        var host = new Host { Name = name, ProjectId = "", BridgeMappings = [new BridgeMapping("physnet1", "br-eth1", "eth1")] };
        var body = RunningServer.Json(JsonSerializer.Serialize(host, ModelJson.Default.Host));
        return (await server.Feed.PutAsync($"hosts/{name}", body, Cancel)).StatusCode;
    }

    private static async Task<HttpStatusCode> ReportAsync(RunningServer server, HostReport report)
    {
        var body = RunningServer.Json(JsonSerializer.Serialize(report, ModelJson.Default.HostReport));
        return (await server.Feed.PostAsync($"hosts/{report.Name}/report", body, Cancel)).StatusCode;
    }

    private static async Task<(HttpStatusCode Status, Slice? Slice)> PollAsync(RunningServer server, string name, string query)
    {
        using var answer = await server.Feed.GetAsync($"hosts/{name}/slice?{query}", Cancel);
        var slice = answer.StatusCode == HttpStatusCode.OK
            ? JsonSerializer.Deserialize(await answer.Content.ReadAsStringAsync(Cancel), ModelJson.Default.Slice)
            : null;
        return (answer.StatusCode, slice);
    }
}

using Tapline.Core.Primitives;
using Tapline.Wire.Packets;

namespace Tapline.HostTests.Labs;

/// <summary>Two projects with the same addresses on one host never meet.</summary>
[Collection(LabCollection.Name)]
public sealed class OverlapTests(LabFixture lab)
{
    private const string Password = "a-password-of-some-length";

    [Fact]
    public async Task Tenants_with_equal_addresses_reach_the_outside_and_see_nothing_of_each_other()
    {
        using var red = await MakeUserAsync("red");
        using var blue = await MakeUserAsync("blue");
        await using var first = await Tenant.MakeAsync(lab, red);
        await using var second = await Tenant.MakeAsync(lab, blue);
        var a5 = await first.StartAsync("192.168.1.5");
        var b5 = await second.StartAsync("192.168.1.5");
        var b6 = await second.StartAsync("192.168.1.6");

        await using var onRed = FrameWatch.On(lab, "", a5.Tap);
        await using var onBlue = FrameWatch.On(lab, "", b5.Tap, b6.Tap);
        Assert.True(await lab.PingsFromAsync(a5, LabFixture.Far));
        Assert.True(await lab.PingsFromAsync(b5, LabFixture.Far));
        Assert.True(await lab.PingsFromAsync(b6, LabFixture.Far));
        Assert.True(await lab.PingsFromAsync(b5, b6.Address));
        Assert.True(await HasNeighbourAsync(a5, "192.168.1.1"));
        Assert.True(await HasNeighbourAsync(b5, "192.168.1.6"));
        Assert.False(await HasNeighbourAsync(a5, "192.168.1.6"));

        await AssertNoneOfAsync(second, onRed, mustSee: a5);
        await AssertNoneOfAsync(first, onBlue, mustSee: b5);
        await AssertHiddenAsync(red, second, b5);
        await AssertHiddenAsync(blue, first, a5);
    }

    private async Task<bool> HasNeighbourAsync(Guest guest, string address) =>
        (await lab.InAsync(guest, "busybox", "arping", "-c", "2", "-w", "2", "-I", "eth0", address)).ExitCode == 0;

    private static async Task AssertNoneOfAsync(Tenant other, FrameWatch watch, Guest mustSee)
    {
        var foreign = (await other.Api.ListAsync("ports", $"network_id={other.Network}")).Select(port => MacAddress.Parse((string)port!["mac_address"]!)).ToHashSet();
        var seen = (await watch.FramesAsync()).Select(frame => ParsedFrame.Parse(frame)).ToList();
        Assert.Contains(seen, frame => MacAddress.FromBytes(frame.Source) == MacAddress.Parse(mustSee.Mac));
        Assert.DoesNotContain(seen, frame => foreign.Contains(MacAddress.FromBytes(frame.Source)) || foreign.Contains(MacAddress.FromBytes(frame.Destination)));
    }

    private static async Task AssertHiddenAsync(CloudApi api, Tenant other, Guest guest)
    {
        (string Collection, string Id)[] theirs =
        [
            ("networks", other.Network), ("subnets", other.Subnet), ("routers", other.Router), ("ports", guest.PortId),
            ("security-groups", other.Group), ("security-group-rules", other.PingRule), ("instances", guest.Id),
        ];
        foreach (var (collection, id) in theirs)
        {
            var path = collection == "instances" ? "/tapline/v1/instances" : $"/v2.0/{collection}";
            Assert.DoesNotContain(id, (await api.ListAsync(collection)).ToJsonString(), StringComparison.Ordinal);
            Assert.DoesNotContain(other.Api.Project, (await api.ListAsync(collection, $"project_id={other.Api.Project}")).ToJsonString(), StringComparison.Ordinal);
            foreach (var method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Delete])
            {
                var (status, body) = await api.SendAsync(method, $"{path}/{id}", null);
                Assert.True(status == 404, $"{method} {path}/{id}: {status} {body?.ToJsonString()}");
            }
        }
    }

    private async Task<CloudApi> MakeUserAsync(string name)
    {
        var project = await lab.Admin.MakeIdAsync("projects", $"{{'project': {{'name': '{name}'}}}}");
        var user = await lab.Admin.MakeIdAsync("users", $"{{'user': {{'name': '{name}', 'password': '{Password}'}}}}");
        var (_, roles) = await lab.Admin.SendAsync(HttpMethod.Get, "/identity/v3/roles?name=member", null);
        var (status, _) = await lab.Admin.SendAsync(HttpMethod.Put, $"/identity/v3/projects/{project}/users/{user}/roles/{roles!["roles"]![0]!["id"]}", null);
        Assert.Equal(204, status);
        return await CloudApi.SignInAsync(lab.ApiUrl, name, Password, name);
    }
}

using System.Text.Json.Nodes;

namespace Tapline.HostTests.Labs;

/// <summary><c>tapline lab break</c> and <c>lab mend</c>, and the tale that the demo tells with them.</summary>
[Collection(LabCollection.Name)]
public sealed class BreakTests(LabFixture lab)
{
    [Fact]
    public async Task The_list_tells_programs_what_can_be_broken()
    {
        var list = JsonNode.Parse((await Tapline.RunAsync("lab", "break", "--list", "--json")).Required().Text)!.AsArray();
        var text = (await Tapline.RunAsync("lab", "break", "--list")).Required().Text;

        Assert.True(list.Count > 40);
        Assert.Equal(list.Count, list.Select(fault => (string?)fault!["id"]).Distinct().Count());
        Assert.All(list, fault =>
        {
            Assert.Equal(["id", "title", "needs", "injects", "codes", "also"], fault!.AsObject().Select(pair => pair.Key));
            Assert.Contains((string?)fault["needs"], (string[])["", "instance", "router", "floating-ip"]);
            Assert.NotEmpty(fault["codes"]!.AsArray());
            Assert.Contains((string)fault["id"]!, text, StringComparison.Ordinal);
            Assert.Contains((string)fault["injects"]!, text, StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData("r1-forwarding-off", false, false)]
    [InlineData("r7-destination-nat-gone", true, true)]
    [InlineData("s7-foreign-reject", false, false)]
    [InlineData("l2-tap-without-bridge", false, false)]
    [InlineData("o1-dead-vlan", false, false)]
    [InlineData("g1-no-address", false, false)]
    public async Task What_is_broken_is_named_and_mended(string fault, bool pingsOut, bool pingsIn)
    {
        await using var tenant = await Tenant.MakeAsync(lab);
        var web = await tenant.StartAsync("192.168.1.5");
        var (_, floating) = await tenant.FloatAsync(web);
        await Within.TwoSecondsAsync("ping from outside", () => lab.PingsFromOutsideAsync(floating));
        try
        {
            var broken = JsonNode.Parse((await BreakAsync(web, fault)).Required().Text)!;

            Assert.Equal([fault], broken["broken"]!.AsArray().Select(id => (string?)id));
            Assert.Equal((pingsOut, pingsIn), (await lab.PingsFromAsync(web, LabFixture.Far), await lab.PingsFromOutsideAsync(floating)));
            var first = await CauseAsync(web.Tap, LabFixture.Far) ?? await CauseAsync(LabFixture.Gateway, floating);
            Assert.Contains(first, broken["codes"]!.AsArray().Select(code => (string?)code));
        }
        finally
        {
            var mended = JsonNode.Parse((await MendAsync()).Required().Text)!["mended"]!.AsArray();
            Assert.Equal([fault], mended.Select(id => (string?)id));
        }

        Assert.Empty(await lab.DiffAsync());
        await Within.TwoSecondsAsync("ping out", () => lab.PingsFromAsync(web, LabFixture.Far));
        await Within.TwoSecondsAsync("ping in", () => lab.PingsFromOutsideAsync(floating));
    }

    [Fact]
    public async Task Two_things_break_and_both_are_taken_back()
    {
        await using var tenant = await Tenant.MakeAsync(lab);
        var web = await tenant.StartAsync("192.168.1.5");
        try
        {
            (await BreakAsync(web, "forwarding-off")).Required();
            Assert.Contains("is broken already", (await BreakAsync(web, "r1")).Error, StringComparison.Ordinal);
            (await BreakAsync(web, "o14-nic-down")).Required();
            Assert.Contains("needs: floating-ip", (await BreakAsync(web, "s1-foreign-rule")).Error, StringComparison.Ordinal);
            Assert.False(await lab.PingsFromAsync(web, LabFixture.Far));
        }
        finally
        {
            Assert.Equal(2, JsonNode.Parse((await MendAsync()).Required().Text)!["mended"]!.AsArray().Count);
        }

        await Within.TwoSecondsAsync("ping out", () => lab.PingsFromAsync(web, LabFixture.Far));
    }

    [Fact]
    public async Task The_tale_has_a_happy_end()
    {
        var tale = await Tapline.RunAsync("demo", "--story", "--name", $"{lab.Name}-tale");

        Assert.True(tale.ExitCode == 0, tale.Text + tale.Error);
        Assert.Contains("router.no-source-nat", tale.Text, StringComparison.Ordinal);
        Assert.DoesNotContain($"{lab.Name}-tale", (await Tapline.RunAsync("lab", "list")).Text, StringComparison.Ordinal);
    }

    private Task<Shell.Result> BreakAsync(Guest guest, string fault) =>
        Tapline.RunAsync("lab", "break", fault, "--lab", lab.Name, "--instance", guest.Id, "--json");

    private Task<Shell.Result> MendAsync() => Tapline.RunAsync("lab", "mend", "--lab", lab.Name, "--json");

    private async Task<string?> CauseAsync(string from, string to)
    {
        var report = JsonNode.Parse((await Tapline.RunAsync("doctor", "ping", from, to, "--json", "--lab", lab.Name)).Text)!;
        return report["causes"]!.AsArray() is [{ } cause, ..] ? (string?)cause["code"] : null;
    }
}

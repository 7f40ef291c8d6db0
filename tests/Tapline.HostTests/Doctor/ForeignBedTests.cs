using System.Collections.Concurrent;
using Tapline.HostTests.Doctor.Bed;

namespace Tapline.HostTests.Doctor;

/// <summary>
/// The doctor on a host that Tapline did not build: each fault is named first and mended by what the doctor says; untouched, there is
/// none. TAPLINE_BED_LIVE=1 also asks with --live, TAPLINE_BED="R1 S5" takes these faults alone.
/// </summary>
public sealed class ForeignBedTests(ITestOutputHelper output)
{
    private const int Beds = 3;
    private static readonly BedFault None = new("", "untouched", new Dictionary<string, string>());

    [Fact]
    public async Task Every_fault_is_named_first_and_mended_by_what_the_doctor_says()
    {
        var wanted = Environment.GetEnvironmentVariable("TAPLINE_BED")?.Split(' ');
        var live = Environment.GetEnvironmentVariable("TAPLINE_BED_LIVE") == "1";
        var faults = new ConcurrentQueue<BedFault>(BedFault.ReadAll(Path.Combine(ForeignBed.Directory, "faults.txt")).Where(fault => wanted?.Contains(fault.Id) ?? true));
        Assert.NotEmpty(faults);
        var order = faults.Select(fault => fault.Id).ToList();
        var rows = new ConcurrentBag<BedRow>();

        await Task.WhenAll(Enumerable.Range(0, Math.Min(Beds, faults.Count)).Select(async _ =>
        {
            while (faults.TryDequeue(out var fault))
            {
                await RunAsync(fault, faults, rows, live);
            }
        }));

        output.WriteLine("| fault | | ping | found first | live agrees | mended | wrong |\n|---|---|---|---|---|---|---|");
        foreach (var row in rows.OrderBy(row => order.IndexOf(row.Fault.Id)))
        {
            output.WriteLine(row.ToString());
        }

        Assert.Empty(rows.Where(row => !row.IsRight).Select(row => $"{row.Fault.Id}: {string.Join("; ", row.Wrong)}"));
    }

    [Fact]
    public async Task The_question_for_an_address_names_what_keeps_the_server_from_answering()
    {
        await using var bed = await ForeignBed.StartAsync();
        (string Inject, string Code, bool IsMendedThere)[] faults =
        [
            ("ovs-vsctl set Port $DHCP_PORT tag=4095", "ovs.dead-vlan", true),
            ("ip netns exec $D ip link set $DHCP_LEG down", "link.down", true),
            ("iptables -I FORWARD -p udp --dport 67 -j DROP", "firewall.rule", true),
            ("sed -i d /run/neutron/dhcp/$NETWORK/host; kill -HUP $(cat /run/neutron/dhcp/$NETWORK/pid)", "dhcp.no-host-entry", true),
            ("kill -STOP $(cat /run/neutron/dhcp/$NETWORK/pid)", "dhcp.server-dead", true),
            ("kill -9 $(cat /run/neutron/dhcp/$NETWORK/pid)", "dhcp.server-dead", false),
        ];
        Assert.Equal(("works", null), await LeaseAsync());
        foreach (var (inject, code, isMendedThere) in faults)
        {
            (await bed.RunAsync(inject)).Required();
            var report = await ReportAsync();
            Assert.Equal(("broken", code), ((string?)report["verdict"], (string?)report["causes"]![0]!["code"]));
            Assert.Equal(isMendedThere, await bed.MendAsync(report["causes"]![0]!["fix"]!, cloud: null));
            Assert.Equal(isMendedThere, await LeaseAsync() == ("works", null));
        }

        async Task<(string?, string?)> LeaseAsync() => await ReportAsync() is var report ? ((string?)report["verdict"], (string?)report["causes"]!.AsArray().FirstOrDefault()?["code"]) : default;

        async Task<System.Text.Json.Nodes.JsonNode> ReportAsync() =>
            System.Text.Json.Nodes.JsonNode.Parse((await bed.RunAsync($"{Path.GetFullPath(Labs.Tapline.Executable)} doctor dhcp {bed.Tap} --json")).Text)!;
    }

    /// <summary>On one bed as long as it comes clean out of each fault; a bed that does not is left, and the next fault gets a new one.</summary>
    private static async Task RunAsync(BedFault first, ConcurrentQueue<BedFault> more, ConcurrentBag<BedRow> rows, bool live)
    {
        await using var bed = await ForeignBed.StartAsync();
        var fault = first;
        do
        {
            var row = new BedRow(fault);
            rows.Add(row);
            await row.RunAsync(bed, live);
            await bed.ForgetAsync();
            foreach (var way in (string[])["out", "in"])
            {
                var report = await bed.DoctorAsync(way, None);
                if (!await bed.PingsAsync(way, None) || (string?)report["verdict"] != "works" || report["causes"]!.AsArray().Count > 0)
                {
                    row.Wrong.Add($"untouched again, {way}: {report["verdict"]} {report["causes"]!.AsArray().FirstOrDefault()?["code"]}");
                    return;
                }
            }
        }
        while (more.TryDequeue(out fault));
    }
}

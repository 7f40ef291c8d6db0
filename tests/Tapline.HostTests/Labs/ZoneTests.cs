using System.Globalization;
using Tapline.Wire.Netlink;

namespace Tapline.HostTests.Labs;

/// <summary>Conntrack zones are numbers that are used again.</summary>
[Collection(LabCollection.Name)]
public sealed class ZoneTests(LabFixture lab)
{
    [Fact]
    public async Task A_zone_is_empty_when_its_next_user_gets_it()
    {
        await using var tenant = await Tenant.MakeAsync(lab);
        var first = await tenant.StartAsync("192.168.1.5");
        await Within.TwoSecondsAsync("ping out", () => lab.PingsFromAsync(first, LabFixture.Far));
        var zone = await ZoneOfAsync(first);
        Assert.NotEmpty(EntriesOf(zone, "192.168.1.5"));

        await tenant.Api.SendAsync(HttpMethod.Delete, $"/tapline/v1/instances/{first.Id}", null);
        await tenant.Api.SendAsync(HttpMethod.Delete, $"/v2.0/ports/{first.PortId}", null);
        await Within.TwoSecondsAsync("unplugged", async () => (await lab.OnHostAsync("ip", "link", "show", first.Qvo)).ExitCode != 0);

        await StartUntilOneHasAsync(zone, tenant);
        Assert.Empty(EntriesOf(zone, "192.168.1.5"));
    }

    /// <summary>Zones below may be free too: an instance of another test may have left one in the meantime.</summary>
    private async Task StartUntilOneHasAsync(ushort zone, Tenant tenant)
    {
        for (var last = 6; last < 6 + zone; last++)
        {
            if (await ZoneOfAsync(await tenant.StartAsync($"192.168.1.{last}")) == zone)
            {
                return;
            }
        }
        Assert.Fail($"{zone} instances were started, and none was given zone {zone}, which was free");
    }

    private async Task<ushort> ZoneOfAsync(Guest guest)
    {
        var text = (await lab.OnHostAsync("ovs-vsctl", "--db=unix:/run/openvswitch/db.sock", "get", "Interface", guest.Qvo, "external_ids:tapline-zone"))
            .Required().Text;
        return ushort.Parse(text.Trim().Trim('"'), CultureInfo.InvariantCulture);
    }

    private List<ConntrackEntry> EntriesOf(ushort zone, string source)
    {
        using var host = lab.OpenNamespace("");
        using var conntrack = ConntrackSocket.Open(host);
        return [.. conntrack.Dump(zone).Where(entry => entry.Original.Source.ToString() == source)];
    }
}

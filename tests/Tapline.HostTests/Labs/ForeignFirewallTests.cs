namespace Tapline.HostTests.Labs;

/// <summary>What other programs do with the host's netfilter, to which br_netfilter hands bridged frames as well.</summary>
[Collection(LabCollection.Name)]
public sealed class ForeignFirewallTests(LabFixture lab)
{
    [Fact]
    public async Task A_foreign_address_translation_on_the_host_leaves_bridged_frames_alone()
    {
        await using var tenant = await Tenant.MakeAsync(lab);
        var web = await tenant.StartAsync("192.168.1.5");
        await Within.TwoSecondsAsync("ping out", () => lab.PingsFromAsync(web, LabFixture.Far));
        const string foreign = """
            nft add table ip foreign
            nft 'add chain ip foreign post { type nat hook postrouting priority 100; }'
            nft add rule ip foreign post ip saddr 192.168.1.0/24 masquerade
            nft 'add chain ip foreign pre { type nat hook prerouting priority -100; }'
            nft add rule ip foreign pre ip daddr 198.51.100.1 dnat to 172.17.0.9
            """;
        (await lab.OnHostAsync("sh", "-ec", foreign)).Required();

        try
        {
            Assert.True(await lab.PingsFromAsync(web, LabFixture.Far));
        }
        finally
        {
            (await lab.OnHostAsync("nft", "delete", "table", "ip", "foreign")).Required();
        }
    }
}

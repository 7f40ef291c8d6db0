using System.Net;
using Tapline.Core.Primitives;
using Tapline.Wire.Packets;

namespace Tapline.HostTests.Labs;

/// <summary>The seat of a virtual machine: a real TAP that somebody else opens.</summary>
[Collection(LabCollection.Name)]
public sealed class TapTests(LabFixture lab)
{
    [Fact]
    public async Task A_TAP_that_is_opened_for_a_port_is_wired_and_its_port_active_until_it_closes()
    {
        await using var tenant = await Tenant.MakeAsync(lab);
        var port = await tenant.MakeAsync("ports", $"{{'port': {{'network_id': '{tenant.Network}', 'fixed_ips': [{{'ip_address': '192.168.1.9'}}], "
            + "'binding:host_id': 'host1', 'device_owner': 'compute:nova', 'device_id': '11111111-2222-3333-4444-555555555555'}}");
        var (id, mac) = ((string)port["id"]!, MacAddress.Parse((string)port["mac_address"]!).ToBytes());
        Assert.Equal("DOWN", (string?)port["status"]);
        using (var tap = OpenTap(lab, $"tap{id[..11]}"))
        {
            await Within.TwoSecondsAsync("the TAP is a port of its qbr", async () =>
                (await lab.OnHostAsync("ip", "link", "show", $"tap{id[..11]}")).Text.Contains($"master qbr{id[..11]}", StringComparison.Ordinal));
            await Within.TwoSecondsAsync("the port is ACTIVE", () => HasStatusAsync(tenant, id, "ACTIVE"));
            await Within.TwoSecondsAsync("ARP for the gateway is answered", () => Task.FromResult(HasGateway(tap, mac)));
        }

        await Within.TwoSecondsAsync("the port is DOWN", () => HasStatusAsync(tenant, id, "DOWN"));
    }

    /// <summary>Held open on host1, as a virtual machine would; skips the test where that can not be.</summary>
    internal static TapDevice OpenTap(LabFixture lab, string name)
    {
        using var host = lab.OpenNamespace("");
        try
        {
            return TapDevice.Open(host, name);
        }
        catch (IOException error)
        {
            Assert.Skip($"no TAP device can be opened here: {error.Message}");
            throw;
        }
    }

    private static bool HasGateway(TapDevice tap, byte[] mac)
    {
        tap.Write(Frames.ArpRequest(mac, IPAddress.Parse("192.168.1.9"), IPAddress.Parse("192.168.1.1")));
        while (tap.Read(100) is { } frame)
        {
            if (ParsedFrame.Parse(frame).Arp is { Operation: ArpFields.Reply } reply && reply.SenderIp.Equals(IPAddress.Parse("192.168.1.1")))
            {
                return true;
            }
        }

        return false;
    }

    private static async Task<bool> HasStatusAsync(Tenant tenant, string port, string status) =>
        (string?)(await tenant.Api.GetAsync("ports", port))["status"] == status;
}

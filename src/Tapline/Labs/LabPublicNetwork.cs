using System.Text.Json.Nodes;
using Tapline.Clouds;

namespace Tapline.Labs;

/// <summary>The external network that every lab has: <c>public</c>, 10.1.0.0/16, flat on physnet1.</summary>
internal static class LabPublicNetwork
{
    public static async Task MakeAsync(int port, string cloudsFile, CancellationToken cancellationToken)
    {
        using var cloud = new CloudClient(CloudAccess.FromFile(cloudsFile, "tapline") with { AuthUrl = $"http://127.0.0.1:{port}/identity/v3" });
        await cloud.WaitForHostAsync(cancellationToken).ConfigureAwait(false);
        var network = await cloud.CreateAsync("networks", "network", new JsonObject
        {
            ["name"] = "public",
            ["shared"] = true,
            ["router:external"] = true,
            ["provider:network_type"] = "flat",
            ["provider:physical_network"] = "physnet1",
        }, cancellationToken).ConfigureAwait(false);
        await cloud.CreateAsync("subnets", "subnet", new JsonObject
        {
            ["name"] = "public-subnet",
            ["network_id"] = (string)network["id"]!,
            ["ip_version"] = 4,
            ["cidr"] = "10.1.0.0/16",
            ["gateway_ip"] = "10.1.0.1",
            ["enable_dhcp"] = false,
        }, cancellationToken).ConfigureAwait(false);
    }
}

using System.Text.Json.Nodes;
using Tapline.Agent.Reading;

namespace Tapline.Tests.Reading;

/// <summary>As nft 1.0.6 prints chains that belong to devices.</summary>
public sealed class ChainDevicesTests
{
    [Theory]
    [InlineData("hook ingress device \"tap0\" priority filter; policy accept;", "tap0")]
    [InlineData("hook egress devices = { \"tap0\", \"eth1\" } priority 0; policy drop;", "tap0 eth1")]
    public void The_devices_come_from_the_text(string hook, string devices)
    {
        const string Json = """{"nftables": [{"chain": {"family": "netdev", "table": "other", "name": "in", "hook": "ingress"}}, {"chain": {"family": "inet", "table": "other", "name": "in"}}]}""";
        var text = $"table netdev other {{ # handle 1\n\tchain in {{ # handle 1\n\t\ttype filter {hook}\n\t}}\n}}\ntable inet other {{ # handle 2\n\tchain in {{ # handle 1\n\t}}\n}}";

        var chains = JsonNode.Parse(ChainDevices.Fill(Json, text))!["nftables"]!.AsArray();

        Assert.Equal(devices.Split(' '), chains[0]!["chain"]!["dev"]!.AsArray().Select(device => (string?)device));
        Assert.Null(chains[1]!["chain"]!["dev"]);
    }
}

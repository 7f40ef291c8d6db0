using Tapline.Wire.Nftables;

namespace Tapline.Tests.Wire;

/// <summary>What nft's JSON lacks, beside what later versions print themselves.</summary>
public sealed class NftablesJsonTests
{
    private const string Printed = """{"nftables":[{"table":{"family":"ip","name":"t"}},{"chain":{"family":"netdev","table":"n","name":"c","hook":"ingress"}}]}""";

    [Fact]
    public void A_sleeping_table_and_a_chains_devices_are_put_in() => Assert.Equal(
        """{"nftables":[{"table":{"family":"ip","name":"t","flags":["dormant"]}},{"chain":{"family":"netdev","table":"n","name":"c","hook":"ingress","dev":["a","b"]}}]}""",
        NftablesJson.Completed(Printed, [new("ip", "t") { IsDormant = true }, new("netdev", "n")], [new("netdev", "n", "c", ["a", "b"]), new("netdev", "n", "other", ["x"])]));

    [Fact]
    public void What_is_there_already_stays() => Assert.Contains(
        "\"dev\":\"own\"",
        NftablesJson.Completed(Printed.Replace("\"hook\"", "\"dev\":\"own\",\"hook\"", StringComparison.Ordinal), [], [new("netdev", "n", "c", ["a"])]),
        StringComparison.Ordinal);
}

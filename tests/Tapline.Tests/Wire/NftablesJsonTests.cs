using Tapline.Wire.Nftables;

namespace Tapline.Tests.Wire;

/// <summary>What nft's JSON lacks, beside what later versions print themselves.</summary>
public sealed class NftablesJsonTests
{
    private const string Chain = """{"nftables":[{"chain":{"family":"netdev","table":"n","name":"c","hook":"ingress"}}]}""";

    [Fact]
    public void A_sleeping_table_is_not_listed_but_named_at_its_place() => Assert.Equal(
        """{"nftables":[{"table":{"family":"ip","name":"a"}},{"table":{"family":"ip","name":"t","flags":["dormant"]}},{"table":{"family":"inet","name":"z"}}]}""",
        NftablesJson.Ruleset(
            [new("ip", "a"), new("ip", "t") { IsDormant = true }, new("inet", "z")],
            command => command.Split(' ') is ["list", "table", var family, var name] && name != "t"
                ? $$$"""{"nftables": [{"metainfo": {"version": "1.0.6"}}, {"table": {"family": "{{{family}}}", "name": "{{{name}}}"}}]}"""
                : throw new InvalidOperationException(command)));

    [Fact]
    public void Without_one_that_sleeps_all_is_listed_at_once() =>
        Assert.Equal("list ruleset", NftablesJson.Ruleset([new("ip", "a")], command => command));

    [Fact]
    public void A_chains_devices_are_put_in() => Assert.Equal(
        Chain.Replace("}}", ",\"dev\":[\"a\",\"b\"]}}", StringComparison.Ordinal),
        NftablesJson.WithDevices(Chain, [new("netdev", "n", "c", ["a", "b"]), new("netdev", "n", "other", ["x"])]));

    [Fact]
    public void Devices_that_are_told_already_stay()
    {
        var told = Chain.Replace("\"hook\"", "\"dev\":\"own\",\"hook\"", StringComparison.Ordinal);

        Assert.Equal(told, NftablesJson.WithDevices(told, [new("netdev", "n", "c", ["a"])]));
    }
}

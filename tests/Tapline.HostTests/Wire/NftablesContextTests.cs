using Tapline.Wire.Nftables;

namespace Tapline.HostTests.Wire;

public sealed class NftablesContextTests
{
    private const string Table = """
        add table inet t
        add chain inet t c { type filter hook input priority 0; policy accept; }
        add rule inet t c tcp dport 22 accept comment "x"
        """;

    [Fact]
    public void A_transaction_lands_in_its_own_namespace()
    {
        using var scratch = new ScratchNamespace();
        using var other = new ScratchNamespace();
        using var nft = NftablesContext.Open(scratch.Namespace);
        using var elsewhere = NftablesContext.Open(other.Namespace);

        nft.Run(Table);

        Assert.Contains("\"comment\": \"x\"", nft.ListJson("list ruleset"), StringComparison.Ordinal);
        Assert.Equal(3, nft.ListObjects("list table inet t").Count);
        Assert.Contains("handle", nft.ListText("list table inet t"), StringComparison.Ordinal);
        Assert.Empty(elsewhere.ListObjects("list ruleset"));
    }

    [Fact]
    public void A_context_opened_where_tables_are_already_answers_in_JSON()
    {
        using var scratch = new ScratchNamespace();
        using (var first = NftablesContext.Open(scratch.Namespace))
        {
            first.Run("add table inet there");
        }

        using var second = NftablesContext.Open(scratch.Namespace);

        Assert.Contains(second.ListObjects("list tables"), item => item.GetProperty("table").GetProperty("name").GetString() == "there");
    }

    [Fact]
    public void A_refused_transaction_changes_nothing_and_names_the_line()
    {
        using var scratch = new ScratchNamespace();
        using var nft = NftablesContext.Open(scratch.Namespace);

        var syntax = Assert.Throws<NftablesException>(() => nft.Run(Table + "\nadd rule inet t c nonsense\n"));
        var kernel = Assert.Throws<NftablesException>(() => nft.Run(Table + "\nadd rule inet t absent accept\n"));
        var list = Assert.Throws<NftablesException>(() => nft.ListJson("list table inet absent"));

        Assert.Equal("add rule inet t c nonsense", syntax.OffendingLine);
        Assert.Equal("add rule inet t absent accept", kernel.OffendingLine);
        Assert.Contains("No such file", list.Message, StringComparison.Ordinal);
        Assert.Empty(nft.ListObjects("list ruleset"));
    }
}

using System.Text.RegularExpressions;
using Tapline.Core.Doctor.Netfilter;
using Tapline.Core.Host.Observed;

namespace Tapline.Tests.Doctor.Netfilter;

public sealed partial class NftReaderTests
{
    /// <summary>What has no meaning for a packet's way here, or none that a snapshot tells.</summary>
    private static readonly string[] NotUnderstood =
    [
        "snat ip prefix to 10.0.0.0/24",
        "meta l4proto tcp tproxy ip to 127.0.0.1:80",
    ];

    [Fact]
    public void A_rules_text_is_what_nft_itself_lists()
    {
        var listed = CorpusFile.Read("constructs.txt").Split('\n')
            .Select(line => RuleLine().Match(line)).Where(match => match.Success)
            .Select(match => Figures().Replace(match.Groups[1].Value, "counter")).ToList();

        var read = Rules().Select(rule => rule.Text).ToList();

        Assert.True(listed.Count > 120, $"only {listed.Count} rules in the corpus");
        Assert.Empty(listed.Zip(read).Where(pair => pair.First != pair.Second).Select(pair => $"listed: {pair.First}  read: {pair.Second}"));
        Assert.Equal(listed.Count, read.Count);
    }

    [Fact]
    public void Only_what_is_known_not_to_be_understood_is_opaque() =>
        Assert.Equal(NotUnderstood, Rules().Where(rule => rule.Statements.OfType<Statement.Opaque>().Any()).Select(rule => rule.Text));

    [Fact]
    public void Values_of_known_types_are_read()
    {
        var unreadable = Rules().SelectMany(rule => rule.Statements.OfType<Statement.Match>()
            .Where(match => match.Right is Operand.Unreadable).Select(_ => rule.Text));

        Assert.Equal(
            ["meta hour \"10:00\"-\"11:00\" drop", "meta day \"Monday\" drop", "ct helper \"ftp\" accept", "dccp type request drop"],
            unreadable);
    }

    [Fact]
    public void A_rule_that_nft_would_not_print_makes_fates_unknown()
    {
        const string WithoutRight = """{"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "saddr"}}}}""";
        var rules = RulesetReader.Read(new ObservedNamespace
        {
            Name = "",
            Nftables = $$$"""
                {"nftables": [{"table": {"family": "ip", "name": "t"}},
                 {"chain": {"family": "ip", "table": "t", "name": "f", "type": "filter", "hook": "forward", "prio": 0, "policy": "accept"}},
                 {"rule": {"family": "ip", "table": "t", "chain": "f", "handle": 2, "expr": [{{{WithoutRight}}}, {"drop": null}] } }]}
                """,
        });

        var result = rules.Run(HookPoint.Forward, Doctor.Netfilter.Rules.Ping);

        Assert.Equal(FilterFate.Unknown, result.Fate);
        Assert.Contains(WithoutRight, result.Unknown, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_JSON_of_nft_is_refused() => Assert.Throws<FormatException>(() => NftReader.Read("{\"tables\": []}"));

    private static List<FilterRule> Rules() =>
        [.. NftReader.Read(CorpusFile.Read("constructs.json")).SelectMany(table => table.Chains).SelectMany(chain => chain.Rules)];

    [GeneratedRegex(@"^\t\t(.*) # handle \d+$")]
    private static partial Regex RuleLine();

    [GeneratedRegex(@"counter packets \d+ bytes \d+")]
    private static partial Regex Figures();
}

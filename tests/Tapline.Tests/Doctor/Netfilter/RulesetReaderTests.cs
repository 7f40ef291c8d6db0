using Tapline.Core.Doctor.Netfilter;
using Tapline.Core.Host.Observed;

namespace Tapline.Tests.Doctor.Netfilter;

/// <summary>Which tables are in force, and in which order, where several programs hold rules.</summary>
public sealed class RulesetReaderTests
{
    private const string Translation = "*nat\n:POSTROUTING ACCEPT [0:0]\n-A POSTROUTING -j SNAT --to-source {0}\nCOMMIT\n";

    [Theory]
    [InlineData("", FilterFate.Drop)]
    [InlineData(""", "flags": ["dormant"]""", FilterFate.Accept)]
    public void A_sleeping_table_is_not_asked_even_where_iptables_dumps_it(string flags, FilterFate fate)
    {
        var ns = new ObservedNamespace
        {
            Name = "",
            Nftables = """{"nftables": [{"table": {"family": "ip", "name": "filter" FLAGS}}]}""".Replace("FLAGS", flags, StringComparison.Ordinal),
            Iptables = [new RuleDump("iptables-nft", "*filter\n:FORWARD DROP [0:0]\nCOMMIT\n")],
        };

        Assert.Equal(fate, RulesetReader.Read(ns).Run(HookPoint.Forward, Rules.Ping).Fate);
    }

    [Fact]
    public void Where_old_and_new_iptables_translate_differently_it_can_not_be_told_which_comes_first()
    {
        var (old, now) = (Dump("iptables-legacy", "192.0.2.9"), Dump("iptables-nft", "192.0.2.8"));

        Assert.Equal("192.0.2.9", Source(old));
        Assert.Equal("192.0.2.9", Source(old, Dump("iptables-nft", "192.0.2.9")));
        Assert.Null(Source(old, now));
    }

    private static RuleDump Dump(string program, string to) => new(program, Translation.Replace("{0}", to, StringComparison.Ordinal));

    /// <summary>Null where it can not be told.</summary>
    private static string? Source(params RuleDump[] dumps)
    {
        var rules = RulesetReader.Read(new ObservedNamespace { Name = "", Iptables = [.. dumps] });
        var before = Rules.At(HookPoint.Prerouting, Rules.Ping);
        var result = HookRun.Run(rules, HookRun.Run(rules, before).Then(before, HookPoint.Postrouting));
        return result.Fate == FilterFate.Unknown ? null : result.Packet.Source.ToString();
    }
}

using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Netfilter;

/// <summary>The rules of one program of the iptables family.</summary>
internal sealed class IptablesRules(string family, IReadOnlyDictionary<string, Ipset> ipsets)
{
    private readonly IptablesMatches _matches = new(family, ipsets);
    private readonly IptablesTargets _targets = new(family);

    /// <param name="words">Behind <c>-A CHAIN</c>.</param>
    /// <param name="chain">The rule's chain.</param>
    /// <param name="chains">All of the table: a target may be one of them.</param>
    public ValueList<Statement> Read(IReadOnlyList<string> words, string chain, ValueList<FilterChain> chains)
    {
        bool IsChain(string name) => chains.Any(other => other.Name == name);
        return family switch
        {
            "bridge" => EbtablesRule.Read(RuleOption.Parse(words), IsChain),
            "arp" => ArptablesRule.Read(RuleOption.Parse(words), IsChain),
            _ => Parts(RuleOption.Parse(words)).SelectMany(part => Part(part, chain, IsChain)).ToValueList(),
        };
    }

    /// <summary>Options up to the next <c>-m</c>, <c>-j</c> or <c>-g</c>.</summary>
    private static List<List<RuleOption>> Parts(IEnumerable<RuleOption> options)
    {
        var parts = new List<List<RuleOption>> { new() };
        foreach (var option in options)
        {
            if (option.Name is "-m" or "-j" or "-g")
            {
                parts.Add([]);
            }

            parts[^1].Add(option);
        }

        return parts;
    }

    private IEnumerable<Statement> Part(List<RuleOption> part, string chain, Func<string, bool> isChain) => part switch
    {
        [{ Name: "-m", Value: var module }, .. var options] => _matches.Module(module, options),
        [{ Name: "-g", Value: var target }, ..] => [new Statement.Decide(new Verdict(VerdictKind.Goto, target))],
        [{ Name: "-j", Value: var target }, .. var options] => _targets.Read(target, options, chain, isChain(target)),
        _ => part.Select(_matches.Basic),
    };
}

namespace Tapline.Core.Doctor.Netfilter;

/// <summary>A table while its chains, sets and rules are still being listed; a host with 200 ports has a thousand of them.</summary>
/// <param name="head">Without any of these.</param>
internal sealed class NftTable(FilterTable head)
{
    private readonly List<FilterChain> _chains = [];
    private readonly List<FilterSet> _sets = [];
    private readonly Dictionary<string, List<FilterRule>> _rules = new(StringComparer.Ordinal);

    public void Add(FilterChain chain)
    {
        _chains.Add(chain);
        _rules.TryAdd(chain.Name, []);
    }

    public void Add(FilterSet set) => _sets.Add(set);

    /// <summary>At the chain's end; nothing where there is no such chain.</summary>
    public void Add(string chain, Func<int, FilterRule> atPosition)
    {
        if (_rules.TryGetValue(chain, out var rules))
        {
            rules.Add(atPosition(rules.Count + 1));
        }
    }

    public FilterTable ToTable() => head with
    {
        Chains = [.. _chains.Select(chain => chain with { Rules = [.. _rules[chain.Name]] })],
        Sets = [.. _sets],
    };
}

using System.Globalization;
using Tapline.Core.Host.Observed;
using Tapline.Core.Primitives;

namespace Tapline.Core.Doctor.Netfilter;

/// <summary>What the programs of the iptables family save.</summary>
public static class IptablesReader
{
    /// <summary>A dump's tables; a rule that is not understood is kept and makes fates unknown.</summary>
    /// <param name="dump">Of one program.</param>
    /// <param name="ipsets">What <c>ipset save</c> prints, for rules that look into sets.</param>
    public static ValueList<FilterTable> Read(RuleDump dump, string? ipsets)
    {
        ArgumentNullException.ThrowIfNull(dump);
        var family = FamilyOf(dump.Program);
        var sets = IpsetReader.Read(ipsets);
        var rules = new IptablesRules(family, sets);
        var tables = new List<FilterTable>();
        foreach (var line in dump.Text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (line[0] == '*')
            {
                tables.Add(new FilterTable { Family = family, Name = line[1..], Program = dump.Program });
            }
            else if (line[0] == ':' && tables.Count > 0)
            {
                tables[^1] = WithChain(tables[^1], line[1..].Split(' '));
            }
            else if (line[0] is '-' or '[' && tables.Count > 0)
            {
                tables[^1] = WithRule(tables[^1], line, rules);
            }
        }

        return [.. tables.Select(table => Finished(table, sets))];
    }

    private static string FamilyOf(string program) => program.Split('-')[0] switch
    {
        "iptables" => "ip",
        "ip6tables" => "ip6",
        "ebtables" => "bridge",
        "arptables" => "arp",
        _ => throw new FormatException($"'{program}' is no program of the iptables family"),
    };

    private static FilterTable WithChain(FilterTable table, string[] words)
    {
        var policy = words.Length > 1 ? words[1] : "-";
        var chain = new FilterChain { Name = words[0], Hook = IptablesHooks.Of(table.Family, table.Name, words[0], policy == "DROP") };
        return table with { Chains = [.. table.Chains, chain with { Rules = chain.Hook is null ? EndOf(table, policy) : [] }] };
    }

    /// <summary>ebtables' own chains have a policy too: it stands at their end, where no rule is shown.</summary>
    private static ValueList<FilterRule> EndOf(FilterTable table, string policy) => table.Family != "bridge" ? [] : policy switch
    {
        "ACCEPT" => [Policy("policy ACCEPT", VerdictKind.Accept)],
        "DROP" => [Policy("policy DROP", VerdictKind.Drop)],
        _ => [],
    };

    private static FilterRule Policy(string text, VerdictKind verdict) => Rule(0, new RuleBody(text, null, [new Statement.Decide(new Verdict(verdict))]));

    private static FilterRule Rule(int position, RuleBody body) => new(position, null, () => body);

    private static FilterTable WithRule(FilterTable table, string line, IptablesRules rules)
    {
        var close = line[0] == '[' ? line.IndexOf(']', StringComparison.Ordinal) : -1;
        var text = line[(close + 1)..].Trim();
        var words = ShellWords.Split(text);
        if (words is not ["-A", var name, ..])
        {
            return table;
        }

        var packets = close > 0 && long.TryParse(line.AsSpan(1, line.IndexOf(':', StringComparison.Ordinal) - 1), CultureInfo.InvariantCulture, out var count)
            ? count : (long?)null;
        return table with
        {
            Chains =
            [
                .. table.Chains.Select(chain => chain.Name != name ? chain : chain with
                {
                    Rules = Before(chain.Rules, Rule(
                        chain.Rules.Count(rule => rule.Position > 0) + 1,
                        new RuleBody(text, packets, rules.Read(words[2..], name, table.Chains)))),
                }),
            ],
        };
    }

    private static ValueList<FilterRule> Before(ValueList<FilterRule> rules, FilterRule rule) => rules is [.., { Position: 0 } end]
        ? [.. rules.Take(rules.Count - 1), rule, end]
        : [.. rules, rule];

    /// <summary>With the sets that its rules ask for.</summary>
    private static FilterTable Finished(FilterTable table, Dictionary<string, Ipset> sets)
    {
        var named = table.Chains.SelectMany(chain => chain.Rules).SelectMany(rule => rule.Statements).OfType<Statement.Match>()
            .Select(match => match.Right).OfType<Operand.Named>().Select(right => right.Set).Distinct();
        return table with { Sets = [.. named.Select(name => sets[name].Set)] };
    }
}

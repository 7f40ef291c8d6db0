using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Tapline.Core.Host;
using Tapline.Core.Primitives;

namespace Tapline.Tests.Hosts;

/// <summary>What nftables says no to: names that nothing has, things that are still named, elements that collide.</summary>
internal static partial class NftRefusals
{
    public static void OfPut(HostState state, HostItem item, Action<string> refuse)
    {
        switch (item)
        {
            case HostItem.NftSet set:
                Elements(set.Name, set.Declaration, set.Elements, refuse);
                break;
            case HostItem.NftVerdictMap map:
                Elements(map.Name, map.Declaration, map.Elements, refuse);
                Missing(state, "", map.Family, map.Name, map.Elements, refuse);
                break;
            case HostItem.NftChain { Name: "fwd" }:
                refuse("fwd: syntax error");
                break;
            case HostItem.NftChain chain:
                Missing(state, chain.In, chain.Family, chain.Name, chain.Rules, refuse);
                break;
        }
    }

    public static void OfDelete(HostState state, HostItem item, Action<string> refuse)
    {
        var (name, users) = item switch
        {
            HostItem.NftChain chain => (chain.Name, NamesOfChains(state, chain.In, chain.Family)),
            HostItem.NftSet set => (set.Name, NamesOfSets(state, set.In, set.Family)),
            HostItem.NftVerdictMap map => (map.Name, NamesOfSets(state, "", map.Family)),
            _ => ("", []),
        };
        foreach (var (by, used) in users)
        {
            if (used == name && by != name)
            {
                refuse($"{item.Key}: {by} names it: Device or resource busy");
                return;
            }
        }
    }

    /// <summary>How deep its rules jump.</summary>
    public static int LevelOf(HostState state, HostItem.NftChain chain)
    {
        var targets = chain.Rules.SelectMany(rule => Targets().Matches(rule).Select(match => match.Groups[1].Value)).Distinct()
            .Select(name => state.Find(new ItemKey(ItemKind.NftChain, chain.In, $"{chain.Family} {name}"))).OfType<HostItem.NftChain>();
        return targets.Select(target => 1 + LevelOf(state, target)).DefaultIfEmpty(0).Max();
    }

    private static void Missing(HostState state, string ns, string family, string by, IEnumerable<string> texts, Action<string> refuse)
    {
        foreach (var text in texts)
        {
            foreach (var target in Targets().Matches(text).Select(match => match.Groups[1].Value))
            {
                if (state.Find(new ItemKey(ItemKind.NftChain, ns, $"{family} {target}")) is null)
                {
                    refuse($"{family} {by}: chain {target}: No such file or directory");
                }
            }

            foreach (var set in Sets().Matches(text).Select(match => match.Groups[1].Value))
            {
                if (state.Find(new ItemKey(ItemKind.NftSet, ns, $"{family} {set}")) is null
                    && state.Find(new ItemKey(ItemKind.NftVerdictMap, ns, $"{family} {set}")) is null)
                {
                    refuse($"{family} {by}: set {set}: No such file or directory");
                }
            }
        }
    }

    private static IEnumerable<(string By, string Name)> NamesOfChains(HostState state, string ns, string family) =>
        from texts in Texts(state, ns, family)
        from text in texts.Lines
        from Match match in Targets().Matches(text)
        select (texts.By, match.Groups[1].Value);

    private static IEnumerable<(string By, string Name)> NamesOfSets(HostState state, string ns, string family) =>
        from texts in Texts(state, ns, family)
        from text in texts.Lines
        from Match match in Sets().Matches(text)
        select (texts.By, match.Groups[1].Value);

    private static IEnumerable<(string By, ImmutableArray<string> Lines)> Texts(HostState state, string ns, string family) =>
    [
        .. state.OfType<HostItem.NftChain>().Where(chain => chain.In == ns && chain.Family == family).Select(chain => (chain.Name, chain.Rules.Items)),
        .. state.OfType<HostItem.NftVerdictMap>().Where(map => ns.Length == 0 && map.Family == family).Select(map => (map.Name, map.Elements.Items)),
    ];

    private static void Elements(string name, string declaration, ValueList<string> elements, Action<string> refuse)
    {
        var keys = elements.Select(element => element.Split(" : ")[0]).ToList();
        if (keys.Distinct().Count() != keys.Count)
        {
            refuse($"{name}: File exists");
        }

        if (keys.Any(key => Quoted().Match(key) is { Success: true } match && match.Length > 17))
        {
            refuse($"{name}: Numerical result out of range");
        }

        if (!declaration.Contains("interval", StringComparison.Ordinal))
        {
            return;
        }

        // Only the last part of a key is a range.
        foreach (var group in keys.Select(key => key.Split(" . ")).GroupBy(parts => string.Join(' ', parts[..^1]), parts => Prefix(parts[^1])))
        {
            var prefixes = group.Order().ToList();
            if (prefixes.Zip(prefixes.Skip(1)).Any(pair => pair.First.Overlaps(pair.Second)))
            {
                refuse($"{name}: conflicting intervals specified");
            }
        }
    }

    private static IpPrefix Prefix(string text) =>
        text.Contains('/', StringComparison.Ordinal) ? IpPrefix.Parse(text) : IpPrefix.Host(IpAddress.Parse(text));

    [GeneratedRegex("(?:jump|goto) (\\S+)")]
    private static partial Regex Targets();

    [GeneratedRegex("@(?!th,)(\\S+)")]
    private static partial Regex Sets();

    [GeneratedRegex("\"[^\"]*\"")]
    private static partial Regex Quoted();
}

using Tapline.Core.Host;
using Tapline.Core.Primitives;

namespace Tapline.Core.Planning;

/// <summary>Chains with rules that can be told apart again: the kernel spells rules its own way, so each carries its chain's hash and its place.</summary>
internal static class NftText
{
    public static HostItem.NftChain Chain(string family, string name, string owner, string hook, IReadOnlyList<string> rules, int level = 0)
    {
        var hash = ContentHash.Text($"{hook}\n{string.Join('\n', rules)}");
        var marks = Enumerable.Range(0, rules.Count).Select(index => $"{hash}.{index}").ToValueList();
        return new HostItem.NftChain
        {
            Family = family,
            Name = name,
            Hook = hook,
            Rules = rules.Zip(marks, (rule, mark) => $"{rule} comment \"{mark}\"").ToValueList(),
            Fingerprint = marks,
            Level = level,
            Owner = owner,
        };
    }

    public static HostItem.NftSet Set(string family, string name, string owner, string declaration, IEnumerable<string> elements) => new()
    {
        Family = family,
        Name = name,
        Declaration = declaration,
        Elements = elements.Distinct().Order(StringComparer.Ordinal).ToValueList(),
        Owner = owner,
    };

    public static string Quote(string device) => $"\"{device}\"";
}

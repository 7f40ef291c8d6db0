using Tapline.Core.Host;
using Tapline.Core.Primitives;

namespace Tapline.Core.Planning;

/// <summary>Chains with rules that can be told apart again: the kernel spells rules its own way, so each carries its chain's hash and its place.</summary>
internal static class NftText
{
    public static HostItem.NftChain Chain(string family, string name, string owner, string hook, IReadOnlyList<string> rules, int level = 0)
    {
        var hash = ContentHash.Text(ContentHash.Of(hook, rules, '\n'));
        var marks = new string[rules.Count];
        var marked = new string[rules.Count];
        for (var i = 0; i < marks.Length; i++)
        {
            marks[i] = $"{hash}.{i}";
            marked[i] = $"{rules[i]} comment \"{marks[i]}\"";
        }

        return new HostItem.NftChain
        {
            Family = family,
            Name = name,
            Hook = hook,
            Rules = ValueList.Own(marked),
            Fingerprint = ValueList.Own(marks),
            Level = level,
            Owner = owner,
        };
    }

    public static HostItem.NftSet Set(string family, string name, string owner, string declaration, IEnumerable<string> elements) => new()
    {
        Family = family,
        Name = name,
        Declaration = declaration,
        Elements = Sorted(elements),
        Owner = owner,
    };

    /// <summary>Each once, in the order in which elements are compared with those that are seen.</summary>
    public static ValueList<string> Sorted(IEnumerable<string> elements)
    {
        var sorted = elements.ToArray(); // sorted in place: LINQ's stable order of a thousand strings takes three times as long
        Array.Sort(sorted, StringComparer.Ordinal);
        var count = 0;
        foreach (var element in sorted)
        {
            if (count == 0 || sorted[count - 1] != element)
            {
                sorted[count++] = element;
            }
        }

        return ValueList.Own(count == sorted.Length ? sorted : sorted[..count]);
    }

    public static string Quote(string device) => $"\"{device}\"";
}

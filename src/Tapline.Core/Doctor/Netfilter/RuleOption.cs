namespace Tapline.Core.Doctor.Netfilter;

/// <summary>An option of a rule of the iptables family with its arguments.</summary>
/// <param name="IsInverted"><c>!</c> stands before it, or (ebtables) before its argument.</param>
/// <param name="Name">With its dashes.</param>
/// <param name="Arguments">Up to the next option.</param>
internal sealed record RuleOption(bool IsInverted, string Name, IReadOnlyList<string> Arguments)
{
    /// <summary>The first argument; empty where there is none.</summary>
    public string Value => Arguments.Count > 0 ? Arguments[0] : "";

    public string Text => $"{(IsInverted ? "! " : "")}{Name} {string.Join(' ', Arguments)}".TrimEnd();

    public static List<RuleOption> Parse(IReadOnlyList<string> words)
    {
        var options = new List<RuleOption>();
        for (var i = 0; i < words.Count;)
        {
            var inverted = words[i] == "!";
            i += inverted ? 1 : 0;
            if (i >= words.Count)
            {
                break;
            }

            var name = words[i++];
            var arguments = new List<string>();
            for (; i < words.Count && !IsOption(words, i); i++)
            {
                if (words[i] == "!")
                {
                    inverted = true;
                }
                else
                {
                    arguments.Add(words[i]);
                }
            }

            options.Add(new RuleOption(inverted, name, arguments));
        }

        return options;
    }

    private static bool IsOption(IReadOnlyList<string> words, int index) =>
        IsName(words[index]) || (words[index] == "!" && index + 1 < words.Count && IsName(words[index + 1]));

    private static bool IsName(string word) => word.Length > 1 && word[0] == '-' && !char.IsDigit(word[1]);
}

using System.Text.RegularExpressions;

namespace Tapline.Agent.Reading;

/// <summary>Command lines that may be shown: what could be a secret is replaced by three dots.</summary>
internal static partial class CommandLines
{
    private const string Hidden = "...";
    private const int Longest = 4096;

    /// <summary>Judged by the names of options and of what stands before an equals sign; and user information in URLs.</summary>
    public static IEnumerable<string> WithoutSecrets(IEnumerable<string> arguments)
    {
        var hideNext = false;
        foreach (var argument in arguments)
        {
            if (hideNext && !argument.StartsWith('-'))
            {
                hideNext = false;
                yield return Hidden;
                continue;
            }

            var isOption = argument.StartsWith('-') && !argument.Contains('=', StringComparison.Ordinal);
            hideNext = isOption && Secret().IsMatch(argument);
            var shown = argument.StartsWith("secret,", StringComparison.Ordinal) ? $"secret,{Hidden}" : UserOfUrl().Replace(Value().Replace(argument, $"$1={Hidden}"), $"$1{Hidden}@");
            yield return shown.Length > Longest ? shown[..Longest] + Hidden : shown;
        }
    }

    [GeneratedRegex("pass(?:word|wd|phrase)?|secret|token|credential|api[-_]?key|private[-_]?key|auth[-_]?key", RegexOptions.IgnoreCase)]
    private static partial Regex Secret();

    /// <summary><c>NAME=VALUE</c> where the name speaks of a secret, up to the next comma or blank.</summary>
    [GeneratedRegex("([\\w.-]*(?:pass(?:word|wd|phrase)?|secret|token|credential|api[-_]?key|private[-_]?key|auth[-_]?key)[\\w.-]*)=[^,\\s]*", RegexOptions.IgnoreCase)]
    private static partial Regex Value();

    [GeneratedRegex("(\\w+://)[^/@\\s]+@")]
    private static partial Regex UserOfUrl();
}

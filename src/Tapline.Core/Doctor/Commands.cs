namespace Tapline.Core.Doctor;

/// <summary>Shell commands that are offered as mends.</summary>
internal static class Commands
{
    /// <summary>The command in that namespace; empty for the host's own, <c>pid:NUMBER</c> for one without a name.</summary>
    public static string In(string ns, string command) =>
        ns.Length == 0 ? command
        : ns.StartsWith("pid:", StringComparison.Ordinal) ? $"nsenter -t {ns[4..]} -n {command}"
        : $"ip netns exec {ns} {command}";

    /// <summary>As one word of a shell; plain words stay as they are.</summary>
    public static string Quoted(string word) =>
        word.Length > 0 && word.All(letter => char.IsAsciiLetterOrDigit(letter) || "-_.:/@+=,%".Contains(letter, StringComparison.Ordinal))
            ? word
            : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}

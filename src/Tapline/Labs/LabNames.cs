namespace Tapline.Labs;

/// <summary>A lab's name is a directory's.</summary>
internal static class LabNames
{
    public static string Checked(string name) =>
        name.Length is > 0 and <= 40 && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_') && name[0] != '-'
            ? name
            : throw new CommandException($"'{name}' can not be a lab's name: up to 40 letters, digits, - and _", exitCode: 64);
}

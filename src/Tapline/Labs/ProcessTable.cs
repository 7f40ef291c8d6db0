using System.Globalization;

namespace Tapline.Labs;

/// <summary>What /proc tells of processes.</summary>
internal static class ProcessTable
{
    /// <summary>The start time in clock ticks since boot; null where there is no such process or it is a zombie.</summary>
    public static long? StartOf(int pid)
    {
        var fields = StatOf(pid);
        return fields is null || fields[0] is "Z" or "X" ? null : long.Parse(fields[19], CultureInfo.InvariantCulture);
    }

    public static int? ParentOf(int pid) => StatOf(pid) is { } fields ? int.Parse(fields[1], CultureInfo.InvariantCulture) : null;

    public static IEnumerable<int> All() =>
        Directory.EnumerateDirectories("/proc").Select(Path.GetFileName)
            .Where(name => char.IsAsciiDigit(name![0])).Select(name => int.Parse(name!, CultureInfo.InvariantCulture));

    public static IEnumerable<int> ChildrenOf(int pid) => All().Where(other => ParentOf(other) == pid);

    /// <summary>For each process of the pid namespace that <paramref name="member"/> is in: its number there and here.</summary>
    public static Dictionary<int, int> NumbersIn(int member)
    {
        var target = NamespaceOf(member);
        var result = new Dictionary<int, int>();
        foreach (var pid in All().Where(pid => target is not null && NamespaceOf(pid) == target))
        {
            if (InnerNumber(pid) is { } inner)
            {
                result[inner] = pid;
            }
        }

        return result;
    }

    private static string? NamespaceOf(int pid)
    {
        try
        {
            return File.ResolveLinkTarget($"/proc/{pid}/ns/pid", returnFinalTarget: false)?.Name;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static int? InnerNumber(int pid)
    {
        try
        {
            var line = File.ReadLines($"/proc/{pid}/status").FirstOrDefault(line => line.StartsWith("NSpid:", StringComparison.Ordinal));
            return line is null ? null : int.Parse(line.Split('\t')[^1], CultureInfo.InvariantCulture);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The fields of /proc/PID/stat from the state on; the name before may hold anything.</summary>
    private static string[]? StatOf(int pid)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{pid}/stat");
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

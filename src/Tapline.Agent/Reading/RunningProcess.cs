using Tapline.Wire.Namespaces;

namespace Tapline.Agent.Reading;

/// <summary>A process as a look through /proc finds it.</summary>
/// <param name="Pid">Its number here.</param>
/// <param name="Name">/proc/PID/comm.</param>
/// <param name="NetworkNamespace">The inode; null where it may not be asked.</param>
internal sealed record RunningProcess(int Pid, string Name, long? NetworkNamespace)
{
    /// <summary>All that run now, by number; those that end meanwhile are passed over.</summary>
    public static List<RunningProcess> All(Unread unread)
    {
        var all = new List<RunningProcess>();
        var refused = 0;
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(directory), out var pid) || KernelFile.Read($"{directory}/comm") is not { } name)
            {
                continue;
            }

            var ns = NamespaceOf(directory, out var isRefused);
            refused += isRefused ? 1 : 0;
            all.Add(new RunningProcess(pid, name.TrimEnd('\n'), ns));
        }

        if (refused > 0)
        {
            unread.Add($"namespaces of {refused} processes: not allowed to ask; run as root to see all");
        }

        all.Sort((left, right) => left.Pid.CompareTo(right.Pid));
        return all;
    }

    /// <summary>The link reads <c>net:[4026531840]</c>.</summary>
    private static long? NamespaceOf(string directory, out bool isRefused)
    {
        isRefused = false;
        try
        {
            var target = new FileInfo($"{directory}/ns/net").LinkTarget;
            return target is not null && long.TryParse(target.AsSpan("net:[".Length).TrimEnd(']'), out var inode) ? inode : null;
        }
        catch (UnauthorizedAccessException)
        {
            isRefused = true;
            return null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}

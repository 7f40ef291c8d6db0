namespace Tapline.Labs;

/// <summary>How a mount namespace is made here.</summary>
internal static class MountNamespace
{
    /// <summary>In a plain chroot the root is no mount point, and unshare can not make its propagation private: it is left as it is.</summary>
    public static string[] Options { get; } = RootIsMountPoint() ? ["--mount"] : ["--mount", "--propagation", "unchanged"];

    /// <summary>The fifth field of mountinfo is where a mount stands (proc(5)).</summary>
    private static bool RootIsMountPoint() =>
        File.ReadLines("/proc/self/mountinfo").Any(line => line.Split(' ') is [_, _, _, _, "/", ..]);
}

using Tapline.Wire.Interop;

namespace Tapline.Wire.Tracing;

/// <summary>tracefs, for the calling thread.</summary>
internal static class TraceFileSystem
{
    private const string Mounted = "/sys/kernel/tracing";
    private const int CLONE_NEWNS = 0x20000;
    private const nuint MS_REC = 0x4000;
    private const nuint MS_PRIVATE = 1 << 18;

    /// <summary>Where it is; where it is nowhere, it is mounted for this thread alone, which keeps these mounts from then on.</summary>
    public static unsafe string Find()
    {
        if (Directory.Exists($"{Mounted}/instances"))
        {
            return Mounted;
        }

        Posix.Check(Libc.unshare(CLONE_NEWNS), "have mounts of one's own");
        Posix.Check(Libc.mount("none", "/", "none", MS_REC | MS_PRIVATE, null), "keep mounts to oneself");
        var at = Directory.Exists(Mounted) ? Mounted : "/tmp";
        Posix.Check(Libc.mount("tracefs", at, "tracefs", 0, null), "mount tracefs");
        return at;
    }

    /// <summary>Removes what killed processes have left: those that live hold theirs open.</summary>
    public static void Sweep(string root, string prefix)
    {
        foreach (var left in Directory.EnumerateDirectories($"{root}/instances", $"{prefix}*"))
        {
            try
            {
                Directory.Delete(left);
            }
            catch (IOException)
            {
                // In use.
            }
        }
    }
}

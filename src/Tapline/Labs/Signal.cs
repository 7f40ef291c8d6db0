using System.Runtime.InteropServices;

namespace Tapline.Labs;

/// <summary>Ends processes by their own id.</summary>
internal static partial class Signal
{
    private const int SigKill = 9;
    private const int SigTerm = 15;

    public static void Kill(int pid) => _ = kill(pid, SigKill);

    public static void Terminate(int pid) => _ = kill(pid, SigTerm);

    /// <summary>Only if the number still means the same process.</summary>
    public static void KillIfSame(int pid, long started)
    {
        if (ProcessTable.StartOf(pid) == started)
        {
            Kill(pid);
        }
    }

    [LibraryImport("libc")]
    private static partial int kill(int pid, int signal);
}

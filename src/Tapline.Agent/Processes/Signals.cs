using System.Runtime.InteropServices;

namespace Tapline.Agent.Processes;

/// <summary>kill(2).</summary>
internal static partial class Signals
{
    public const int Hangup = 1;
    public const int Kill = 9;
    public const int Terminate = 15;

    /// <summary>Does nothing for null or a process that has gone.</summary>
    public static void Send(int? pid, int signal)
    {
        if (pid is { } number and > 1)
        {
            _ = kill(number, signal);
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int pid, int signal);
}

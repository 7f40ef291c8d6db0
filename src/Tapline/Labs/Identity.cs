using System.Runtime.InteropServices;

namespace Tapline.Labs;

/// <summary>Who runs this process.</summary>
internal static partial class Identity
{
    public static uint UserId => geteuid();

    public static bool IsRoot => UserId == 0;

    [LibraryImport("libc")]
    private static partial uint geteuid();
}

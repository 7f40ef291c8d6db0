using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Tapline.Wire.Interop;

namespace Tapline.Wire.Namespaces;

/// <summary>
/// Files as a process sees them, and only those that it may read itself: whoever starts a program and names files to it learns no more
/// by our reading them. Links lead no further than its own root, and what is no plain file is not read.
/// </summary>
public static class ProcessRoot
{
    private const nint OpenAt2 = 437; // the same on every architecture
    private const ulong RESOLVE_NO_MAGICLINKS = 0x02;
    private const ulong RESOLVE_IN_ROOT = 0x10;
    private const int O_PATH = 0x200000;
    private const int O_DIRECTORY = 0x10000;
    private const int AT_EMPTY_PATH = 0x1000;
    private const uint STATX_BASIC = 0x7ff;
    private const int FileTypeMask = 0xf000; // S_IFMT
    private const int RegularFile = 0x8000; // S_IFREG
    private const int ReadByOthers = 4; // S_IROTH

    /// <summary>The first <paramref name="most"/> bytes as text; null where the process could not read it, or there is no such file.</summary>
    public static string? Read(int pid, string path, int most)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var owner = UserOf(pid);
        var descriptor = Libc.open(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/root"), O_PATH | O_DIRECTORY | Posix.O_CLOEXEC, 0);
        if (owner is null || descriptor < 0)
        {
            return null;
        }

        using var root = new SafeFileHandle(descriptor, ownsHandle: true);
        using var file = Open(root, path);
        return file is not null && MayRead(file, owner.Value) ? Text(file, most) : null;
    }

    private static unsafe SafeFileHandle? Open(SafeFileHandle root, string path)
    {
        var how = stackalloc ulong[3] { Posix.O_CLOEXEC | Posix.O_NONBLOCK, 0, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
        fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'))
        {
            var descriptor = Libc.syscall(OpenAt2, root.DangerousGetHandle(), name, how, 3 * sizeof(ulong));
            return descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);
        }
    }

    private static unsafe bool MayRead(SafeFileHandle file, uint user)
    {
        Span<byte> statx = stackalloc byte[256];
        fixed (byte* start = statx, empty = "\0"u8)
        {
            if (Libc.statx((int)file.DangerousGetHandle(), empty, AT_EMPTY_PATH, STATX_BASIC, start) < 0)
            {
                return false;
            }
        }

        var owner = BitConverter.ToUInt32(statx[20..]);
        var mode = BitConverter.ToUInt16(statx[28..]);
        return (mode & FileTypeMask) == RegularFile && (user == 0 || user == owner || (mode & ReadByOthers) != 0);
    }

    private static string Text(SafeFileHandle file, int most)
    {
        var buffer = new byte[Math.Min(most, (int)Math.Min(RandomAccess.GetLength(file), int.MaxValue))];
        var length = RandomAccess.Read(file, buffer, 0);
        return Encoding.UTF8.GetString(buffer, 0, length);
    }

    /// <summary>The user it acts as: the second number behind <c>Uid:</c>.</summary>
    private static uint? UserOf(int pid)
    {
        var status = KernelFile.Read(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/status")) ?? "";
        var line = status.Split('\n').FirstOrDefault(text => text.StartsWith("Uid:", StringComparison.Ordinal))?.Split('\t');
        return line is { Length: > 2 } && uint.TryParse(line[2], out var user) ? user : null;
    }
}

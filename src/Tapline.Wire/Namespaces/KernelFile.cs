using System.Text;
using Microsoft.Win32.SafeHandles;
using Tapline.Wire.Interop;

namespace Tapline.Wire.Namespaces;

/// <summary>
/// Files below /proc and /sys by bare system calls: they have no size, need no lock, and a host with 200 ports has thousands of them.
/// What is below /proc/self/net and /proc/sys/net is of the calling thread's namespace by way of /proc/thread-self.
/// </summary>
public static class KernelFile
{
    private const int Piece = 4096;

    /// <summary>The text; null where there is no such file, or it may not be read, or what it tells of has ended.</summary>
    public static string? Read(string path)
    {
        var descriptor = Libc.open(path, Posix.O_CLOEXEC, 0);
        if (descriptor < 0)
        {
            return null;
        }

        using var file = new SafeFileHandle(descriptor, ownsHandle: true);
        return ReadAll(file);
    }

    private static unsafe string? ReadAll(SafeFileHandle file)
    {
        Span<byte> first = stackalloc byte[Piece];
        List<byte>? rest = null;
        while (true)
        {
            nint length;
            fixed (byte* start = first)
            {
                length = Libc.read(file, start, Piece);
            }

            if (length < 0)
            {
                return null;
            }

            // A short piece is the end of most of these files, but not of those that the kernel makes line by line.
            if (length == 0)
            {
                return rest is null ? "" : Encoding.UTF8.GetString([.. rest]);
            }

            rest ??= [];
            rest.AddRange(first[..(int)length]);
        }
    }
}

using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Tapline.Wire.Interop;

/// <summary>Kernel numbers named as in the headers, and the checks every raw call needs.</summary>
internal static unsafe class Posix
{
    internal const int ENOENT = 2;
    internal const int ESRCH = 3;
    internal const int EINTR = 4;
    internal const int EAGAIN = 11;
    internal const int EACCES = 13;
    internal const int EEXIST = 17;
    internal const int ENODEV = 19;
    internal const int EINVAL = 22;
    internal const int EOPNOTSUPP = 95;
    internal const int EADDRNOTAVAIL = 99;
    internal const int ENETUNREACH = 101;
    internal const int ENOBUFS = 105;
    internal const int EHOSTUNREACH = 113;

    internal const int O_RDONLY = 0;
    internal const int O_RDWR = 2;
    internal const int O_NONBLOCK = 0x800;
    internal const int O_CLOEXEC = 0x80000;

    internal const int AF_INET = 2;
    internal const int AF_INET6 = 10;
    internal const int AF_NETLINK = 16;
    internal const int AF_PACKET = 17;
    internal const int SOCK_DGRAM = 2;
    internal const int SOCK_RAW = 3;
    internal const int SOCK_CLOEXEC = 0x80000;
    internal const int SOL_SOCKET = 1;
    internal const int SO_SNDBUF = 7;
    internal const int SO_RCVBUF = 8;
    internal const int SO_TIMESTAMPNS = 35;
    internal const int MSG_DONTWAIT = 0x40;
    internal const int MSG_TRUNC = 0x20;
    internal const short POLLIN = 1;

    internal static int LastError => Marshal.GetLastPInvokeError();

    internal static string Describe(int errno) => Marshal.GetPInvokeErrorMessage(errno);

    /// <summary>A non-negative result, or an <see cref="IOException"/> saying what was attempted and why it failed.</summary>
    internal static int Check(int result, string attempted)
    {
        if (result < 0)
        {
            var errno = LastError;
            throw new IOException($"{attempted}: {Describe(errno)}", errno);
        }

        return result;
    }

    internal static SafeFileHandle OpenFile(string path, int flags) =>
        new(Check(Libc.open(path, flags | O_CLOEXEC, 0), $"open {path}"), ownsHandle: true);

    internal static void SetOption(SafeHandle fd, int level, int option, int value, string attempted) =>
        Check(Libc.setsockopt(fd, level, option, &value, sizeof(int)), attempted);

    /// <summary>Waits until the descriptor is readable; false after the timeout (negative = for ever).</summary>
    internal static bool WaitReadable(SafeHandle fd, int timeoutMilliseconds)
    {
        var descriptor = new Libc.PollDescriptor { Descriptor = (int)fd.DangerousGetHandle(), Events = POLLIN };
        var deadline = Environment.TickCount64 + timeoutMilliseconds;
        while (true)
        {
            var left = timeoutMilliseconds < 0 ? -1 : (int)Math.Max(0, deadline - Environment.TickCount64);
            var result = Libc.poll(&descriptor, 1, left);
            if (result >= 0 || LastError != EINTR)
            {
                return Check(result, "poll") > 0;
            }
        }
    }
}

using System.Text;
using Microsoft.Win32.SafeHandles;
using Tapline.Wire.Interop;

namespace Tapline.Wire.Namespaces;

/// <summary>
/// Kernel parameters under /proc/sys, which resolves "net" by the namespace of the calling task: each call is made on a
/// thread inside the namespace. Paths are relative, with slashes: "net/ipv4/ip_forward".
/// </summary>
public static class Sysctl
{
    /// <summary>The value without its final line feed, or null where this kernel or namespace has no such parameter.</summary>
    public static string? Read(NetNamespace ns, string path)
    {
        ArgumentNullException.ThrowIfNull(ns);
        return ns.Run(() => ReadHere(path));
    }

    /// <summary>Several values on one thread; parameters that do not exist are absent from the answer.</summary>
    public static IReadOnlyDictionary<string, string> ReadMany(NetNamespace ns, IEnumerable<string> paths)
    {
        ArgumentNullException.ThrowIfNull(ns);
        return ns.Run(() => ReadManyHere(paths));
    }

    /// <summary>The same in the namespace of the calling thread.</summary>
    public static IReadOnlyDictionary<string, string> ReadManyHere(IEnumerable<string> paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var path in paths)
        {
            if (ReadHere(path) is { } value)
            {
                values[path] = value;
            }
        }

        return values;
    }

    /// <summary>Sets one value; throws <see cref="IOException"/> naming the parameter if the kernel refuses.</summary>
    public static void Write(NetNamespace ns, string path, string value)
    {
        ArgumentNullException.ThrowIfNull(ns);
        ns.Run(() => WriteHere(path, value));
    }

    /// <summary>Sets several values on one thread, in order; stops at the first that the kernel refuses.</summary>
    public static void WriteMany(NetNamespace ns, IEnumerable<KeyValuePair<string, string>> values)
    {
        ArgumentNullException.ThrowIfNull(ns);
        ns.Run(() =>
        {
            foreach (var (path, value) in values)
            {
                WriteHere(path, value);
            }
        });
    }

    /// <summary>By bare system calls: a host with 200 ports has over a thousand of them, all read each second.</summary>
    private static unsafe string? ReadHere(string path)
    {
        const int Longest = 4096;
        var descriptor = Libc.open(FullPath(path), Posix.O_CLOEXEC, 0);
        if (descriptor < 0 && Posix.LastError == Posix.ENOENT)
        {
            return null;
        }

        using var file = new SafeFileHandle(Posix.Check(descriptor, $"open sysctl {path}"), ownsHandle: true);
        var buffer = stackalloc byte[Longest];
        var length = Posix.Check((int)Libc.read(file, buffer, Longest), $"read sysctl {path}");
        return Encoding.ASCII.GetString(buffer, length).TrimEnd('\n');
    }

    private static unsafe void WriteHere(string path, string value)
    {
        // One write(2) exactly: sysctl files take each write as a whole value.
        using var file = Posix.OpenFile(FullPath(path), 1);
        var bytes = Encoding.ASCII.GetBytes(value);
        fixed (byte* start = bytes)
        {
            Posix.Check((int)Libc.write(file, start, bytes.Length), $"set sysctl {path} to \"{value}\"");
        }
    }

    private static string FullPath(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return path.Contains("..", StringComparison.Ordinal) || path[0] == '/'
            ? throw new ArgumentException($"\"{path}\" is not a relative sysctl path", nameof(path))
            : $"/proc/sys/{path}";
    }
}

using System.Runtime.ExceptionServices;
using Microsoft.Win32.SafeHandles;
using Tapline.Wire.Interop;
using Tapline.Wire.Netlink;

namespace Tapline.Wire.Namespaces;

/// <summary>
/// A network namespace held open by a descriptor. Work inside it runs on a fresh thread that ends with the work, so no
/// other thread of the process ever changes its namespace; sockets opened there stay there and may be used from anywhere.
/// </summary>
public sealed class NetNamespace : IDisposable
{
    private const int CLONE_NEWNET = 0x40000000;
    private const int MS_BIND = 4096;
    private const int MNT_DETACH = 2;
    private const nuint NS_GET_NSTYPE = 0xb703;
    private const int AT_EMPTY_PATH = 0x1000;
    private const uint STATX_INO = 0x100;
    private const int StatxInodeOffset = 32;
    private const int WorkerStack = 256 * 1024;

    private readonly SafeFileHandle _handle;

    private NetNamespace(SafeFileHandle handle, long inode)
    {
        _handle = handle;
        Inode = inode;
    }

    /// <summary>The namespace's identity: two objects with one inode are the same namespace.</summary>
    public long Inode { get; }

    /// <summary>The open descriptor, for netlink attributes such as IFLA_NET_NS_FD; valid until disposal.</summary>
    public int Descriptor => (int)_handle.DangerousGetHandle();

    /// <summary>Opens a namespace by a file that names it, such as one in /run/netns or /proc/PID/ns/net.</summary>
    public static NetNamespace Open(string path)
    {
        var handle = Posix.OpenFile(path, Posix.O_RDONLY);
        try
        {
            return new NetNamespace(handle, InodeOf(handle, path));
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>The namespace of the calling thread.</summary>
    public static NetNamespace Current() => Open("/proc/thread-self/ns/net");

    /// <summary>Makes a new namespace that nothing but the returned descriptor holds: it ends with it, or with the process, and all its devices.</summary>
    public static NetNamespace CreateHeld() => OnOwnThread(() =>
    {
        Posix.Check(Libc.unshare(CLONE_NEWNET), "make a new network namespace");
        return Current();
    });

    /// <summary>Makes a new namespace, pinned by a bind mount at <paramref name="path"/>, its loopback up.</summary>
    public static void Create(string path)
    {
        if (Path.GetDirectoryName(path) is { Length: > 0 } directory)
        {
            Directory.CreateDirectory(directory);
        }

        // Exclusive: pinning over another namespace's file would hide it.
        using (new FileStream(path, FileMode.CreateNew))
        {
        }

        try
        {
            OnOwnThread(() => { CreateHere(path); return true; });
        }
        catch
        {
            Delete(path);
            throw;
        }
    }

    /// <summary>Unpins a namespace; it ends when its last process, socket and descriptor are gone. Absent is success.</summary>
    public static void Delete(string path)
    {
        if (Libc.umount2(path, MNT_DETACH) < 0 && Posix.LastError is not (Posix.EINVAL or Posix.ENOENT))
        {
            Posix.Check(-1, $"unmount the namespace file {path}");
        }

        File.Delete(path);
    }

    /// <summary>Runs the work inside the namespace and hands back its result or its exception.</summary>
    public T Run<T>(Func<T> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        return OnOwnThread(() =>
        {
            Posix.Check(Libc.setns(_handle, CLONE_NEWNET), $"enter network namespace {Inode}");
            return work();
        });
    }

    /// <inheritdoc cref="Run{T}(Func{T})"/>
    public void Run(Action work)
    {
        ArgumentNullException.ThrowIfNull(work);
        Run(() => { work(); return true; });
    }

    /// <summary>
    /// Runs the work for each item inside its namespace, one after the other on one fresh thread: entering costs a tenth of a thread.
    /// The items are taken one at a time, on that thread. Where a namespace may not be entered, <paramref name="refused"/> is told; the
    /// caller's own needs no permission.
    /// </summary>
    public static void RunInEach<T>(IEnumerable<T> items, Func<T, NetNamespace> namespaceOf, Action<T> work, Action<T, IOException> refused)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(namespaceOf);
        ArgumentNullException.ThrowIfNull(work);
        ArgumentNullException.ThrowIfNull(refused);
        OnOwnThread(() =>
        {
            using var own = Current();
            var present = own.Inode;
            foreach (var item in items)
            {
                var ns = namespaceOf(item);
                if (ns.Inode != present && Libc.setns(ns._handle, CLONE_NEWNET) < 0)
                {
                    refused(item, new IOException($"enter network namespace {ns.Inode}: {Posix.Describe(Posix.LastError)}", Posix.LastError));
                    continue;
                }

                present = ns.Inode;
                work(item);
            }

            return true;
        });
    }

    public void Dispose() => _handle.Dispose();

    /// <summary>A socket of the given namespace, or of the calling thread's if none is given.</summary>
    internal static int OpenSocket(NetNamespace? ns, int domain, int type, int protocol, string what)
    {
        int Make() => Posix.Check(Libc.socket(domain, type | Posix.SOCK_CLOEXEC, protocol), $"open {what}");
        return ns is null ? Make() : ns.Run(Make);
    }

    private static unsafe void CreateHere(string path)
    {
        Posix.Check(Libc.unshare(CLONE_NEWNET), "make a new network namespace");
        Posix.Check(Libc.mount("/proc/thread-self/ns/net", path, "none", MS_BIND, null), $"pin a network namespace at {path}");
        using var route = RouteSocket.Open();
        route.SetLink("lo", new LinkChange { Up = true });
    }

    private static T OnOwnThread<T>(Func<T> work)
    {
        T? result = default;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                result = work();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        }, WorkerStack)
        { IsBackground = true, Name = "netns" };
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result!; // set unless failure was, which threw
    }

    private static unsafe long InodeOf(SafeFileHandle handle, string path)
    {
        if (Libc.ioctl(handle, NS_GET_NSTYPE, null) != CLONE_NEWNET)
        {
            throw new IOException($"{path} is not a network namespace");
        }

        Span<byte> statx = stackalloc byte[256];
        fixed (byte* start = statx, empty = "\0"u8)
        {
            Posix.Check(Libc.statx((int)handle.DangerousGetHandle(), empty, AT_EMPTY_PATH, STATX_INO, start), $"stat {path}");
        }

        return BitConverter.ToInt64(statx[StatxInodeOffset..]);
    }
}

using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Tapline.Wire.Interop;
using Tapline.Wire.Namespaces;

namespace Tapline.Wire.Packets;

/// <summary>
/// A TAP device held open: what is written to it comes in from the "wire", what the kernel sends out of it is read. Made in its
/// namespace by opening, or taken over if one of that name exists unheld. It is gone when closed, unless it was persistent.
/// </summary>
public sealed unsafe class TapDevice : IDisposable
{
    private const nuint TUNSETIFF = 0x400454ca;
    private const ushort IFF_TAP = 0x0002;
    private const ushort IFF_NO_PI = 0x1000;
    private const int NameLength = 16;
    private const int MaxFrame = 65_536 + 18;

    private readonly SafeFileHandle _handle;
    private readonly byte[] _buffer = new byte[MaxFrame];

    private TapDevice(SafeFileHandle handle, string name)
    {
        _handle = handle;
        Name = name;
    }

    public string Name { get; }

    /// <summary>
    /// Opens in the namespace (the calling thread's if none is given); throws <see cref="IOException"/> without /dev/net/tun or
    /// the right to it.
    /// </summary>
    public static TapDevice Open(NetNamespace? ns, string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return ns is null ? OpenHere(name) : ns.Run(() => OpenHere(name));
    }

    /// <summary>Lets one frame come in from the wire.</summary>
    public void Write(ReadOnlySpan<byte> frame)
    {
        fixed (byte* start = frame)
        {
            Posix.Check((int)Libc.write(_handle, start, frame.Length), $"write a frame of {frame.Length} bytes to {Name}");
        }
    }

    /// <summary>The next frame that the kernel sent out of the device, or null after the timeout (negative = wait for ever).</summary>
    public byte[]? Read(int timeoutMilliseconds)
    {
        if (!Posix.WaitReadable(_handle, timeoutMilliseconds))
        {
            return null;
        }

        fixed (byte* start = _buffer)
        {
            var length = Libc.read(_handle, start, _buffer.Length);
            return length < 0 && Posix.LastError is Posix.EAGAIN or Posix.EINTR
                ? null
                : _buffer.AsSpan(0, Posix.Check((int)length, $"read from {Name}")).ToArray();
        }
    }

    public void Dispose() => _handle.Dispose();

    private static TapDevice OpenHere(string name)
    {
        if (Encoding.ASCII.GetByteCount(name) >= NameLength)
        {
            throw new ArgumentException($"\"{name}\" cannot name a link: more than 15 characters", nameof(name));
        }

        var handle = Posix.OpenFile("/dev/net/tun", Posix.O_RDWR | Posix.O_NONBLOCK);
        try
        {
            var request = new InterfaceRequest { Flags = IFF_TAP | IFF_NO_PI };
            Encoding.ASCII.GetBytes(name, new Span<byte>(request.Name, NameLength));
            Posix.Check(Libc.ioctl(handle, TUNSETIFF, &request), $"open TAP device {name}");
            return new TapDevice(handle, name);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>struct ifreq: a name and a union of 24 bytes, here flags.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 40)]
    private struct InterfaceRequest
    {
        public fixed byte Name[NameLength];
        public ushort Flags;
    }
}

using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Tapline.Wire.Interop;
using Tapline.Wire.Namespaces;

namespace Tapline.Wire.Netlink;

/// <summary>
/// Transmit checksum offload of a device, by the ethtool ioctl. Off on a veth's end means: the kernel finishes checksums and
/// segmentation before the frame leaves it, which a far end that is read as bytes (userspace Open vSwitch) needs.
/// </summary>
public static class Offload
{
    private const nuint SIOCETHTOOL = 0x8946;
    private const uint ETHTOOL_GTXCSUM = 0x16;
    private const uint ETHTOOL_STXCSUM = 0x17;
    private const uint ETHTOOL_STSO = 0x1f;
    private const uint ETHTOOL_GFLAGS = 0x25;
    private const uint ETH_FLAG_LRO = 1 << 15;
    private const int NameLength = 16;

    /// <summary>What <c>ethtool -K LINK tx off</c> does; throws <see cref="NetlinkException"/> if the link is not there.</summary>
    public static void TransmitOff(NetNamespace ns, string link) => TransmitOff(ns, [link]);

    /// <summary>The same for several links of one namespace over one socket; stops at the first refusal.</summary>
    public static void TransmitOff(NetNamespace ns, IEnumerable<string> links)
    {
        ArgumentNullException.ThrowIfNull(links);
        using var socket = Open(ns);
        foreach (var link in links)
        {
            Throw(Call(socket, link, ETHTOOL_STXCSUM, 0, out _), link, "turn transmit checksum offload off");
            var errno = Call(socket, link, ETHTOOL_STSO, 0, out _); // newer kernels drop it with the checksums
            Throw(errno == Posix.EOPNOTSUPP ? 0 : errno, link, "turn segmentation offload off");
        }
    }

    /// <summary>Whether the link offloads transmit checksums; null if there is no such link or it knows no such thing.</summary>
    public static bool? TransmitIsOn(NetNamespace ns, string link)
    {
        using var socket = Open(ns);
        return IsOn(socket, link);
    }

    /// <summary>The same for several links over one socket, of the calling thread's namespace if none is given; links of which nothing can be said are absent.</summary>
    public static IReadOnlyDictionary<string, bool> TransmitIsOn(NetNamespace? ns, IEnumerable<string> links) => Each(ns, links, IsOn);

    /// <summary>Whether links join received packets into larger ones (LRO), as <see cref="TransmitIsOn(NetNamespace?, IEnumerable{string})"/> tells of checksums.</summary>
    public static IReadOnlyDictionary<string, bool> LargeReceiveIsOn(NetNamespace? ns, IEnumerable<string> links) =>
        Each(ns, links, (socket, link) => Ask(socket, link, ETHTOOL_GFLAGS, "read offload flags") is { } flags ? (flags & ETH_FLAG_LRO) != 0 : null);

    private static Dictionary<string, bool> Each(NetNamespace? ns, IEnumerable<string> links, Func<SafeFileHandle, string, bool?> ask)
    {
        ArgumentNullException.ThrowIfNull(links);
        using var socket = Open(ns);
        var answers = new Dictionary<string, bool>(StringComparer.Ordinal);
        foreach (var link in links)
        {
            if (ask(socket, link) is { } on)
            {
                answers[link] = on;
            }
        }

        return answers;
    }

    private static bool? IsOn(SafeFileHandle socket, string link) =>
        Ask(socket, link, ETHTOOL_GTXCSUM, "read transmit checksum offload") is { } value ? value != 0 : null;

    /// <summary>Null where there is no such link, or it knows no such thing.</summary>
    private static uint? Ask(SafeFileHandle socket, string link, uint command, string what)
    {
        var errno = Call(socket, link, command, 0, out var value);
        if (errno is Posix.ENODEV or Posix.EOPNOTSUPP)
        {
            return null;
        }

        Throw(errno, link, what);
        return value;
    }

    private static SafeFileHandle Open(NetNamespace? ns) =>
        new(NetNamespace.OpenSocket(ns, Posix.AF_INET, Posix.SOCK_DGRAM, 0, "an ethtool socket"), ownsHandle: true);

    /// <summary>One ioctl; 0 or the errno.</summary>
    private static unsafe int Call(SafeFileHandle socket, string link, uint command, uint value, out uint answer)
    {
        var argument = stackalloc uint[2] { command, value };
        var request = new InterfaceRequest { Argument = argument };
        if (Encoding.ASCII.GetByteCount(link) >= NameLength)
        {
            throw new ArgumentException($"\"{link}\" cannot name a link: more than 15 characters", nameof(link));
        }

        Encoding.ASCII.GetBytes(link, new Span<byte>(request.Name, NameLength));
        var result = Libc.ioctl(socket, SIOCETHTOOL, &request);
        answer = argument[1];
        return result < 0 ? Posix.LastError : 0;
    }

    private static void Throw(int errno, string link, string attempted)
    {
        if (errno != 0)
        {
            throw new NetlinkException($"{attempted} on {link}", errno, null);
        }
    }

    /// <summary>struct ifreq: a name and a union of 24 bytes, here a pointer.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 40)]
    private unsafe struct InterfaceRequest
    {
        public fixed byte Name[NameLength];
        public void* Argument;
    }
}

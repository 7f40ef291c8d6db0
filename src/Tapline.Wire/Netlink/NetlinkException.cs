using Tapline.Wire.Interop;

namespace Tapline.Wire.Netlink;

/// <summary>The kernel refused a netlink request: what was attempted, its errno, and its own words where it gave any.</summary>
public sealed class NetlinkException(string attempted, int errno, string? kernelText)
    : Exception($"{attempted}: {Posix.Describe(errno)}{(kernelText is null ? "" : $" ({kernelText})")}")
{
    public string Attempted { get; } = attempted;

    public int Errno { get; } = errno;

    /// <summary>The text of the extended acknowledgement.</summary>
    public string? KernelText { get; } = kernelText;

    /// <summary>The thing named is not there: no such device, address, route, process or file.</summary>
    public bool IsAbsent => Errno is Posix.ENODEV or Posix.ENOENT or Posix.ESRCH or Posix.EADDRNOTAVAIL;

    /// <summary>The thing to be made exists.</summary>
    public bool IsExisting => Errno == Posix.EEXIST;
}

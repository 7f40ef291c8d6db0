using System.Net;
using System.Net.Sockets;

namespace Tapline.Wire.Netlink;

/// <summary>An address on a link.</summary>
public sealed record AddressInfo
{
    public required int LinkIndex { get; init; }

    public required IPAddress Address { get; init; }

    public required int PrefixLength { get; init; }

    /// <summary>RT_SCOPE_*: 0 global, 253 link, 254 host.</summary>
    public byte Scope { get; init; }

    /// <summary>IFA_F_* of linux/if_addr.h.</summary>
    public uint Flags { get; init; }

    /// <summary>Neither being checked for a duplicate nor found to be one.</summary>
    public bool IsUsable => (Flags & (IFA_F_DADFAILED | IFA_F_TENTATIVE)) == 0 || (Flags & IFA_F_OPTIMISTIC) != 0;

    public AddressFamily Family => Address.AddressFamily;

    private const uint IFA_F_OPTIMISTIC = 0x04;
    private const uint IFA_F_DADFAILED = 0x08;
    private const uint IFA_F_TENTATIVE = 0x40;
}

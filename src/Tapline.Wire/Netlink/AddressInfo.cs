using System.Net;
using System.Net.Sockets;

namespace Tapline.Wire.Netlink;

/// <summary>An address on a link.</summary>
public sealed record AddressInfo
{
    public required int LinkIndex { get; init; }

    public required IPAddress Address { get; init; }

    public required int PrefixLength { get; init; }

    public AddressFamily Family => Address.AddressFamily;
}

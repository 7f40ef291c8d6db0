using System.Buffers.Binary;
using System.Net;

namespace Tapline.Wire.Packets;

/// <summary>DHCP messages (RFC 2131) as UDP payloads, from client port 68 to server port 67.</summary>
public static class DhcpPayloads
{
    public const ushort ClientPort = 68;
    public const ushort ServerPort = 67;
    private const byte MessageType = 53;
    private const byte ServerIdentifier = 54;
    private const byte ClientIdentifier = 61;
    private const byte End = 255;
    private const byte Release = 7;

    /// <summary>DHCPRELEASE: the client gives its address back. The server answers nothing.</summary>
    public static byte[] DhcpRelease(
        IPAddress clientAddress, byte[] clientMac, IPAddress server, uint transaction, byte[]? clientIdentifier = null)
    {
        ArgumentNullException.ThrowIfNull(clientAddress);
        ArgumentNullException.ThrowIfNull(clientMac);
        ArgumentNullException.ThrowIfNull(server);
        List<byte> options = [0x63, 0x82, 0x53, 0x63, MessageType, 1, Release, ServerIdentifier, 4, .. server.GetAddressBytes()];
        if (clientIdentifier is { } identifier)
        {
            options.AddRange([ClientIdentifier, (byte)identifier.Length, .. identifier]);
        }

        options.Add(End);
        var message = new byte[Math.Max(300, 236 + options.Count)]; // BOOTP's least length
        message[0] = 1; // BOOTREQUEST
        message[1] = 1; // Ethernet
        message[2] = 6;
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(4), transaction);
        clientAddress.GetAddressBytes().CopyTo(message, 12);
        clientMac.CopyTo(message, 28);
        options.CopyTo(message, 236);
        return message;
    }
}
